"""The command line of the extractors: ``python -m extract COMMAND``."""

import sys

import typer

from extract.errors import ModelkinError, UsageError

app = typer.Typer(
    name="extract",
    help="Write raw Hub metadata, fingerprints and published results into the warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root() -> None:
    """Keep every command named, however many there are."""


def main() -> None:
    """Run the command line; an error that a user can act on becomes one line and exit code 1 or 2."""
    run(app)


def run(application: typer.Typer) -> None:
    """Run a typer application with Modelkin's error and interrupt handling."""
    try:
        application()
    except ModelkinError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        print("Interrupted; what was finished is kept, run the same command again to go on.", file=sys.stderr)
        sys.exit(130)
