"""Measure the fingerprint engine: writing prompts, answering them, and what a matrix of models costs.

Run as ``python -m bench.fingerprint [--shape small|medium] [--prompts N ...] [--matrix N ...]``.

- ``prompts``: the engine (all prompts in a batch, a key-value cache, the lowest 50 by selection) against
  the obvious loop (one prompt at a time, a full forward pass a token, all positions' logits, a full sort).
- ``answer``: one model from disk to its rows in the spool, against loading it and one forward pass
  over the same prompts.
- ``matrix``: the full matrix of N models of the miniature Hub: how often a model is loaded.

Seconds are of CPU, all threads together, and on the clock; where other work shares the machine only
the former compare. Of several turns the quickest counts, since whatever else runs only adds to
them. The obvious loop is run for one prompt and multiplied. Results are printed, and appended as
JSON lines to build/bench/fingerprint.jsonl.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("MKL_CBWR", "AVX2,STRICT")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

import minihub
from extract.overlap.engine import Reader
from extract.overlap.loading import load_model
from extract.overlap.model_files import ModelFolder
from extract.overlap.options import Options
from extract.overlap.pieces import Measurement, Pieces
from extract.overlap.recipe import PROMPT_TOKENS, RANDOM_TOKENS, UNLIKELY_TOKENS, PromptSet, Recipe
from extract.overlap.run import OverlapRun
from minihub.catalogue import ASTER, ASTER_CHAT, BOREALIS, BOREALIS_INSTRUCT, CEDAR, CEDAR_STORIES, DUNE
from modelkin.spool import Spool

RESULTS: Final = Path("build/bench/fingerprint.jsonl")
SEED: Final = 0
TURNS: Final = 3
BOTTOM_K: Final = 2000
MATRIX_MODELS: Final = (ASTER, BOREALIS, CEDAR, DUNE, ASTER_CHAT, BOREALIS_INSTRUCT, CEDAR_STORIES)
SHAPES: Final = {
    "small": lambda: LlamaConfig(
        vocab_size=32_000,
        hidden_size=1024,
        num_hidden_layers=14,
        num_attention_heads=16,
        num_key_value_heads=4,
        intermediate_size=2816,
    ),
    "medium": lambda: LlamaConfig(
        vocab_size=151_936,
        hidden_size=896,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        intermediate_size=4864,
        tie_word_embeddings=True,
    ),
}
"""A Llama of about 220 million parameters, and one in the shape of Qwen2.5-0.5B (494 million); random weights."""


Ask = Callable[[dict[str, Any], float], dict[str, Any]]


@dataclass(frozen=True)
class Result:
    """One comparison: seconds of CPU and on the clock of this project's way and of the plain way."""

    what: str
    shape: str
    n_parameters: int
    n_prompts: int
    cpu_s: float
    plain_cpu_s: float
    wall_s: float
    plain_wall_s: float

    def text(self) -> str:
        """Return the result as one line."""
        return (
            f"{self.what}, {self.shape} ({self.n_parameters / 1e6:,.0f} M parameters), {self.n_prompts} prompts: "
            f"{self.cpu_s:,.1f} s of CPU against {self.plain_cpu_s:,.1f} s ({_ratio(self.cpu_s, self.plain_cpu_s)}); "
            f"{self.wall_s:,.1f} s on the clock against {self.plain_wall_s:,.1f} s "
            f"({_ratio(self.wall_s, self.plain_wall_s)})"
        )


def _ratio(ours: float, plain: float) -> str:
    return f"{plain / ours:,.1f} times as fast" if plain > ours else f"{ours / plain:,.2f} times as long"


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what ``work`` gives, with the seconds of CPU and on the clock that it takes."""
    cpu, wall = time.process_time(), time.monotonic()
    value = work()
    return value, time.process_time() - cpu, time.monotonic() - wall


def make_tokenizer(size: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer of ``size`` words."""
    words = {f"w{index}": index for index in range(size)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def obvious_prompt(model: Any, index: int, vocabulary: int) -> list[int]:  # noqa: ANN401
    """Write one prompt the obvious way."""
    generator = np.random.default_rng([SEED, index])
    ids = [int(draw) for draw in generator.integers(vocabulary, size=RANDOM_TOKENS)]
    with torch.inference_mode():
        while len(ids) < PROMPT_TOKENS:
            logits = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
            order = torch.argsort(logits, stable=True)
            ids.append(int(order[generator.integers(UNLIKELY_TOKENS)]))
    return ids


def bench_prompts(shape: str, model: Any, tokenizer: Any, counts: list[int]) -> list[Result]:  # noqa: ANN401
    """Compare writing prompts, for each number of them; the plain loop is run for the first prompt and multiplied."""
    reader = Reader(model, tokenizer)
    vocabulary = len(reader.ids)

    def write(prompts: int, tokens: int) -> list[tuple[int, ...]]:
        return reader.write_prompts(
            prompts, SEED, random_tokens=RANDOM_TOKENS, prompt_tokens=tokens, unlikely_tokens=UNLIKELY_TOKENS
        )

    write(1, RANDOM_TOKENS + 2)
    turns = [
        (
            [timed(partial(write, count, PROMPT_TOKENS)) for count in counts],
            timed(partial(obvious_prompt, model, 0, vocabulary)),
        )
        for _ in range(TURNS)
    ]
    (written, _, _), plain = turns[0][0][0], turns[0][1][0]
    n_same = sum(a == b for a, b in zip(written[0], plain, strict=True))
    print(f"  (the first prompt: {n_same} of {len(plain)} tokens are those of the obvious loop)")
    n_parameters = sum(parameter.numel() for parameter in model.parameters())
    plain_cpu, plain_wall = (min(turn[1][part] for turn in turns) for part in (1, 2))
    results = []
    for place, count in enumerate(counts):
        cpu, wall = (min(turn[0][place][part] for turn in turns) for part in (1, 2))
        results.append(Result("prompts", shape, n_parameters, count, cpu, plain_cpu * count, wall, plain_wall * count))
    return results


def bench_answer(shape: str, folder: Path, n_prompts: int) -> Result:
    """Compare a model's way from disk to rows with loading it and one forward pass over all prompts."""
    place = ModelFolder("safetensors", str(folder), str(folder))
    texts = [
        " ".join(f"w{word}" for word in np.random.default_rng([SEED, index]).integers(1, 30_000, PROMPT_TOKENS))
        for index in range(n_prompts)
    ]
    recipe = Recipe("bench/base", "0" * 40, "bench", BOTTOM_K, n_prompts, SEED, "auto")
    prompt_set = PromptSet(recipe, tuple(texts), tuple((0,) for _ in texts))

    def ours() -> None:
        with tempfile.TemporaryDirectory() as spool:
            pieces = Pieces(Spool(Path(spool)))
            loaded = load_model(place, device="cpu", dtype="float32")
            reader = Reader(loaded.model, loaded.tokenizer)
            answers = reader.answers(prompt_set.texts, BOTTOM_K)
            pieces.put_distribution(prompt_set, loaded.tokenizer_hash, [a.log_probabilities for a in answers])
            pieces.put_measured(
                Measurement(
                    model_id="bench/base",
                    sha=recipe.base_sha,
                    prompt_set=prompt_set,
                    wanted_dtype="auto",
                    vocab_size=len(reader.ids),
                    tokenizer_hash=loaded.tokenizer_hash,
                    dtype=loaded.dtype,
                    weights_format="safetensors",
                    weights_digest=None,
                    bottom_k=[answer.bottom_k for answer in answers],
                    divergences=[0.0 for _ in answers],
                )
            )

    def plain() -> None:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        ids = torch.tensor([tokenizer(text)["input_ids"] for text in texts])
        with torch.inference_mode():
            model(ids, use_cache=False, logits_to_keep=1)

    plain()
    ours()
    turns = [(timed(ours)[1:], timed(plain)[1:]) for _ in range(TURNS)]
    cpu, wall = (min(own[part] for own, _ in turns) for part in range(2))
    plain_cpu, plain_wall = (min(other[part] for _, other in turns) for part in range(2))
    model = AutoModelForCausalLM.from_pretrained(folder)
    n_parameters = sum(parameter.numel() for parameter in model.parameters())
    return Result("answer", shape, n_parameters, n_prompts, cpu, plain_cpu, wall, plain_wall)


def bench_matrix(sizes: list[int]) -> None:
    """Print how often models of the miniature Hub are loaded for full matrices of several sizes."""
    with minihub.serving(minihub.build()) as hub:
        for size in sizes:
            chosen = MATRIX_MODELS[:size]
            with tempfile.TemporaryDirectory() as folder:
                os.environ |= {
                    "MODELKIN_DB": f"{folder}/warehouse.duckdb",
                    "MODELKIN_CACHE": f"{folder}/cache",
                    "HF_ENDPOINT": hub.endpoint,
                    "MODELKIN_ENDPOINT_LABEL": "minihub",
                }
                run = OverlapRun(Options(base_models=chosen, derived=chosen, bottom_k=128), lambda _: None)
                loads: list[str] = []
                run.child.ask = _counting(run.child.ask, loads)  # type: ignore[method-assign]
                summary, _, wall = timed(run.run)
                line = {
                    "what": "matrix",
                    "n_models": size,
                    "n_cells": size * size,
                    "n_rows": summary.n_rows,
                    "n_loads": len(loads),
                    "wall_s": round(wall, 1),
                }
                keep(line)
                print(
                    f"matrix of {size} models: {size * size} cells, {len(loads)} loads "
                    f"({len(loads) / size:.1f} a model), {wall:,.1f} s on the clock"
                )


def _counting(ask: Ask, loads: list[str]) -> Ask:
    """Return ``ask``, noting the model of every request."""

    def counted(request: dict[str, Any], seconds: float) -> dict[str, Any]:
        loads.append(request["model_id"])
        return ask(request, seconds)

    return counted


def keep(line: dict[str, Any]) -> None:
    """Append a result to the file of results."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"machine": machine(), **line}, sort_keys=True) + "\n")


def machine() -> str:
    """Return what ran the benchmark."""
    return f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}, {torch.get_num_threads()} threads"


def main() -> None:
    """Run the benchmarks that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="small")
    parser.add_argument("--prompts", type=int, nargs="*", default=[5, 16], metavar="N")
    parser.add_argument("--matrix", type=int, nargs="*", default=[2, 4, 7], metavar="N")
    options = parser.parse_args()
    print(machine())
    if options.prompts:
        torch.manual_seed(SEED)
        config = SHAPES[options.shape]()
        model = AutoModelForCausalLM.from_config(config).eval()
        tokenizer = make_tokenizer(config.vocab_size)
        for result in bench_prompts(options.shape, model, tokenizer, options.prompts):
            print(result.text())
            keep(asdict(result))
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            del model
            for n_prompts in options.prompts:
                result = bench_answer(options.shape, Path(folder), n_prompts)
                print(result.text())
                keep(asdict(result))
    if options.matrix:
        bench_matrix(options.matrix)


if __name__ == "__main__":
    main()
