"""The whole of Modelkin on the miniature Hub, offline: ``modelkin demo``."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from minihub.catalogue import ASTER, BOREALIS, CEDAR, DUNE, SEED_TWIN, UNDECLARED
from modelkin.command_line import command_group, require_models_extra

BASE_MODELS: Final = (ASTER, BOREALIS, CEDAR, DUNE)
"""The models from which everything on the miniature Hub that has a family descends."""
WITHOUT_RELATIVES: Final = (UNDECLARED, SEED_TWIN)
"""Models that name no parent and that no model names: no crawl of descendants would find them."""
DEPTH: Final = 5
BOTTOM_K: Final = 128
"""Its vocabularies are small, so the sets of least likely tokens are too."""

_MODELKIN: Final = (sys.executable, "-P", "-m", "modelkin")

app = command_group("demo", "Modelkin on the miniature Hub.")


@app.command("demo")
def demo_command(
    study: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the study; default: minihub.")] = None,
    extract_only: Annotated[
        bool, typer.Option("--extract-only", help="Stop after the raw data is written; build and report nothing.")
    ] = False,
) -> None:
    """Do everything once on a miniature Hub.

    It makes the miniature Hub on this machine, crawls and measures it, reads sketches of its weights,
    builds and tests the marts, and writes the report. It needs the extra `models` and no network. The
    models are synthetic; the report says so.

    Example: modelkin --db demo.duckdb demo
    """
    require_models_extra("The models of the miniature Hub")
    bases = _base_models(BASE_MODELS)
    crawled = _base_models((*BASE_MODELS, *WITHOUT_RELATIVES))
    named = ["--study", study] if study else []
    _do("extract", "minihub", "run", "--", *_MODELKIN, "extract", "hub", *crawled, "--depth", str(DEPTH), "--cards")
    measure = ("extract", "overlap", *bases, "--bottom-k", str(BOTTOM_K), *named)
    _do("extract", "minihub", "run", "--", *_MODELKIN, *measure)
    _do("extract", "minihub", "run", "--", *_MODELKIN, "extract", "weights")
    if not extract_only:
        _do("build")
        _do("report")


def _base_models(model_ids: Sequence[str]) -> list[str]:
    return [word for model_id in model_ids for word in ("--base-model", model_id)]


def _do(*words: str) -> None:
    """Run a command of Modelkin in a process of its own; end as it ends where it fails.

    Ctrl-C reaches it from the terminal and is its own to answer.
    """
    code = _code_of([*_MODELKIN, *words])
    if code:
        raise typer.Exit(code)


def _code_of(command: Sequence[str]) -> int:
    with subprocess.Popen(command) as child:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            code = child.wait() or 130
    return code if code >= 0 else 128 - code
