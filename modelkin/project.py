"""Where the dbt project lies: the root of a checkout, or a folder of the installed package."""

from pathlib import Path
from typing import Final

_INSTALLED: Final = "dbt_project"
"""Folder of this package that a wheel puts the dbt project into; ``pyproject.toml`` names it too."""


def is_checkout() -> bool:
    """Return whether Modelkin runs from a checkout, and not from what a wheel installed."""
    return not (Path(__file__).resolve().parent / _INSTALLED).is_dir()


def project_folder() -> Path:
    """Return the folder with ``dbt_project.yml`` and ``profiles.yml``."""
    package = Path(__file__).resolve().parent
    return package.parent if is_checkout() else package / _INSTALLED
