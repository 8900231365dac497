"""What was measured before, in the spool or in the warehouse, and so is not measured again."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from extract.overlap.options import Options
from extract.overlap.pieces import Pieces
from extract.overlap.reasons import TRANSIENT
from extract.overlap.recipe import PromptSet, Recipe
from extract.overlap.targets import Target
from modelkin.warehouse import connect, ensure_raw

_LOADED: Final = """
    select lower(fingerprints.model_id), fingerprints.sha, fingerprints.prompt_set_id, max(fingerprints.status),
        max(fingerprints.failure_reason), max(fingerprints.dtype)
    from raw.fingerprints
    inner join raw.extract_runs
        on fingerprints.run_id = extract_runs.run_id
    where extract_runs.status = 'complete'
    group by lower(fingerprints.model_id), fingerprints.sha, fingerprints.prompt_set_id, fingerprints.run_id,
        extract_runs.started_at
    order by extract_runs.started_at, fingerprints.run_id
"""

_PROMPTS: Final = """
    select overlap_prompts.* replace (cast(recipe as varchar) as recipe)
    from raw.overlap_prompts
    inner join raw.extract_runs
        on overlap_prompts.run_id = extract_runs.run_id
    where extract_runs.status = 'complete'
    qualify dense_rank() over (
        partition by prompt_set_id order by extract_runs.started_at desc, overlap_prompts.run_id desc
    ) = 1
    order by extract_runs.started_at, overlap_prompts.run_id, prompt_set_id, prompt_index
"""


@dataclass
class History:
    """What is known for the options of one run, before and while it measures."""

    options: Options
    pieces: Pieces
    _loaded: dict[tuple[str, str | None, str], tuple[str, str | None, str | None]] = field(default_factory=dict)
    """(model, commit, prompt set) to (status, reason, dtype) of the latest complete run."""
    _stored_prompts: dict[str, PromptSet] = field(default_factory=dict)
    """Prompt sets in the warehouse, by the digest of their recipe."""
    _current_prompts: dict[tuple[str, str], str] = field(default_factory=dict)
    """(study, base) to the prompt set that was loaded last."""

    def read(self, path: Path) -> None:
        """Learn what the warehouse at ``path`` holds; nothing where there is none yet."""
        if not path.exists():
            return
        with connect(path) as connection:
            ensure_raw(connection)
            for key, sha, prompt_set_id, status, reason, dtype in connection.execute(_LOADED).fetchall():
                self._loaded[key, sha, prompt_set_id] = (status, reason, dtype)
            prompts = connection.sql(_PROMPTS).to_arrow_table()
        by_set: dict[str, list[dict[str, Any]]] = {}
        for row in prompts.to_pylist():
            by_set.setdefault(row["prompt_set_id"], []).append(row)
        for rows in by_set.values():
            prompt_set = PromptSet.from_table(pa.Table.from_pylist(rows))
            self._stored_prompts[prompt_set.recipe.digest] = prompt_set
            self._current_prompts[_base_of(prompt_set)] = prompt_set.prompt_set_id

    def recipe(self, base: Target) -> Recipe:
        """Return the recipe by which a base writes its prompts."""
        return Recipe(
            base_model_id=base.model_id,
            base_sha=str(base.sha),
            study_id=self.options.study_id,
            bottom_k=self.options.bottom_k,
            prompt_count=self.options.prompts,
            seed=self.options.seed,
            dtype=self.options.dtype,
        )

    def prompts(self, base: Target) -> PromptSet | None:
        """Return a base's prompt set where it is known together with the base's own answers to it."""
        digest = self.recipe(base).digest
        found = self.pieces.find_prompt_set(digest)
        if found is None and (stored := self._stored_prompts.get(digest)) is not None:
            self.pieces.put_prompt_set(stored)
            found = stored
        if found is None or self.outcome(base, found.prompt_set_id) is None:
            return None
        return found

    def is_done(self, target: Target, prompt_set_id: str) -> bool:
        """Return whether a model needs no measuring on a prompt set: it was measured, or failed for good."""
        outcome = self.outcome(target, prompt_set_id)
        if outcome is None:
            return False
        status, reason = outcome
        return status == "ok" or not (reason in TRANSIENT or reason in self.options.retry)

    def unloaded(self, target: Target, prompt_set_id: str) -> pa.Table | None:
        """Return the rows of a model that the spool holds and the warehouse does not."""
        piece = self.pieces.fingerprint(target.model_id, target.sha, prompt_set_id, self.options.dtype)
        if piece is None:
            return None
        own = (piece["status"][0].as_py(), piece["failure_reason"][0].as_py(), piece["dtype"][0].as_py())
        return piece if self._loaded.get((target.key, target.sha, prompt_set_id)) != own else None

    def is_current(self, prompt_set: PromptSet) -> bool:
        """Return whether the warehouse's newest prompt set of this base and study is this one."""
        return self._current_prompts.get(_base_of(prompt_set)) == prompt_set.prompt_set_id

    def outcome(self, target: Target, prompt_set_id: str) -> tuple[str, str | None] | None:
        """Return (status, reason) of what was measured before, or None."""
        found = self.pieces.fingerprint(target.model_id, target.sha, prompt_set_id, self.options.dtype)
        if found is not None:
            return str(found["status"][0]), found["failure_reason"][0].as_py()
        loaded = self._loaded.get((target.key, target.sha, prompt_set_id))
        if loaded is None:
            return None
        status, reason, dtype = loaded
        wanted = "float32" if self.options.dtype == "auto" else self.options.dtype
        return (status, reason) if status != "ok" or wanted in {dtype, "own"} else None


def _base_of(prompt_set: PromptSet) -> tuple[str, str]:
    return prompt_set.recipe.study_id, prompt_set.recipe.base_model_id.lower()
