"""The child process that loads models and asks them: ``python -m extract.overlap.worker FD``.

It reads JSON requests from its input, one on each line, and writes JSON answers to the file
descriptor FD, one on each line; what libraries print goes to its error output. Results are put into the spool by the
child itself, whole or not at all, so that they outlive both processes. It ends with its parent.
"""

import gc
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from extract.overlap.model_files import ModelFolder
from extract.overlap.model_types import installed_types
from extract.overlap.pieces import Measurement, Pieces
from extract.overlap.reasons import MeasurementFailed
from extract.overlap.recipe import PromptSet, Recipe
from modelkin.spool import Spool

SEVERAL_THREADS_PARAMETERS: Final = 20_000_000
"""Smaller models are run by one thread: more would spend their time on waiting for each other."""

PARENT_SECONDS: Final = 0.5
"""How often the child looks whether its parent still lives."""


def main() -> None:
    """Serve requests until the input ends."""
    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as answers:
        worker: _Worker | None = None
        for line in sys.stdin:
            request = json.loads(line)
            try:
                if worker is None:
                    worker = _Worker()
                is_limited = worker.device(request.get("device", "auto")) == "cpu"
                with _memory_limit(request["memory_bytes"] if is_limited else None):
                    answer = worker.serve(request)
            except MeasurementFailed as failure:
                answer = {"reason": failure.reason, "detail": failure.detail}
            except Exception as error:
                answer = _explain(error)
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
            if worker is not None and request["operation"] == "hello":
                worker.warm_up()


def _explain(error: Exception) -> dict[str, Any]:
    from extract.overlap.loading import explained  # noqa: PLC0415

    failure = explained(error)
    return {"reason": failure.reason, "detail": failure.detail}


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)


class _Worker:
    """Imports the libraries once, then serves one model after another."""

    def __init__(self) -> None:
        import torch  # noqa: PLC0415
        import transformers  # noqa: PLC0415

        from extract.overlap import engine, loading  # noqa: PLC0415

        transformers.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        self._torch, self._engine, self._loading = torch, engine, loading
        self._threads = torch.get_num_threads()

    def warm_up(self) -> None:
        """Import what every model needs, while the first one is fetched."""
        import transformers.modeling_utils  # noqa: PLC0415

        self._warm = transformers.modeling_utils

    def serve(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request: ``hello``, ``prompts`` or ``measure``."""
        operation = request["operation"]
        if operation == "hello":
            return self._hello()
        pieces = Pieces(Spool(Path(request["spool"])))
        try:
            started = time.monotonic()
            device = self.device(request["device"])
            place = ModelFolder(**request["place"])
            wanted = "float32" if request["dtype"] == "auto" else request["dtype"]
            loaded = self._loading.load_model(place, device=device, dtype=wanted)
            load_seconds = time.monotonic() - started
            self._torch.set_num_threads(self._threads if _is_large(loaded.model) else 1)
            reader = self._engine.Reader(loaded.model, loaded.tokenizer)
            if operation == "prompts":
                prompt_sets = [self._write(reader, Recipe(**request["recipe"]), pieces)]
            else:
                prompt_sets = [pieces.prompt_set(digest) for digest in request["recipes"]]
            self._measure(reader, loaded, request, prompt_sets, pieces)
            return {"load_seconds": load_seconds, "seconds": time.monotonic() - started}
        finally:
            gc.collect()
            if self._torch.cuda.is_available():
                self._torch.cuda.empty_cache()

    def _hello(self) -> dict[str, Any]:
        types = installed_types()
        return {
            "causal": sorted(types.causal),
            "encoder_decoder": sorted(types.encoder_decoder),
            "known": sorted(types.known),
            "quantizations": sorted(types.quantizations),
            "packages": sorted({name.lower().replace("_", "-") for name in _installed()}),
            "device": self.device("auto"),
            "device_bytes": self._device_bytes(),
        }

    def _device_bytes(self) -> int | None:
        """Return the memory of the GPU that models are loaded on; None where there is none, or it does not say."""
        cuda = self._torch.cuda
        return int(cuda.mem_get_info()[1]) if cuda.is_available() else None

    def device(self, wanted: str) -> str:
        """Return the device that ``wanted`` means here."""
        torch = self._torch
        if wanted == "auto":
            if torch.cuda.is_available():
                return "cuda"
            return "mps" if torch.backends.mps.is_available() else "cpu"
        return wanted

    def _write(self, reader: Any, recipe: Recipe, pieces: Pieces) -> PromptSet:  # noqa: ANN401
        if len(reader.ids) <= recipe.bottom_k:
            raise MeasurementFailed(
                "vocabulary_too_small", f"{len(reader.ids)} token ids, of which {recipe.bottom_k} are to be ranked"
            )
        ids = reader.write_prompts(
            recipe.prompt_count,
            recipe.seed,
            random_tokens=recipe.random_tokens,
            prompt_tokens=recipe.prompt_tokens,
            unlikely_tokens=recipe.unlikely_tokens,
        )
        prompt_set = PromptSet(recipe, tuple(reader.text(prompt) for prompt in ids), tuple(ids))
        return prompt_set

    def _measure(
        self,
        reader: Any,  # noqa: ANN401
        loaded: Any,  # noqa: ANN401
        request: dict[str, Any],
        prompt_sets: list[PromptSet],
        pieces: Pieces,
    ) -> None:
        model_id, sha = request["model_id"], request["sha"]
        texts = [text for prompt_set in prompt_sets for text in prompt_set.texts]
        sizes = {prompt_set.recipe.bottom_k for prompt_set in prompt_sets}
        answers = reader.answers(texts, max(sizes), request["batch_size"])
        start = 0
        for prompt_set in prompt_sets:
            own = answers[start : start + len(prompt_set.texts)]
            start += len(own)
            is_base = prompt_set.recipe.base_model_id.lower() == model_id.lower() and prompt_set.recipe.base_sha == sha
            divergences: list[float | None]
            if is_base:
                pieces.put_distribution(prompt_set, loaded.tokenizer_hash, [a.log_probabilities for a in own])
                divergences = [0.0] * len(own)
            else:
                divergences = self._divergences(prompt_set, loaded.tokenizer_hash, own, pieces)
            pieces.put_measured(
                Measurement(
                    model_id=model_id,
                    sha=sha,
                    prompt_set=prompt_set,
                    wanted_dtype=request["dtype"],
                    vocab_size=len(reader.ids),
                    tokenizer_hash=loaded.tokenizer_hash,
                    dtype=loaded.dtype,
                    weights_format=request["weights_format"] or f"safetensors {loaded.weights_kind}",
                    weights_digest=request["weights_digest"],
                    bottom_k=[answer.bottom_k[: prompt_set.recipe.bottom_k] for answer in own],
                    divergences=divergences,
                )
            )
            if is_base:
                # Last: whoever finds the prompts finds the base's own rows too.
                pieces.put_prompt_set(prompt_set)

    def _divergences(
        self,
        prompt_set: PromptSet,
        tokenizer_hash: str,
        answers: list[Any],
        pieces: Pieces,
    ) -> list[float | None]:
        """Return the divergence from the base's distribution, None where ids stand for other tokens."""
        found = pieces.distribution(prompt_set)
        if found is None or found[0] != tokenizer_hash:
            return [None] * len(answers)
        _, reference = found
        return [
            self._engine.divergence(base, answer.log_probabilities)
            if len(base) == len(answer.log_probabilities)
            else None
            for base, answer in zip(reference, answers, strict=True)
        ]


def _is_large(model: Any) -> bool:  # noqa: ANN401
    return sum(int(parameter.numel()) for parameter in model.parameters()) >= SEVERAL_THREADS_PARAMETERS


def _installed() -> list[str]:
    return [name for distribution in metadata.distributions() if (name := distribution.metadata["Name"])]


@contextmanager
def _memory_limit(limit: int | None) -> Iterator[None]:
    """Let this process take at most ``limit`` bytes more than it holds now (Linux; elsewhere no limit is set).

    What is counted is memory of its own that it may write to: weights that are mapped from a file
    are the system's to give and take. A GPU's driver reserves addresses by the terabyte, so that
    there the limit is the GPU's own memory.
    """
    status = Path("/proc/self/status")
    if limit is None or not status.exists():
        yield
        return
    import resource  # noqa: PLC0415

    held = next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmData"))
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = held + limit
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


if __name__ == "__main__":
    main()
