"""What a prompt set is: the recipe that it was written by, its texts, and the id made from both.

A prompt set is written by one commit of one base model. Its id is the base's id, the start of the
commit, and a digest of the whole recipe and of the texts, so that fingerprints of one id always
answer the same texts with sets of the same size. ``bottom_k`` and ``study_id`` are part of the
recipe: a larger k needs the models to be run again, and a study never shares its rows with
another. The texts depend on neither.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import pyarrow as pa

from modelkin.raw_schemas import OVERLAP_PROMPTS

RANDOM_TOKENS: Final = 8
"""Token ids drawn at the start of a prompt, uniform over the ids that are not special."""

PROMPT_TOKENS: Final = 64
"""Token ids in a prompt, those at the start included."""

UNLIKELY_TOKENS: Final = 50
"""Each further id is drawn uniformly from this many next ids, the least likely ones."""

_DIGEST_CHARACTERS: Final = 12


@dataclass(frozen=True)
class Recipe:
    """How a prompt set is written."""

    base_model_id: str
    base_sha: str
    study_id: str
    bottom_k: int
    prompt_count: int
    seed: int
    dtype: str
    random_tokens: int = RANDOM_TOKENS
    prompt_tokens: int = PROMPT_TOKENS
    unlikely_tokens: int = UNLIKELY_TOKENS

    def as_json(self) -> str:
        """Return the recipe as JSON text, the same for the same recipe."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def digest(self) -> str:
        """A digest of the recipe; model ids are compared in lower case."""
        facts = {**asdict(self), "base_model_id": self.base_model_id.lower()}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class PromptSet:
    """The prompts that one recipe gave."""

    recipe: Recipe
    texts: tuple[str, ...]
    token_ids: tuple[tuple[int, ...], ...]

    @property
    def prompt_set_id(self) -> str:
        """The id: readable in front, a digest of recipe and texts behind."""
        content = hashlib.sha256(json.dumps([self.recipe.digest, list(self.texts)]).encode()).hexdigest()
        return f"{self.recipe.base_model_id}@{self.recipe.base_sha[:8]}-{content[:_DIGEST_CHARACTERS]}"

    def table(self) -> pa.Table:
        """Return the rows for ``raw.overlap_prompts``; the run id is filled in when they are loaded."""
        rows: list[dict[str, Any]] = [
            {
                "run_id": "",
                "prompt_set_id": self.prompt_set_id,
                "base_model_id": self.recipe.base_model_id,
                "base_sha": self.recipe.base_sha,
                "prompt_index": index,
                "text": text,
                "token_ids": list(ids),
                "seed": self.recipe.seed,
                "recipe": self.recipe.as_json(),
            }
            for index, (text, ids) in enumerate(zip(self.texts, self.token_ids, strict=True))
        ]
        return pa.Table.from_pylist(rows, schema=OVERLAP_PROMPTS)

    @classmethod
    def from_table(cls, table: pa.Table) -> "PromptSet":
        """Read a prompt set back from its rows, in the order of ``prompt_index``."""
        rows = sorted(table.to_pylist(), key=lambda row: int(row["prompt_index"]))
        recipe = Recipe(**json.loads(rows[0]["recipe"]))
        return cls(recipe, tuple(row["text"] for row in rows), tuple(tuple(row["token_ids"]) for row in rows))
