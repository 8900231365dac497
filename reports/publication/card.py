"""The card of a published data set: what its tables and columns are, and where its data come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of a published table, with the description that the marts carry."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A published table, and the file that holds it."""

    schema: str
    name: str
    file: str
    n_rows: int
    sha256: str
    description: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Source:
    """What one kind of run brought: how many runs of it, of which hub, from when to when."""

    name: str
    endpoint: str | None
    n_runs: int
    first: str
    last: str
    is_synthetic: bool


def card(tables: Sequence[Table], sources: Sequence[Source], build_id: str, built_at: str, version: str) -> str:
    """Return the card as Markdown, with the header that the Hub reads."""
    return "\n".join([*_header(tables), *_overview(sources, build_id, built_at, version), *_dictionary(tables)]) + "\n"


def _header(tables: Sequence[Table]) -> Iterator[str]:
    yield from ("---", "pretty_name: Families of models on the Hugging Face Hub", "license: other")
    yield from ("license_name: see-the-sources", "tags: [modelkin, lineage]", "configs:")
    for table in tables:
        yield from (f"- config_name: {table.schema}.{table.name}", f"  data_files: {table.file}")
    yield "---"


def _overview(sources: Sequence[Source], build_id: str, built_at: str, version: str) -> Iterator[str]:
    yield from ("# Families of models on the Hugging Face Hub", "")
    yield f"Made by Modelkin {version} from the build `{build_id}` of {built_at} UTC. Every table is one Parquet file:"
    yield from ("", "```sql", "select * from 'data/marts/dim_models.parquet' limit 10;", "```", "")
    yield from ("`SHA256SUMS` has the checksums; `sha256sum --check SHA256SUMS` compares them.", "")
    yield from (
        "## Where the data come from",
        "",
        "| source | hub | runs | from | to | made up |",
        "|---|---|---|---|---|---|",
    )
    for one in sources:
        made_up = "yes" if one.is_synthetic else "no"
        yield f"| {one.name} | {_cell(one.endpoint or '')} | {one.n_runs} | {one.first} | {one.last} | {made_up} |"
    yield from (
        "",
        "The facts were stated by the authors of the models or counted by the Hub; each source has its own terms, "
        "which hold for what came from it. Verdicts on licences compare what is stated, and are no legal advice.",
        "",
    )


def _dictionary(tables: Sequence[Table]) -> Iterator[str]:
    yield from ("## Tables", "")
    for table in tables:
        yield from (f"### {table.schema}.{table.name}", "", " ".join(table.description.split()), "")
        yield from (f"{table.n_rows:,} rows, `{table.file}`.", "", "| column | type | description |", "|---|---|---|")
        yield from (f"| {column.name} | {column.type} | {_cell(column.description)} |" for column in table.columns)
        yield ""


def _cell(text: str) -> str:
    """Return a text as one cell of a table, on one line and without what would end the cell or begin a tag."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
