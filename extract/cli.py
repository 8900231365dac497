"""The command line of the extractors: ``modelkin extract COMMAND``, or ``python -m extract COMMAND``."""

import sys
from pathlib import Path
from typing import Annotated, Protocol

import typer

from extract.importers.cli import importers
from extract.readers import readers
from modelkin.command_line import add_commands, command_group, count, report, require_models_extra, run
from modelkin.errors import HubError, InputError, UsageError
from modelkin.printable import tell, tell_text, warn

app = command_group("extract", "Load raw data into the warehouse.")
app.add_typer(importers, name=None)
add_commands(app, "minihub", below="minihub")


@app.command("hub")
def hub_command(
    *,
    base_model: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="List this model and its descendants; may be repeated.")
    ] = None,
    depth: Annotated[int, typer.Option(metavar="N", help="Follow descendants for N generations.")] = 1,
    author: Annotated[str | None, typer.Option(metavar="NAME", help="Only models of this owner, such as Qwen.")] = None,
    task: Annotated[
        str | None, typer.Option(metavar="TAG", help="Only models for this task, such as text-generation.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only models for this language, such as fr.")
    ] = None,
    library: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only models for this library, such as peft.")
    ] = None,
    min_downloads: Annotated[
        int | None, typer.Option(metavar="N", help="Only models with at least N downloads in the last 30 days.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", help="List at most N models, not counting the base models.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List the whole Hub: over two million models.")] = False,
    cards: Annotated[
        bool, typer.Option("--cards", help="Also fetch new and changed model cards: one request each.")
    ] = False,
) -> None:
    """Crawl the Hub and write what it lists as one run.

    The Hub (HF_ENDPOINT, else huggingface.co) is read page by page. An interrupted crawl resumes where it
    stopped if you repeat the command within a day. With base models, filters choose among their
    descendants. A crawl cut off by --limit lists the most downloaded and is marked as partial.

    Example: modelkin extract hub --base-model Qwen/Qwen2.5-0.5B --depth 2 --min-downloads 10
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
        list[str] | None,
        typer.Option(metavar="ID", help="Let this model write prompts, such as Qwen/Qwen2.5-0.5B; may be repeated."),
    ] = None,
    derived: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Measure this model; may be repeated. Default: all descendants of the base models in the warehouse.",
        ),
    ] = None,
    matrix: Annotated[
        Path | None,
        typer.Option(
            metavar="LIST", help="A file with one id per line, such as models.txt: each writes prompts and is measured."
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Name of the study, such as spring-2026; default: hub (of the miniature Hub: minihub)."
        ),
    ] = None,
    bottom_k: Annotated[
        int, typer.Option(metavar="K", help="Keep the K least likely token ids for each prompt.")
    ] = 2000,
    prompts: Annotated[int, typer.Option(metavar="N", help="Let each base model write N prompts.")] = 5,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the prompts; another seed gives other prompts.")] = 0,
    device: Annotated[
        str,
        typer.Option(metavar="auto|cpu|cuda|mps", help="Where models run: auto takes a GPU where there is one."),
    ] = "auto",
    dtype: Annotated[
        str,
        typer.Option(
            metavar="auto|float32|bfloat16|float16|own",
            help="Type of the arithmetic: auto is float32, own is the type that the weights are stored in.",
        ),
    ] = "auto",
    batch_size: Annotated[int, typer.Option(metavar="N", help="Run at most N prompts at once.")] = 16,
    retry: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REASON", help="Retry models that failed for this reason, such as gated; may be repeated."
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="Give up a model after this many seconds, loading included.")
    ] = 1800.0,
    memory_gb: Annotated[
        float | None,
        typer.Option(
            metavar="GB", help="Use at most this many gigabytes for one model; default: 0.9 of the free memory."
        ),
    ] = None,
    cache_gb: Annotated[
        float,
        typer.Option(metavar="GB", help="Keep at most this many gigabytes of fetched models, the last used ones."),
    ] = 50.0,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Only list the models to measure, with size and time, and those that will fail."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; with --plan, it lists every model.")
    ] = False,
) -> None:
    """Measure how models answer the prompts of base models.

    Their sets of least likely tokens are written as one run. What was measured before is not measured
    again. A model that fails is recorded with the reason; the next run retries the reasons network,
    timeout and no_space, and out_of_memory where there is a quarter more memory. Ctrl-C ends the run
    after the current model. The exit code is 1 if none of the models named with --derived could be
    measured.

    Example: modelkin extract overlap --base-model Qwen/Qwen2.5-0.5B --derived Qwen/Qwen2.5-0.5B-Instruct
    """
    if not plan:
        require_models_extra("Measurements of models")
    from extract.overlap.options import Options, read_list  # noqa: PLC0415
    from extract.overlap.run import OverlapRun, say  # noqa: PLC0415
    from extract.overlap.summary import counted  # noqa: PLC0415

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
        _tell(run.plan(), as_json=as_json)
        return
    summary = run.run()
    _tell(summary, as_json=as_json)
    _end_if(summary.is_interrupted)
    if summary.n_left:
        raise HubError(f"The Hub could not be reached for {count(summary.n_left, 'model')}; run this again to resume.")
    if summary.named_failures:
        raise InputError(
            f"None of the models named with --derived could be measured ({counted(summary.named_failures)}); "
            "name others, or add --retry REASON once the reason is gone."
        )


@app.command("weights")
def weights_command(
    *,
    base_model: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this model and its descendants in the warehouse; may be repeated."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this model, such as Qwen/Qwen2.5-0.5B; may be repeated."),
    ] = None,
    min_downloads: Annotated[
        int | None, typer.Option(metavar="N", help="Only models with at least N downloads in the last 30 days.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Only the N most downloaded models.")] = None,
    threads: Annotated[int, typer.Option(metavar="N", help="Send at most N requests at once.")] = 8,
    retry: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REASON", help="Retry models that failed for this reason, such as gated; may be repeated."
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only list the models to read, with size and time; the Hub is not asked.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; with --plan, it lists every model.")
    ] = False,
) -> None:
    """Read sketches of models' weights from the Hub.

    A sketch is a small block of every tensor. By default all models of the warehouse are read, each at
    the commit at which it was observed. Of a model of up to 70 B parameters at most 5 MB are read, by
    ranges; nothing is executed or kept on disk. What was read before is not read again. A model that
    fails is recorded with the reason; the next run retries the reason network. Ctrl-C ends the run
    after the models in flight and keeps what is done. The exit code is 1 if none of the models named
    with --model could be read.

    Example: modelkin extract weights --base-model Qwen/Qwen2.5-0.5B
    """
    from extract.overlap.run import say  # noqa: PLC0415
    from extract.overlap.summary import counted  # noqa: PLC0415
    from extract.weights.options import Options  # noqa: PLC0415
    from extract.weights.run import WeightsRun  # noqa: PLC0415

    options = Options(
        base_models=tuple(base_model or ()),
        models=tuple(model or ()),
        min_downloads=min_downloads,
        limit=limit,
        threads=threads,
        retry=frozenset(retry or ()),
    )
    run = WeightsRun(options, say)
    if plan:
        _tell(run.plan(), as_json=as_json)
        return
    summary = run.run()
    _tell(summary, as_json=as_json)
    _end_if(summary.is_interrupted)
    if summary.is_hub_lost:
        left = count(summary.n_left, "model")
        raise HubError(f"The Hub cannot be reached any more, {left} left; run this again to resume.")
    if options.models and summary.failures and not summary.n_read and not summary.n_done_before:
        raise InputError(
            f"None of the models named with --model could be read ({counted(summary.failures)}); "
            "name others, or add --retry REASON once the reason is gone."
        )


class _Told(Protocol):
    """A plan or a summary."""

    def as_json(self) -> str: ...

    def text(self) -> str: ...


def _tell(told: _Told, *, as_json: bool) -> None:
    tell_text(told.as_json() if as_json else told.text())


def _end_if(is_interrupted: bool) -> None:
    if is_interrupted:
        warn("What was finished is written; run the same command again to resume.")
        raise typer.Exit(130)


@app.command("count-overlaps")
def count_overlaps_command() -> None:
    """Compare fingerprints with those of their base models.

    Only those are compared that were not compared yet. `overlap` does this for what it measures. Use
    this command for a warehouse of an older version, or after an interruption: it resumes where it
    stopped. No model is loaded.

    Example: modelkin extract count-overlaps
    """
    from extract.overlap.counting import count_with_progress  # noqa: PLC0415
    from modelkin.warehouse import warehouse_path  # noqa: PLC0415

    n_made = count_with_progress(warehouse_path())
    tell(f"{count(n_made, 'comparison')} made." if n_made else "Every fingerprint was counted before.")


@app.command("dump")
def dump_command(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|URL|FOLDER...",
            help="Parquet files, their https or hf:// addresses, or one folder of dated dumps.",
        ),
    ],
    observed_at: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Day or time (UTC) of the dump, such as 2025-06-30; default: its newest change."
        ),
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="The dump is only a part of the Hub: mark it as partial.")
    ] = False,
) -> None:
    """Load a Parquet dump of the Hub as one run.

    The only column that it needs is id. An address is fetched into the cache first; an interrupted
    download resumes where it stopped. A folder of dated dumps is loaded as one run per day: the date
    stands in the names of the files or of their folders, such as 2024-07-24, and days that are loaded
    already are skipped.

    Example: modelkin extract dump hf://datasets/cfahlgren1/hub-stats/models.parquet
    """
    from extract.hub.dump import load_dump  # noqa: PLC0415
    from extract.hub.dump_folder import load_folder, the_folder  # noqa: PLC0415

    if (folder := the_folder(sources, observed_at)) is not None:
        n_skipped = 0
        for dump, loaded_dump in load_folder(folder, is_partial=partial):
            if loaded_dump is None:
                n_skipped += 1
                continue
            models = count(loaded_dump.n_models, "model")
            report(f"Loaded {models} as of {dump.day} (run {loaded_dump.run_id}).", loaded_dump.notes)
        if n_skipped:
            report(f"Skipped {count(n_skipped, 'day')} that {'is' if n_skipped == 1 else 'are'} loaded already.")
        return
    result = load_dump(sources, observed_at, is_partial=partial)
    taken = f"{result.observed_at:%Y-%m-%d %H:%M} UTC"
    loaded = f"Loaded {count(result.n_models, 'model')} as of {taken}{result.set_aside}"
    report(f"{loaded} (run {result.run_id}).", result.notes)


@app.command("forget")
def forget_command(
    name: Annotated[str, typer.Argument(metavar="RUN|STUDY", help="Id of a run, or name of a study; see `status`.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete a run or a study from the warehouse.

    Afterwards it is as if it had never been loaded, but for a record of the deletion. All rows of the
    run, or all results, prompts and fingerprints of the study are deleted. Run `modelkin build`
    afterwards: the marts show the old data until then.

    Example: modelkin extract forget 20250630T120000-1a2b3c4d --yes
    """
    from extract.forget import forget, matching  # noqa: PLC0415
    from modelkin.database import warehouse_path  # noqa: PLC0415

    matching(name, warehouse_path())
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"This deletes {name} for good; add --yes to confirm.")
        typer.confirm(f"Delete {name} from {warehouse_path()} for good?", abort=True)
    done = forget(name)
    tables = ", ".join(f"{n:,} of {table}" for table, n in done.n_rows.items()) or "it had none"
    report(f"Forgot the {done.what}: {count(done.total, 'row')} deleted ({tables}); build again (run {done.run_id}).")


whole = command_group("extract", "Write raw data into the warehouse, and read what it holds.")
"""All of ``python -m extract``: the extractors and the readers."""
whole.add_typer(app, name=None)
whole.add_typer(readers, name=None)


def main() -> None:
    """Run the command line; an error that a user can act on becomes one sentence and exit code 1 or 2."""
    run(whole)
