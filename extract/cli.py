"""The command line of the extractors: ``python -m extract COMMAND``."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

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


def report(summary: str, notes: Iterable[str] = ()) -> None:
    """Print notes on stderr and the one line that says what was done on stdout."""
    for note in notes:
        print(f"Note: {note}", file=sys.stderr)
    print(summary)


Study = Annotated[str, typer.Option("--study", metavar="NAME", help="Name of this set of measurements.")]


@app.command("import-overlap")
def import_overlap_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Published overlap results (CSV).")],
    study: Study,
    relation: Annotated[
        str | None,
        typer.Option(
            metavar="same|different",
            help="Relation of every pair; without it, _same or _diff in a file's name declares it, else nothing does.",
        ),
    ] = None,
) -> None:
    """Import published overlap results: all the files are checked, then written as one run.

    Columns: base_model_name, derived_model_name, num_pairs, avg_overlap_ratio, bottom_k_vocab_size,
    pair_scores_json, and where known base_model_downloads, derived_model_downloads. -1 or no prompt
    is a failed pair and is kept as one.

    Example: python -m extract import-overlap overlap_llama_same.csv overlap_llama_diff.csv --study original
    """
    from extract.importers.overlap_results import import_overlap  # noqa: PLC0415

    result = import_overlap(files, study, relation)
    n_rows = len(result.rows)
    report(
        f"Imported {_count(len(result.files), 'file')} into study {result.study_id}: {_count(n_rows, 'row')}, "
        f"{n_rows - result.n_failed:,} valid, {result.n_failed:,} failed (run {result.run_id}).",
        result.notes,
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
