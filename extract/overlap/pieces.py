"""Finished pieces of the work, in the spool: prompt sets, fingerprints, and the bases' distributions.

A fingerprint is found by what it is a function of: model and commit, prompt set (whose id covers k
and the texts), and the type of the arithmetic that was asked for.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from extract.overlap.reasons import Failure
from extract.overlap.recipe import PromptSet
from modelkin.raw_schemas import FINGERPRINTS
from modelkin.spool import Spool

_DISTRIBUTIONS = pa.schema(
    [
        pa.field("prompt_index", pa.int32()),
        pa.field("tokenizer_hash", pa.string()),
        pa.field("log_probabilities", pa.list_(pa.float32())),
    ]
)

_NO_PROMPTS = pa.schema(
    [
        pa.field("reason", pa.string()),
        pa.field("memory_limit_bytes", pa.int64()),
        pa.field("weights_bytes", pa.int64()),
        pa.field("n_runs", pa.int32()),
        pa.field("detail", pa.string()),
    ]
)


@dataclass(frozen=True)
class Measurement:
    """One model's answers to one prompt set."""

    model_id: str
    sha: str
    prompt_set: PromptSet
    wanted_dtype: str
    vocab_size: int
    tokenizer_hash: str
    dtype: str
    weights_format: str
    weights_digest: str | None
    bottom_k: Sequence[npt.NDArray[np.int32]]
    divergences: Sequence[float | None]


@dataclass(frozen=True)
class Pieces:
    """The pieces in one spool."""

    spool: Spool

    def prompt_set(self, recipe_digest: str) -> PromptSet:
        """Return the prompt set that the recipe gave; raises KeyError when there is none yet."""
        found = self.find_prompt_set(recipe_digest)
        if found is None:
            raise KeyError(recipe_digest)
        return found

    def find_prompt_set(self, recipe_digest: str) -> PromptSet | None:
        """Return the prompt set that the recipe gave, or None."""
        table = self.spool.get(f"prompts {recipe_digest}")
        return PromptSet.from_table(table) if table is not None else None

    def put_prompt_set(self, prompt_set: PromptSet) -> None:
        """Store a prompt set under its recipe."""
        self.spool.put(f"prompts {prompt_set.recipe.digest}", prompt_set.table())

    def fingerprint(self, model_id: str, sha: str | None, prompt_set_id: str, wanted_dtype: str) -> pa.Table | None:
        """Return the rows of one model on one prompt set, measured or failed, or None."""
        return self.spool.get(_fingerprint_key(model_id, sha, prompt_set_id, wanted_dtype))

    def put_measured(self, measurement: Measurement) -> None:
        """Store the rows of a model that was measured: one a prompt."""
        common: dict[str, Any] = {
            "run_id": "",
            "model_id": measurement.model_id,
            "sha": measurement.sha,
            "prompt_set_id": measurement.prompt_set.prompt_set_id,
            "vocab_size": measurement.vocab_size,
            "tokenizer_hash": measurement.tokenizer_hash,
            "dtype": measurement.dtype,
            "weights_format": measurement.weights_format,
            "weights_digest": measurement.weights_digest,
            "status": "ok",
        }
        rows = [
            {**common, "prompt_index": index, "bottom_k": ids.tolist(), "js_divergence": divergence}
            for index, (ids, divergence) in enumerate(zip(measurement.bottom_k, measurement.divergences, strict=True))
        ]
        self.spool.put(
            _fingerprint_key(
                measurement.model_id,
                measurement.sha,
                measurement.prompt_set.prompt_set_id,
                measurement.wanted_dtype,
            ),
            pa.Table.from_pylist(rows, schema=FINGERPRINTS),
        )

    def put_failed(
        self,
        model_id: str,
        sha: str | None,
        prompt_set_id: str,
        wanted_dtype: str,
        *,
        failure: Failure,
        detail: str,
        weights_digest: str | None,
    ) -> None:
        """Store the one row of a model that could not be measured on a prompt set."""
        row = {
            "run_id": "",
            "model_id": model_id,
            "sha": sha,
            "prompt_set_id": prompt_set_id,
            "weights_digest": weights_digest,
            "status": "failed",
            "failure_reason": failure.reason,
            "failure_detail": detail,
            "memory_limit_bytes": failure.memory_limit_bytes,
            "weights_bytes": failure.weights_bytes,
            "n_runs": failure.n_runs,
        }
        self.spool.put(
            _fingerprint_key(model_id, sha, prompt_set_id, wanted_dtype),
            pa.Table.from_pylist([row], schema=FINGERPRINTS),
        )

    def put_no_prompts(self, recipe_digest: str, failure: Failure, detail: str) -> None:
        """Store why a base model wrote no prompts by a recipe."""
        table = pa.Table.from_pylist([{**asdict(failure), "detail": detail}], schema=_NO_PROMPTS)
        self.spool.put(f"no prompts {recipe_digest}", table)

    def no_prompts(self, recipe_digest: str) -> tuple[Failure, str] | None:
        """Return why a base model wrote no prompts by a recipe, with the detail; None where nothing is known."""
        table = self.spool.get(f"no prompts {recipe_digest}")
        if table is None:
            return None
        [row] = table.to_pylist()
        detail = row.pop("detail")
        return Failure(**row), detail

    def distribution(self, prompt_set: PromptSet) -> tuple[str, list[npt.NDArray[np.float32]]] | None:
        """Return the base's vocabulary digest and log probabilities after each prompt, or None when they are gone."""
        table = self.spool.get(f"distribution {prompt_set.prompt_set_id}")
        if table is None:
            return None
        return str(table["tokenizer_hash"][0]), [row.values.to_numpy() for row in table["log_probabilities"]]

    def put_distribution(
        self, prompt_set: PromptSet, tokenizer_hash: str, rows: Sequence[npt.NDArray[np.float32]]
    ) -> None:
        """Store the base's log probabilities after each prompt of its set."""
        columns = [
            pa.array(range(len(rows)), pa.int32()),
            pa.array([tokenizer_hash] * len(rows), pa.string()),
            pa.array(list(rows), pa.list_(pa.float32())),
        ]
        self.spool.put(f"distribution {prompt_set.prompt_set_id}", pa.table(columns, schema=_DISTRIBUTIONS))


def _fingerprint_key(model_id: str, sha: str | None, prompt_set_id: str, wanted_dtype: str) -> str:
    return f"fingerprint {model_id.lower()}@{sha} {prompt_set_id} {wanted_dtype}"
