"""Write the files of a render: whole or not at all, only what changed, and nothing outside the folder."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from modelkin.errors import InputError, UsageError

MANIFEST: Final = ".modelkin-files.json"
"""The list of what the last render wrote into a folder: the next one removes what no longer belongs, and no more."""

FIGURES: Final = "figures"
"""The folder of the picture files in the site."""


def write_site(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into ``folder``, and remove those of the last render that are no longer among them."""
    last = last_written(folder)
    for name, content in contents.items():
        write_file(folder / name, content)
    _finish(folder, last, {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()})


def write_pictures(folder: Path, pictures: Mapping[str, str]) -> None:
    """Write the drawings of the charts as SVG files, by their path without the ending."""
    write_site(folder, {f"{name}.svg": drawn.encode() for name, drawn in pictures.items()})


def last_written(folder: Path) -> dict[str, str]:
    """Return the files that the last render wrote into ``folder``, with a digest of each; none that lie elsewhere."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder with --out.")
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    root = folder.resolve()
    try:
        listed = dict(json.loads(path.read_text(encoding="utf-8")))
        return {name: str(digest) for name, digest in listed.items() if (root / name).resolve().is_relative_to(root)}
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is damaged; remove it, then render again.") from error


def write_file(path: Path, content: bytes) -> None:
    """Write one file, whole or not at all; one that already holds this is left as it is."""
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror or error}; name another folder with --out.") from error


def _finish(folder: Path, last: Mapping[str, str], written: Mapping[str, str]) -> None:
    """Remove what the last render wrote and this one did not, then list what this one wrote."""
    for name in sorted(set(last) - set(written)):
        (folder / name).unlink(missing_ok=True)
    write_file(folder / MANIFEST, (json.dumps(dict(sorted(written.items())), indent=0) + "\n").encode())
