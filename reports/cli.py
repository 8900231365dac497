"""The command line of the post-step: ``python -m reports COMMAND``."""

from pathlib import Path
from typing import Annotated

import typer

from modelkin.command_line import report, run
from modelkin.warehouse import warehouse_path

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
    """Test the questions of the study and audit the published claims: stats.significance_tests, stats.claim_audit.

    Example: python -m reports test
    """
    from reports.claims.audit import audit_claims  # noqa: PLC0415 - scipy takes a second to load
    from reports.significance.runner import run_tests  # noqa: PLC0415 - as above

    for write in (run_tests, audit_claims):
        for line in write(warehouse_path()).lines():
            print(line)


@app.command("render")
def render_command(
    out: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="Where the pages go; report.LANGUAGE.md and figures/ go beside it."),
    ] = Path("build/site"),
    locale: Annotated[str, typer.Option(metavar="en|zh|all", help="Language of the report.")] = "all",
) -> None:
    """Render the report from the marts and stats: pages, one Markdown file a language, and figures.

    The pages are read from file://, offline. Files of an earlier render that no longer belong are removed.

    Example: python -m reports render --out build/site --locale all
    """
    from reports.site.render import render  # noqa: PLC0415 - Altair takes a second to load

    rendered = render(warehouse_path(), out, locale)
    reports = " and ".join(str(path) for path in rendered.reports)
    report(
        f"Wrote {rendered.index} ({rendered.n_pages} pages), {reports}, "
        f"and {rendered.n_figures} pictures in {out.parent / 'figures'}.",
        rendered.notes,
    )


@app.command("export")
def export_command(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the files go.")] = Path("build/exports"),
) -> None:
    """Measure the lineage network (stats.model_graph) and write it as CSV, GraphML, JSON and Parquet.

    edges.csv and metadata.csv open in Cosmograph and Gephi.

    Example: python -m reports export --out build/exports
    """
    from reports.network.exports import export_network  # noqa: PLC0415 - rustworkx takes a moment to load
    from reports.network.measures import write_model_graph  # noqa: PLC0415 - as above

    n_measured = write_model_graph(warehouse_path())
    export = export_network(warehouse_path(), out)
    report(
        f"Wrote {export.n_nodes:,} models and {export.n_edges:,} edges to {export.folder} "
        f"({', '.join(file.name for file in export.files)}); measured {n_measured:,} models in stats.model_graph."
    )


def main() -> None:
    """Run the command line; an error that a user can act on becomes one line and exit code 1 or 2."""
    run(app)
