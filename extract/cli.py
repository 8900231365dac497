"""The command line of the extractors: ``python -m extract COMMAND``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from modelkin.command_line import add_commands, count, report, run
from modelkin.errors import HubError, UsageError
from modelkin.model_ids import model_id_problem

app = typer.Typer(
    name="extract",
    help="Write raw Hub metadata, fingerprints and published results into the warehouse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add_commands(app, "minihub")


@app.callback()
def _root() -> None:
    """Keep every command named, however many there are."""


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
        f"Imported {count(len(result.files), 'file')} into study {result.study_id}: {count(n_rows, 'row')}, "
        f"{n_rows - result.n_failed:,} valid, {result.n_failed:,} failed (run {result.run_id}).",
        result.notes,
    )


ObservedAt = Annotated[
    str | None,
    typer.Option(
        "--observed-at", metavar="DATE", help="When the metadata was taken (UTC), as 2025-06-30; default: now."
    ),
]


@app.command("import-models")
def import_models_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Saved Hub metadata (CSV).")],
    observed_at: ObservedAt = None,
) -> None:
    """Import saved Hub metadata: all the files are checked, then written as one run.

    Columns: base_model, model_id, downloads, likes, last_modified, pipeline_tag, tags (a list as text).

    Example: python -m extract import-models popular_models.csv --observed-at 2025-06-30
    """
    from extract.importers.hub_models import import_models  # noqa: PLC0415

    result = import_models(files, observed_at)
    report(
        f"Imported {count(len(result.files), 'file')}: {count(len(result.rows), 'model')} (run {result.run_id}).",
        result.notes,
    )


@app.command("import-network")
def import_network_command(
    edges: Annotated[Path, typer.Argument(metavar="EDGES", help="CSV with source (the parent), target, edge.")],
    metadata: Annotated[Path, typer.Argument(metavar="METADATA", help="CSV with id, type, owner, architecture.")],
    observed_at: ObservedAt = None,
) -> None:
    """Import a crawled network of models: its edges and its metadata, as one run.

    Edge words: quantized, finetuned, merged, adapter, base. An architecture "unknown" becomes empty.

    Example: python -m extract import-network edges.csv metadata.csv --observed-at 2025-06-30
    """
    from extract.importers.network import import_network  # noqa: PLC0415

    result = import_network(edges, metadata, observed_at)
    edges_and_models = f"{count(len(result.edges), 'edge')} and {count(len(result.models), 'model')}"
    report(f"Imported {edges_and_models} (run {result.run_id}).", result.notes)


@app.command("import-matrix")
def import_matrix_command(
    matrix: Annotated[Path, typer.Argument(metavar="MATRIX", help="Square CSV: row, the base; column, the model.")],
    study: Study,
    relationships: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV with model_id, base_model (by ;), relationship_type.")
    ] = None,
    bottom_k: Annotated[int | None, typer.Option(metavar="K", help="The k of the overlaps, where it is known.")] = None,
    observed_at: ObservedAt = None,
) -> None:
    """Import a square matrix of overlaps, and the known parents of its models, as one run.

    An empty cell or -1 is a failed pair. The diagonal, a model with itself, is left out and counted.

    Example: python -m extract import-matrix overlap_matrix.csv --relationships relationship.csv --study matrix
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


@app.command("hub")
def hub_command(
    *,
    base_model: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="List the descendants of this model; may be repeated.")
    ] = None,
    depth: Annotated[int, typer.Option(metavar="N", help="How many generations below the base models.")] = 1,
    author: Annotated[str | None, typer.Option(metavar="NAME", help="Only models of this owner.")] = None,
    task: Annotated[str | None, typer.Option(metavar="TAG", help="Only this task, such as text-generation.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Only this language, such as fr.")] = None,
    library: Annotated[str | None, typer.Option(metavar="NAME", help="Only this library, such as peft.")] = None,
    min_downloads: Annotated[
        int | None, typer.Option(metavar="N", help="Only models with at least N downloads.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="At most N models beside the base models.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole Hub: over two million models.")] = False,
    cards: Annotated[
        bool, typer.Option("--cards", help="Fetch the model cards too, where they are new: one request each.")
    ] = False,
) -> None:
    """Crawl the Hub (HF_ENDPOINT, else huggingface.co) page by page, and write what it lists as one run.

    Give the same command again within a day, and an interrupted crawl resumes where it stopped. With
    base models, filters choose among their descendants. A crawl cut off by --limit is marked as partial.

    Example: python -m extract hub --base-model Qwen/Qwen2.5-0.5B --depth 2 --min-downloads 10
    """
    from extract.hub.crawl import CrawlRequest, crawl_hub  # noqa: PLC0415

    request = CrawlRequest(
        base_models=tuple(base_model or ()),
        depth=depth,
        author=author,
        task=task,
        language=language,
        library=library,
        min_downloads=min_downloads,
        limit=limit,
        everything=everything,
    )
    result = crawl_hub(request, cards=cards)
    part = ", a part of what there is" if result.is_partial else ""
    n_emptied = result.emptied.total()
    emptied = f"; {count(n_emptied, 'value')} emptied" if n_emptied else ""
    crawled = f"Crawled {count(result.n_models, 'model')} on {count(result.n_pages, 'page')}{part}{emptied}"
    report(f"{crawled} (run {result.run_id}).", result.notes)


@app.command("overlap")
def overlap_command(
    *,
    base_model: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Write prompts by this model; may be repeated.")
    ] = None,
    derived: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Measure this model; default: all known descendants of the base models."),
    ] = None,
    matrix: Annotated[
        Path | None, typer.Option(metavar="LIST", help="File of ids, one a line: each is a base and measured.")
    ] = None,
    study: Annotated[str | None, typer.Option(metavar="NAME", help="Study that the rows belong to.")] = None,
    bottom_k: Annotated[int, typer.Option(metavar="K", help="Size of the sets of least likely tokens.")] = 2000,
    prompts: Annotated[int, typer.Option(metavar="N", help="Prompts a base model.")] = 5,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the prompts.")] = 0,
    device: Annotated[str, typer.Option(metavar="auto|cpu|cuda|mps", help="Where models run.")] = "auto",
    dtype: Annotated[
        str,
        typer.Option(
            metavar="auto|float32|bfloat16|float16|own",
            help="Type of the arithmetic: auto is float32, own is the type that the weights are stored in.",
        ),
    ] = "auto",
    batch_size: Annotated[int, typer.Option(metavar="N", help="Prompts in one pass at most.")] = 16,
    retry: Annotated[
        list[str] | None,
        typer.Option(metavar="REASON", help="Retry models that failed for this reason; may be repeated."),
    ] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="Time limit a model, loading included.")] = 1800.0,
    memory_gb: Annotated[
        float | None, typer.Option(metavar="GB", help="Memory limit a model; default: 0.9 of what is free.")
    ] = None,
    cache_gb: Annotated[
        float, typer.Option(metavar="GB", help="Keep at most so much of fetched models, the latest used.")
    ] = 50.0,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be done, and do nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Measure how models answer the prompts of base models, and write their bottom-k sets as one run.

    What was measured before is not measured again. A model that fails is a row with its reason;
    network, timeout and out_of_memory are tried again by the next run. Ctrl-C ends after the current model.

    Example: python -m extract overlap --base-model Qwen/Qwen2.5-0.5B --derived Qwen/Qwen2.5-0.5B-Instruct
    """
    from extract.overlap.options import Options, read_list  # noqa: PLC0415
    from extract.overlap.run import OverlapRun, say  # noqa: PLC0415

    listed = read_list(matrix) if matrix is not None else ()
    options = Options(
        base_models=(*(base_model or ()), *listed),
        derived=(*(derived or ()), *listed),
        study=study,
        bottom_k=bottom_k,
        prompts=prompts,
        seed=seed,
        device=device,
        dtype=dtype,
        batch_size=batch_size,
        retry=frozenset(retry or ()),
        timeout=timeout,
        memory_gb=memory_gb,
        cache_gb=cache_gb,
    )
    run = OverlapRun(options, say)
    if plan:
        planned = run.plan()
        print(planned.as_json() if as_json else planned.text())
        return
    summary = run.run()
    print(summary.as_json() if as_json else summary.text())
    if summary.is_interrupted:
        print("What was finished is written; run the same command again to resume.", file=sys.stderr)
        raise typer.Exit(130)
    if summary.n_left:
        raise HubError(f"The Hub could not be reached for {count(summary.n_left, 'model')}; run this again to resume.")


@app.command("dump")
def dump_command(
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE|URL...", help="Parquet files, or their https or hf:// addresses.")
    ],
    observed_at: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="When the dump was taken (UTC); default: the newest change in it."),
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="The dump is a part of the Hub: mark it so.")] = False,
) -> None:
    """Load a Parquet dump of the Hub, whatever columns it has beside id, as one run.

    An address is fetched into the cache first; an interrupted download resumes where it stopped.

    Example: python -m extract dump hf://datasets/cfahlgren1/hub-stats/models.parquet
    """
    from extract.hub.dump import load_dump  # noqa: PLC0415

    result = load_dump(sources, observed_at, is_partial=partial)
    taken = f"{result.observed_at:%Y-%m-%d %H:%M} UTC"
    loaded = f"Loaded {count(result.n_models, 'model')} as of {taken}{result.set_aside}"
    report(f"{loaded} (run {result.run_id}).", result.notes)


@app.command("show")
def show_command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The id of the model, such as Qwen/Qwen2.5-0.5B.")],
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Leave nothing out.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Ask the Hub, not the warehouse.")] = False,
) -> None:
    """Show what is known of one model: facts, type, parents, roots, children, overlaps.

    Example: python -m extract show Qwen/Qwen2.5-0.5B -v
    """
    from extract.hub.show import known_model, live_model  # noqa: PLC0415

    if sum([verbose, quiet, as_json]) > 1:
        raise UsageError("Choose one of --verbose, --quiet and --json.")
    if problem := model_id_problem(model):
        raise UsageError(f"MODEL: {problem}.")
    found = live_model(model) if live else known_model(model)
    if as_json:
        print(found.as_json())
    else:
        print(found.as_line() if quiet else found.as_text(verbose=verbose))


@app.command("status")
def status_command() -> None:
    """List the runs so far, oldest first: id, start (UTC), kind, status, rows, remarks.

    Example: python -m extract status
    """
    from extract.runs import recorded_runs, run_line  # noqa: PLC0415

    for run_ in recorded_runs():
        print(run_line(run_))


def main() -> None:
    """Run the command line; an error that a user can act on becomes one line and exit code 1 or 2."""
    run(app)
