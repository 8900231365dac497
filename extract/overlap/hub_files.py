"""What the Hub gives of a model: the list of its files, and each file on disk.

This is the only module of the measurement that asks the Hub. Whatever the Hub refuses becomes a
MeasurementFailed with its reason.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from extract.hub.client import HubClient
from extract.hub.identities import is_replaced, moved
from extract.hub.refusals import Kind, Refused
from extract.overlap.model_files import Repo, RepoFile
from extract.overlap.reasons import MeasurementFailed
from modelkin.model_ids import model_id_problem

REASONS: Final[dict[Kind, str]] = {
    "missing": "not_found",
    "disabled": "not_found",
    "revision": "not_found",
    "file": "not_found",
    "replaced": "replaced",
    "gated": "gated",
    "token": "token_refused",
    "limited": "network",
    "failing": "network",
    "unreachable": "network",
    "offline": "network",
    "odd": "network",
    "range": "network",
}
"""The reason for which a model cannot be measured, by what the Hub refused."""


@dataclass
class HubFiles:
    """Repositories of one Hub, and the folder that their files are fetched into."""

    endpoint: str
    folder: Path
    seen: Mapping[str, str] = field(default_factory=dict)
    """The Hub's own ids of the repositories that were observed, by id in lower case."""
    _repos: dict[tuple[str, str | None], Repo] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """What was said of ids that lead to another one, by id in lower case."""
    client: HubClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = HubClient(self.endpoint)

    def repo(self, model_id: str, sha: str | None) -> Repo:
        """Ask for a repository at a commit (or the newest).

        Without a commit, an id that stands for another repository than the one that was observed is
        refused. Raises MeasurementFailed: not_found, gated, replaced, token_refused, network.
        """
        if (problem := model_id_problem(model_id)) is not None:
            raise MeasurementFailed("not_found", problem)
        if (known := self._repos.get((model_id.lower(), sha))) is not None:
            return known
        try:
            info = self.client.repository(model_id, sha)
            repo = _repo_of(info, sha)
        except Refused as refused:
            raise _failure(refused) from refused
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MeasurementFailed("network", f"the Hub did not answer as one for {model_id}") from error
        if sha is None and is_replaced(model_id, info, self.seen):
            raise MeasurementFailed("replaced", str(moved(model_id, info, self.seen)))
        if (note := moved(model_id, info, self.seen)) is not None:
            self.notes[model_id.lower()] = note
        self._repos[repo.model_id.lower(), repo.sha] = repo
        return repo

    def release(self, repo: Repo) -> None:
        """Keep nothing more of a repository: a run over many thousands asks for each once."""
        for key in [key for key in list(self._repos) if key[0] == repo.model_id.lower()]:
            self._repos.pop(key, None)
        self.client.release(repo.model_id)

    def download(self, repo: Repo, name: str) -> Path:
        """Bring one file onto the disk, or find it there. Raises MeasurementFailed: not_found, gated, network."""
        try:
            path = self.client.download(repo.model_id, name, repo.sha, self.folder)
        except Refused as refused:
            raise _failure(refused) from refused
        # The time of access says what to forget first; file systems seldom keep it by themselves.
        os.utime(path, (time.time(), path.stat().st_mtime))
        return path


def _failure(refused: Refused) -> MeasurementFailed:
    return MeasurementFailed(REASONS[refused.kind], refused.detail)


def _repo_of(info: Mapping[str, Any], sha: str | None) -> Repo:
    """Read the API's answer. Raises KeyError, TypeError or AttributeError when it is not an answer of the Hub."""
    files = {
        str(sibling["rfilename"]): RepoFile(
            str(sibling["rfilename"]), int(sibling.get("size") or 0), (sibling.get("lfs") or {}).get("sha256")
        )
        for sibling in info.get("siblings") or ()
    }
    return Repo(str(info["id"]), str(sha or info["sha"]), files)
