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
    content: str
    """A digest of the rows, by which the next publication knows that it need not write the file again."""
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
    owner: str = "Not known"
    license: str = ""
    may_be_published: bool | None = None
    note: str = ""
    terms_url: str = ""


def card(tables: Sequence[Table], sources: Sequence[Source], build_id: str, built_at: str, version: str) -> str:
    """Return the card as Markdown, with the header that the Hub reads."""
    parts = (_header(tables, sources), _overview(sources, build_id, built_at, version), _dictionary(tables))
    return "\n".join(line for part in parts for line in part) + "\n"


def _header(tables: Sequence[Table], sources: Sequence[Source]) -> Iterator[str]:
    tags = ["modelkin", "lineage", *(["synthetic"] if any(one.is_synthetic for one in sources) else [])]
    yield from ("---", "pretty_name: Families of models on the Hugging Face Hub", "license: other")
    yield from ("license_name: see-the-sources", f"tags: [{', '.join(tags)}]", "configs:")
    for table in tables:
        yield from (f"- config_name: {table.schema}.{table.name}", f"  data_files: {table.file}")
    yield "---"


def _overview(sources: Sequence[Source], build_id: str, built_at: str, version: str) -> Iterator[str]:
    yield from ("# Families of models on the Hugging Face Hub", "")
    n_synthetic = sum(one.is_synthetic for one in sources)
    if n_synthetic:
        which = "All data here are" if n_synthetic == len(sources) else "A part of these data is"
        yield from (f"**{which} made up**: models and counts of a miniature Hub, which say nothing of real models.", "")
    yield f"Made by Modelkin {version} from the build `{build_id}` of {built_at} UTC. Every table is one Parquet file:"
    yield from ("", "```sql", "select * from 'data/marts/dim_models.parquet' limit 10;", "```", "")
    yield from ("`SHA256SUMS` has the checksums; `sha256sum --check SHA256SUMS` compares them.", "")
    yield from (
        "## Where the data come from",
        "",
        "| source | hub | runs | from | to | made up | owner | licence | may be published | note |",
        "|---|---|---|---|---|---|---|---|---|---|",
    )
    for one in sources:
        yield (
            f"| {one.name} | {_cell(one.endpoint or '')} | {one.n_runs} | {one.first} | {one.last} "
            f"| {_answer(one.is_synthetic)} | {_cell(one.owner)} | {_cell(one.license or 'not known')} "
            f"| {_answer(one.may_be_published)} | {_cell(f'{one.note} {one.terms_url}')} |"
        )
    yield from (
        "",
        "The facts were stated by the authors of the models or counted by the Hub; each source has its own terms, "
        "which hold for what came from it. Verdicts on licences compare what is stated, and are no legal advice.",
        "",
    )


def _answer(value: bool | None) -> str:
    return "not known" if value is None else "yes" if value else "no"


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
