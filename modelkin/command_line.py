"""What every command line of Modelkin does alike: run, report, count, and take in the commands of other packages."""

import os
import re
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import ModuleType
from typing import Final

import typer

from modelkin.errors import ModelkinError, UsageError
from modelkin.log import VARIABLE, record
from modelkin.printable import tell, warn

COMMANDS: Final = "modelkin.commands"
"""The group of entry points in ``pyproject.toml`` by which packages above this one offer their commands.

So `modelkin extract minihub` exists although no package imports another.
"""

INTERRUPTED: Final = "Interrupted; what was finished is kept. Run the same command again to resume."

_DAMAGE: Final = re.compile("corrupt database file|does not match stored checksum|has been invalidated", re.IGNORECASE)

_EXTRA_MODULES: Final = ("torch", "transformers", "tokenizers", "safetensors", "peft")


def command_group(name: str, text: str, *, completion: bool = False) -> typer.Typer:
    """Return an empty application with the look that all of Modelkin's have: plain text, and -h for help.

    Plain text is copied from a terminal as it stands, and is there twice as fast as Rich's frames.
    """
    return typer.Typer(
        name=name,
        help=text,
        no_args_is_help=True,
        add_completion=completion,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )


def add_commands(application: typer.Typer, name: str, *, below: str | None = None) -> None:
    """Add the commands that a package offers under the entry point ``name`` to ``application``.

    They become sub-commands of ``below``, or stand beside those of ``application`` where it is None.
    Raises UsageError if no package offers them.
    """
    for entry in entry_points(group=COMMANDS, name=name):
        application.add_typer(entry.load(), name=below)
        return
    raise UsageError(f"The commands of {name} are not installed; install Modelkin again.")


def run(application: typer.Typer, arguments: Sequence[str] | None = None) -> None:
    """Run a typer application; an error that a user can act on and an interrupt become one sentence and an exit code.

    ``arguments`` default to those of the process.

    The codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
    """
    started = time.monotonic()
    try:
        record("start", arguments=list(sys.argv[1:] if arguments is None else arguments))
        _run(application, arguments)
    except SystemExit as stop:
        record("end", code=stop.code or 0, seconds=round(time.monotonic() - started, 3))
        raise
    except UsageError as error:  # the log cannot be written
        os.environ.pop(VARIABLE, None)
        _fail(str(error), 2)
    except Exception as error:
        record("fault", error=repr(error), traceback=traceback.format_exc())
        raise


def _run(application: typer.Typer, arguments: Sequence[str] | None) -> None:
    try:
        application(arguments)
    except ModelkinError as error:
        _fail(str(error), 2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt as interrupt:
        _say_interrupted(interrupt)
    except SystemExit as stop:
        # Typer turns Ctrl-C into a silent exit; a command that has answered it in its own words exits by itself.
        cause = getattr(stop.__context__, "__cause__", None)
        if isinstance(cause, KeyboardInterrupt):
            _say_interrupted(cause)
        raise
    except OSError as error:
        if error.strerror is None:
            raise
        place = f" {error.filename}" if error.filename else ""
        _fail(f"Cannot read or write{place}: {error.strerror}.", 1)
    except Exception as error:
        sentence = _database_problem(error)
        if sentence is None:
            raise
        record("fault", error=repr(error), traceback=traceback.format_exc())
        _fail(sentence, 1)


def _fail(sentence: str, code: int) -> None:
    warn(f"Error: {sentence}")
    sys.exit(code)


def _say_interrupted(interrupt: KeyboardInterrupt) -> None:
    warn(interrupt.args[0] if interrupt.args else INTERRUPTED)
    sys.exit(130)


def _database_problem(error: Exception) -> str | None:
    """Return a sentence for what DuckDB met in the file or outside, or None: other errors are faults of Modelkin."""
    duckdb = sys.modules.get("duckdb")
    if duckdb is None or not isinstance(error, duckdb.Error):
        return None
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    warehouse = os.environ.get("MODELKIN_DB") or "the warehouse"
    if isinstance(error, _damage_errors(duckdb)) or _DAMAGE.search(reason):
        return (
            f"A part of {warehouse} is damaged ({reason}); `modelkin doctor --thorough` names the table, and "
            "`modelkin rollback` brings the state before the last build back."
        )
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException):
        return (
            f"{warehouse} has other tables than this version of Modelkin reads ({reason}); run `modelkin build` again. "
            "If that changes nothing, it is a fault of Modelkin."
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return "DuckDB ran out of memory; close other programs, or give it less to do at once."
    # A transaction that cannot be written, on a disk that is full for example, is not an IOException.
    if isinstance(error, duckdb.IOException) or (isinstance(error, duckdb.TransactionException) and "write" in reason):
        words = reason.removeprefix("IO Error: ").removeprefix("TransactionContext Error: ")
        return f"DuckDB cannot read or write: {words}"
    return None


def _damage_errors(duckdb: ModuleType) -> tuple[type[Exception], ...]:
    """Return what DuckDB raises where a block has the right checksum, or none, and wrong contents."""
    return duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException


def require_models_extra(what: str) -> None:
    """Raise ModelkinError unless the libraries that load models are installed; ``what`` needs them, in the plural."""
    for name in _EXTRA_MODULES:
        require_extra("models", name, f"{what} need")


def require_extra(extra: str, module: str, needs: str) -> None:
    """Raise ModelkinError unless ``module`` of the extra is installed; ``needs`` begins the sentence."""
    if find_spec(module) is None:
        raise ModelkinError(f'{needs} {module}, which is not installed: pip install "modelkin[{extra}]".')


def report(summary: str, notes: Iterable[str] = ()) -> None:
    """Print notes on stderr and the one line that says what was done on stdout."""
    for note in notes:
        warn(f"Note: {note}")
    tell(summary)


def count(number: int, noun: str) -> str:
    """Return ``number`` and ``noun``, in the plural where it is not one: ``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
