"""The command line of the post-step: ``modelkin test|report|export``, or ``python -m reports COMMAND``."""

from pathlib import Path
from typing import Annotated

import typer

from modelkin.command_line import command_group, count, report, require_extra, run
from modelkin.errors import UsageError
from modelkin.model_ids import model_id_problem
from modelkin.printable import tell, tell_text

app = command_group("reports", "Test the marts for significance, render the report, export the lineage network.")

front = command_group("front", "Test, report and export.")
"""The same as ``modelkin`` offers it: ``report`` tests and renders in one."""


Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder for all of the report; default: build/site, and build/site-NAME for another warehouse than "
        "data/modelkin.duckdb.",
    ),
]
Locale = Annotated[str, typer.Option(metavar="en|zh|all", help="Language of the report; all: every language.")]


@front.command("test")
@app.command("test")
def run_significance_tests() -> None:
    """Test which differences are significant.

    It writes stats.significance_tests, then audits the published claims (stats.claim_audit), then finds
    parents by the weights (stats.weight_trees, merge_recipes and lineage_verdicts). Last it estimates
    how long models and families stay on the Hub (stats.survival).

    Example: modelkin test
    """
    from modelkin.database import connect, warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from modelkin.publishing import sole_writer, working_copy  # noqa: PLC0415 - needed here alone

    path = warehouse_path()
    with connect(path, read_only=True):
        pass  # a warehouse that does not exist is an error here
    with sole_writer(path), working_copy(path) as copy:
        lines = write_stats(copy.path)
        copy.publish(keep_former=False)
    tell(*lines)


def write_stats(path: Path) -> list[str]:
    """Make the tables of ``stats`` from the marts at ``path``; return the lines that say what was found."""
    from modelkin.digests import record_digest  # noqa: PLC0415 - DuckDB takes a moment to load
    from reports.claims.audit import audit_claims  # noqa: PLC0415 - scipy takes a second to load
    from reports.kinship.runner import write_kinship  # noqa: PLC0415 - as above
    from reports.significance.runner import run_tests  # noqa: PLC0415 - as above
    from reports.survival.runner import write_survival  # noqa: PLC0415 - as above

    lines = run_tests(path).lines()
    audited = audit_claims(path)
    if audited.verdicts.get("not_testable", 0) < audited.n_claims:
        lines += audited.lines()
    lines += write_kinship(path).lines()
    lines += write_survival(path)
    return [*lines, f"The digest of the marts is {record_digest(path)}."]


def conclude_build(path: Path) -> list[str]:
    """Make the tables of ``stats`` after a build; nothing where the marts that they need were not built."""
    from modelkin.builds import tables_in  # noqa: PLC0415 - DuckDB takes a moment to load
    from modelkin.database import connect  # noqa: PLC0415 - as above

    with connect(path, read_only=True) as connection:
        is_built = tables_in(connection) >= {"marts.fct_overlaps", "marts.dim_published_claims"}
    return write_stats(path) if is_built else []


@app.command("render")
def render_command(out: Out = None, locale: Locale = "all") -> None:
    """Render the report from the marts and stats.

    It consists of pages (index.html is the first), report.LANGUAGE.md for each language, and pictures in
    figures/. The pages open from disk, without a server or a network. Files of an earlier render that
    no longer belong to the report are removed.

    Example: python -m reports render --out build/site --locale all
    """
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from reports.site.folders import site_folder  # noqa: PLC0415 - as above
    from reports.site.render import render  # noqa: PLC0415 - the templates take a moment to load

    rendered = render(warehouse_path(), out or site_folder(warehouse_path()), locale)
    reports = " and ".join(str(path) for path in rendered.reports)
    report(
        f"Wrote {rendered.index} ({rendered.n_pages} pages), {reports}, "
        f"and {rendered.n_figures} pictures in {rendered.figures}.",
        rendered.notes,
    )


@front.command("report")
def report_command(out: Out = None, locale: Locale = "all") -> None:
    """Render the report; test the marts first if they were not.

    The report consists of pages (index.html is the first), report.LANGUAGE.md for each language, and
    pictures in figures/. Tests and report read the same build, so the report never mixes the tests of
    one build with the marts of another. The pages open from disk, without a server or a network.

    Example: modelkin report --out build/site --locale all
    """
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from modelkin.status import read_status  # noqa: PLC0415 - as above

    if not read_status(warehouse_path()).has_stats:
        run_significance_tests()
    render_command(out, locale)


@app.command("serve")
def serve_command(
    out: Out = None,
    locale: Locale = "all",
    port: Annotated[int, typer.Option(metavar="N", help="The port; 0: any that is free.")] = 8000,
) -> None:
    """Serve the report on this machine, and render it again when the warehouse or the pages change.

    Only this machine can reach it. Ctrl-C ends it.

    Example: python -m reports serve --port 8000
    """
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from reports.serving import serve  # noqa: PLC0415 - needed here alone
    from reports.site.folders import site_folder  # noqa: PLC0415 - as above

    serve(warehouse_path(), out or site_folder(warehouse_path()), locale, port)


exporter = command_group(
    "export",
    """Measure the lineage network and write it to files.

    Measures go to stats.model_graph. The files are CSV, GraphML, JSON and Parquet: edges.csv and
    metadata.csv open in Cosmograph and Gephi. `export bom MODEL` writes one model instead.

    Example: modelkin export --out build/exports
    """,
)


@exporter.callback(invoke_without_command=True, no_args_is_help=False)
def export_command(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder for the files.")] = Path("build/exports"),
) -> None:
    """Export the network where no other command is named."""
    if context.invoked_subcommand is not None:
        return
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from reports.network.exports import export_network  # noqa: PLC0415 - rustworkx takes a moment to load
    from reports.network.measures import write_model_graph  # noqa: PLC0415 - as above

    n_measured = write_model_graph(warehouse_path())
    export = export_network(warehouse_path(), out)
    report(
        f"Wrote {export.n_nodes:,} models and {export.n_edges:,} edges to {export.folder} "
        f"({', '.join(file.name for file in export.files)}); measured the {n_measured:,} models on an edge "
        "in stats.model_graph."
    )


@exporter.command("bom")
def bom_command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The id of the model, such as Qwen/Qwen2.5-0.5B.")],
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it to this file; default: print it.")] = None,
    random_serial: Annotated[
        bool,
        typer.Option("--random-serial", help="Give it a random serial number; without it, one that its content gives."),
    ] = False,
) -> None:
    """Export one model as a bill of materials (CycloneDX 1.6, JSON).

    It names what the model descends from, as declared and as measured, with licences, commits and the
    confidence. The same build gives the same file. It needs the extra `bom`.

    Example: modelkin export bom demo-aster-lab/Aster-1M-Chat --out aster-chat.cdx.json
    """
    if problem := model_id_problem(model):
        raise UsageError(f"MODEL: {problem}.")
    require_extra("bom", "cyclonedx", "A bill of materials needs")
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from reports.bom.writing import model_bom  # noqa: PLC0415 - the library is an extra

    text = model_bom(warehouse_path(), model, random_serial=random_serial)
    if out is None:
        tell_text(text)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text + "\n", encoding="utf-8")
    report(f"Wrote {out}.")


@exporter.command("raw")
def raw_command(
    out: Annotated[
        str,
        typer.Option(metavar="FOLDER", help="Folder or address (s3://…) for the files; default: data/spark/raw."),
    ] = "data/spark/raw",
) -> None:
    """Export the raw tables as Parquet, for Spark.

    Each table is a folder, and each run in it a file, so the next export writes only the runs that came since.
    What a build would first count of fingerprints and weights is counted before. The build on Spark reads the files;
    docs/scale.md tells how.

    Example: modelkin export raw --out s3://bucket/raw
    """
    from modelkin.build import prepare  # noqa: PLC0415 - pyarrow takes a moment to load
    from modelkin.database import connect, warehouse_path  # noqa: PLC0415 - as does DuckDB
    from modelkin.raw_export import export_raw  # noqa: PLC0415 - as above

    with connect(warehouse_path(), read_only=True):
        pass  # a warehouse that does not exist is an error here, not made
    prepare(warehouse_path())
    done = export_raw(warehouse_path(), out)
    report(
        f"Wrote {count(done.n_written, 'file')} to {out}; {done.n_kept:,} were there already, "
        f"{done.n_removed:,} are gone with what was forgotten."
    )


app.add_typer(exporter)
front.add_typer(exporter)


@front.command("publish")
def publish_command(
    target: Annotated[
        str,
        typer.Argument(
            metavar="DIR|hf://datasets/OWNER/NAME",
            help="The folder, or the data set on the Hub; a former publication is replaced.",
        ),
    ],
) -> None:
    """Publish the marts as a data set of Parquet files.

    It holds one file per table, a card that describes them, and checksums. Any DuckDB, pandas or polars
    reads it without Modelkin. The new files take the place of a former publication at once, when all are
    written; tables that did not change are not written again. What may not be published is refused (see
    the list reports/publication/source_terms.csv). A data set on the Hub must exist; the token is the one
    that `hf auth login` stored, or HF_TOKEN.

    Example: modelkin publish build/dataset
    """
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load

    if target.startswith("hf:"):
        from reports.publication.hub import publish_to_hub  # noqa: PLC0415 - as does the Hub's library

        done = publish_to_hub(warehouse_path(), target)
    else:
        from reports.publication.publishing import publish  # noqa: PLC0415 - as above

        done = publish(warehouse_path(), Path(target))
    rows = sum(table.n_rows for table in done.tables)
    kept = f" ({done.n_kept} as they were)" if done.n_kept else ""
    report(f"Published {len(done.tables)} tables{kept} with {rows:,} rows in {target}; its README.md describes them.")


@front.command("open")
def open_command(
    source: Annotated[
        str, typer.Argument(metavar="DIR|URL", help="A published data set: a folder, or hf://, s3:// or https://.")
    ],
) -> None:
    """Open a published data set as a warehouse.

    The warehouse that --db names is made anew, and its marts are views of the published files: nothing is
    copied, and reports and other readers work. The files must stay where they are.

    Example: modelkin open hf://datasets/OWNER/NAME --db data/theirs.duckdb
    """
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from reports.publication.opening import open_publication  # noqa: PLC0415 - as above

    n_views = open_publication(source, warehouse_path())
    report(f"Made {warehouse_path()} with {count(n_views, 'view')} of {source}.")


def main() -> None:
    """Run the command line; an error that a user can act on becomes one sentence and exit code 1 or 2."""
    run(app)
