"""What every command line of Modelkin does alike: run, report, count, and take in the commands of other packages."""

import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Final

import typer

from modelkin.errors import ModelkinError, UsageError

COMMANDS: Final = "modelkin.commands"
"""The group of entry points in ``pyproject.toml`` by which packages above this one offer their commands.

So `python -m extract minihub` exists although neither package imports the other.
"""


def add_commands(application: typer.Typer, name: str) -> None:
    """Add the commands that a package offers under ``name`` to ``application``; raise UsageError if none does."""
    for entry in entry_points(group=COMMANDS, name=name):
        application.add_typer(entry.load(), name=name)
        return
    raise UsageError(f"The commands of {name} are not installed; install Modelkin again (`make setup`).")


def run(application: typer.Typer) -> None:
    """Run a typer application with Modelkin's error and interrupt handling."""
    try:
        application()
    except ModelkinError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        print("Interrupted; what was finished is kept. Run the same command again to resume.", file=sys.stderr)
        sys.exit(130)


def report(summary: str, notes: Iterable[str] = ()) -> None:
    """Print notes on stderr and the one line that says what was done on stdout."""
    for note in notes:
        print(f"Note: {note}", file=sys.stderr)
    print(summary)


def count(number: int, noun: str) -> str:
    """Return ``number`` and ``noun``, in the plural where it is not one: ``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
