"""The command ``modelkin``: everything that Modelkin does, from any folder."""

import os
import sys
from collections.abc import Sequence
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from modelkin.command_line import add_commands, command_group, run
from modelkin.errors import UsageError
from modelkin.printable import tell

app = command_group(
    "modelkin",
    "An analytical warehouse of Hugging Face model families: who descends from whom, who is downloaded, and how "
    "much of a base model's fingerprint its descendants keep.",
    completion=True,
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        tell(f"modelkin {metadata.version('modelkin')}")
        raise typer.Exit


@app.callback()
def _root(
    db: Annotated[
        Path | None,
        typer.Option(
            "--db", metavar="FILE", help="The warehouse file; default: MODELKIN_DB, else data/modelkin.duckdb."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version.")
    ] = False,
) -> None:
    if db is not None:
        if not db.name:
            raise UsageError("--db needs the name of a file.")
        os.environ["MODELKIN_DB"] = str(db)


builder = command_group("builder", "Build the marts.")


@builder.command("build", context_settings={"ignore_unknown_options": True})
def build_command(
    options: Annotated[
        list[str] | None, typer.Argument(metavar="[-- DBT OPTIONS]", help="Options for dbt build, after --.")
    ] = None,
    *,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Only what was observed by this day, such as 2025-06-30."),
    ] = None,
    known_by: Annotated[
        str | None,
        typer.Option("--known-by", metavar="DATE", help="Only what was loaded by this day, such as 2025-06-30."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The new warehouse for --as-of and --known-by.")
    ] = None,
) -> None:
    """Build the marts from the raw data with dbt, and test them.

    Their data is tested, and which differences are significant.
    The work is done on a copy of the warehouse, which takes its place when every test has passed: who reads the
    warehouse meanwhile sees the old state whole. The old state is kept beside it; see `modelkin rollback`.

    Options after -- go to dbt build, such as --full-refresh, --select and --vars.

    With --as-of and --to, a new warehouse is made that equals the one built on that day: the rows observed later are
    left out, and the warehouse itself stays as it is. --known-by leaves out what was loaded later.

    Example: modelkin build --as-of 2025-06-30 --to data/june.duckdb
    """
    from modelkin.build import build  # noqa: PLC0415 - pyarrow takes a moment to load
    from modelkin.database import warehouse_path  # noqa: PLC0415 - as does DuckDB

    path = warehouse_path()
    if (as_of is None and known_by is None) != (to is None):
        raise UsageError("--as-of and --known-by go with --to FILE, the new warehouse that they make.")
    if to is not None:
        from modelkin.as_of import copy_past, parse_past  # noqa: PLC0415 - as above

        copy_past(path, parse_past(as_of, known_by), to)
        path = to
    tell(*build(path, options or ()))


@builder.command("rollback")
def rollback_command() -> None:
    """Put the state before the last build back in place.

    The warehouse and its former state change places, so a second rollback brings the newer state back.

    Example: modelkin rollback
    """
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from modelkin.publishing import restore_former  # noqa: PLC0415 - as above
    from modelkin.status import read_status  # noqa: PLC0415 - as above

    restore_former(warehouse_path())
    tell(f"{warehouse_path()} is now the state before; `modelkin rollback` again brings the other one back.")
    tell(*read_status(warehouse_path()).outlook())


@builder.command("import-marts")
def import_marts_command(
    tables: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder or address of Spark's tables; default: tables in MODELKIN_SPARK, else data/spark/tables.",
        ),
    ] = None,
    *,
    manifest: Annotated[
        Path, typer.Option(metavar="FILE", help="What dbt wrote of the project when it built on Spark.")
    ] = Path("target/manifest.json"),
    as_views: Annotated[
        bool,
        typer.Option("--as-views", help="Leave the marts where they are and show them as views, which need the files."),
    ] = False,
) -> None:
    """Bring the marts that Spark built into the warehouse.

    They take the place of the warehouse's marts, and are tested for significance; the report and every client then
    work as after a build on DuckDB. The state before is kept beside it; see `modelkin rollback`.

    Example: modelkin import-marts --tables data/spark/tables
    """
    from modelkin.database import warehouse_path  # noqa: PLC0415 - DuckDB takes a moment to load
    from modelkin.marts_import import import_marts  # noqa: PLC0415 - as above

    tables = tables or f"{os.environ.get('MODELKIN_SPARK') or 'data/spark'}/tables"
    tell(*import_marts(warehouse_path(), tables, manifest, as_views=as_views))


# Help lists commands in the order in which they are added: that of use.
add_commands(app, "demo")
add_commands(app, "extract", below="extract")
app.add_typer(builder, name=None)
add_commands(app, "reports")
add_commands(app, "readers")


def database_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with --db FILE in front, where it is read, wherever before ``--`` the user wrote it."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    found: list[str] = []
    rest: list[str] = []
    words = iter(arguments[:end])
    for word in words:
        if word == "--db":
            value = list(islice(words, 1))
            if not value:
                return [word]  # which Typer answers: it needs an argument
            found += [word, *value]
        elif word.startswith("--db="):
            found.append(word)
        else:
            rest.append(word)
    return [*found, *rest, *arguments[end:]]


def main() -> None:
    """Run the command line; an error that a user can act on becomes one sentence and exit code 1 or 2."""
    run(app, database_first(sys.argv[1:]))
