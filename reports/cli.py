"""The command line of the post-step: ``python -m reports COMMAND``."""

import typer

from extract.cli import run
from extract.warehouse import warehouse_path

app = typer.Typer(
    name="reports",
    help="Test the marts for significance, render the report, export the lineage network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root() -> None:
    """Keep every command named, however many there are."""


@app.command("test")
def run_significance_tests() -> None:
    """Test the questions of the study and audit the published claims: stats.significance_tests, stats.claim_audit."""
    from reports.claims.audit import audit_claims  # noqa: PLC0415 - scipy takes a second to load
    from reports.significance.runner import run_tests  # noqa: PLC0415 - as above

    for write in (run_tests, audit_claims):
        for line in write(warehouse_path()).lines():
            print(line)


def main() -> None:
    """Run the command line; an error that a user can act on becomes one line and exit code 1 or 2."""
    run(app)
