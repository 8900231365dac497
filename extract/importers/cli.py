"""The commands that import published files: ``modelkin extract import-…``."""

from pathlib import Path
from typing import Annotated

import typer

from modelkin.command_line import command_group, count, report

importers = command_group("importers", "Import published files.")

Study = Annotated[str, typer.Option("--study", metavar="NAME", help="Name of the study, such as spring-2026.")]


@importers.command("import-overlap")
def import_overlap_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Published overlap results (CSV).")],
    study: Study,
    relation: Annotated[
        str | None,
        typer.Option(
            metavar="same|different",
            help="Relation of every pair; default: by _same or _diff in a file's name, else none is stated.",
        ),
    ] = None,
) -> None:
    """Import published overlap results.

    All files are checked first, then written as one run. Columns: base_model_name, derived_model_name,
    num_pairs, avg_overlap_ratio, bottom_k_vocab_size, pair_scores_json; optional: base_model_downloads,
    derived_model_downloads. A pair with the overlap -1 or without prompts is kept as failed.

    Example: modelkin extract import-overlap overlap_llama_same.csv overlap_llama_diff.csv --study original
    """
    from extract.importers.overlap_results import import_overlap  # noqa: PLC0415

    result = import_overlap(files, study, relation)
    n_rows = len(result.rows)
    report(
        f"Imported {count(len(result.files), 'file')} into study {result.study_id}: {count(n_rows, 'row')}, "
        f"{n_rows - result.n_failed:,} valid, {result.n_failed:,} failed (run {result.run_id}).",
        result.notes,
    )


ObservedAt = Annotated[
    str | None,
    typer.Option(
        "--observed-at", metavar="DATE", help="Day or time (UTC) of the metadata, such as 2025-06-30; default: now."
    ),
]


@importers.command("import-models")
def import_models_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Saved Hub metadata (CSV).")],
    observed_at: ObservedAt = None,
) -> None:
    """Import saved Hub metadata.

    All files are checked first, then written as one run. Columns: base_model, model_id, downloads,
    likes, last_modified, pipeline_tag, tags (a list as text).

    Example: modelkin extract import-models popular_models.csv --observed-at 2025-06-30
    """
    from extract.importers.hub_models import import_models  # noqa: PLC0415

    result = import_models(files, observed_at)
    report(
        f"Imported {count(len(result.files), 'file')}: {count(len(result.rows), 'model')} (run {result.run_id}).",
        result.notes,
    )


@importers.command("import-network")
def import_network_command(
    edges: Annotated[Path, typer.Argument(metavar="EDGES", help="CSV: source (the parent), target (the child), edge.")],
    metadata: Annotated[Path, typer.Argument(metavar="METADATA", help="CSV: id, type, owner, architecture.")],
    observed_at: ObservedAt = None,
) -> None:
    """Import a crawled network of models.

    Its edges and its metadata are written as one run. An edge is one of quantized, finetuned, merged,
    adapter, base. The architecture "unknown" becomes empty.

    Example: modelkin extract import-network edges.csv metadata.csv --observed-at 2025-06-30
    """
    from extract.importers.network import import_network  # noqa: PLC0415

    result = import_network(edges, metadata, observed_at)
    edges_and_models = f"{count(len(result.edges), 'edge')} and {count(len(result.models), 'model')}"
    report(f"Imported {edges_and_models} (run {result.run_id}).", result.notes)


@importers.command("import-matrix")
def import_matrix_command(
    matrix: Annotated[Path, typer.Argument(metavar="MATRIX", help="Square CSV: rows are bases, columns models.")],
    study: Study,
    relationships: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV of parents: model_id, base_model (split by ;), relationship_type."),
    ] = None,
    bottom_k: Annotated[
        int | None, typer.Option(metavar="K", help="Size of the token sets compared; default: unknown.")
    ] = None,
    observed_at: ObservedAt = None,
) -> None:
    """Import a square matrix of overlaps.

    It is written as one run, with the known parents of its models. An empty cell or -1 is a failed
    pair. The diagonal, where a model meets itself, is left out.

    Example: modelkin extract import-matrix overlap_matrix.csv --relationships relationship.csv --study matrix
    """
    from extract.importers.matrix import import_matrix  # noqa: PLC0415

    result = import_matrix(matrix, study, relationships, bottom_k, observed_at)
    n_pairs = len(result.results)
    report(
        f"Imported {count(result.n_models, 'model')} into study {result.study_id}: {count(n_pairs, 'pair')}, "
        f"{n_pairs - result.n_failed:,} valid, {result.n_failed:,} failed; {count(len(result.edges), 'edge')} "
        f"(run {result.run_id}).",
        result.notes,
    )
