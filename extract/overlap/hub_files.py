"""What the Hub gives of a model: the list of its files, and each file on disk.

This is the only module of the measurement that asks the Hub. Whatever the Hub refuses becomes a
MeasurementFailed with its reason.
"""

import os
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from extract.hub.client import HubClient, is_commit
from extract.hub.files import Wanted, file_name_problem, free_bytes
from extract.hub.identities import is_replaced, moved
from extract.hub.refusals import Kind, Refused
from extract.overlap.model_files import Repo, RepoFile
from extract.overlap.reasons import MeasurementFailed
from modelkin.model_ids import model_id_problem, shorten

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
    "odd": "odd_answer",
    "damaged": "damaged_file",
    "range": "odd_answer",
}
"""The reason for which a model cannot be measured, by what the Hub refused."""

FETCH_SECONDS: Final = 1800.0
"""How long one file may take where nothing else is said."""

MAX_FILES: Final = 100_000
MAX_FILE_BYTES: Final = 1 << 43
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_GIT_ID: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)


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
    _proved: dict[tuple[str, str, str], Path] = field(default_factory=dict)
    """Files that this run fetched or found undamaged, by model, commit and name."""

    def __post_init__(self) -> None:
        self.client = HubClient(self.endpoint)

    def repo(self, model_id: str, sha: str | None) -> Repo:
        """Ask for a repository at a commit (or the newest).

        Without a commit, an id that stands for another repository than the one that was observed is
        refused. Raises MeasurementFailed: not_found, gated, replaced, token_refused, network, odd_answer.
        """
        if (problem := model_id_problem(model_id)) is not None:
            raise MeasurementFailed("not_found", problem)
        if sha is not None and not is_commit(sha):
            raise MeasurementFailed("not_found", f"{shorten(sha)} is not the name of a commit")
        if (known := self._repos.get((model_id.lower(), sha))) is not None:
            return known
        try:
            info = self.client.repository(model_id, sha)
            repo = _repo_of(info, sha)
        except Refused as refused:
            raise _failure(refused) from refused
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            raise MeasurementFailed("odd_answer", f"the Hub did not answer as one for {model_id}") from error
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
        for one in [one for one in list(self._proved) if one[0] == repo.model_id]:
            self._proved.pop(one, None)
        self.client.release(repo.model_id)

    def download(self, repo: Repo, name: str, seconds: float = FETCH_SECONDS) -> Path:
        """Bring one file onto the disk within ``seconds``, or find it there; it is proved once per run.

        Raises MeasurementFailed: not_found, gated, token_refused, network, odd_answer, damaged_file, no_space.
        """
        file = repo.files[name]
        found = self._proved.get((repo.model_id, repo.sha, name))
        if found is None or not found.is_file():
            self.require_room(repo, [name])
            wanted = Wanted(name, file.size, file.sha256, file.git_id)
            try:
                found = self.client.download(repo.model_id, repo.sha, wanted, self.folder, seconds)
            except Refused as refused:
                raise _failure(refused) from refused
            self._proved[repo.model_id, repo.sha, name] = found
        # The time of access says what to forget first; file systems seldom keep it by themselves.
        os.utime(found, (time.time(), found.stat().st_mtime))
        return found

    def require_room(self, repo: Repo, names: Iterable[str]) -> None:
        """Raise MeasurementFailed (no_space) unless the disk has room for those files that do not lie there."""
        missing = [repo.files[name] for name in names if (repo.model_id, repo.sha, name) not in self._proved]
        needed, free = sum(file.size for file in missing), free_bytes(self.folder)
        if needed > free:
            raise MeasurementFailed(
                "no_space", f"{needed / 1e9:,.2f} GB to fetch, {free / 1e9:,.2f} GB free on the disk"
            )


def _failure(refused: Refused) -> MeasurementFailed:
    return MeasurementFailed(REASONS[refused.kind], refused.detail)


def _repo_of(info: Mapping[str, Any], sha: str | None) -> Repo:
    """Read the API's answer; files that cannot lie in a folder are left out.

    Raises KeyError, TypeError, ValueError, ArithmeticError or AttributeError when it is not an answer of the Hub.
    """
    model_id, commit = info["id"], sha or info["sha"]
    if model_id_problem(model_id) is not None or not is_commit(commit):
        raise ValueError("no model at a commit")
    siblings = info.get("siblings") or ()
    if len(siblings) > MAX_FILES:
        raise MeasurementFailed("unsupported_format", f"the repository has more than {MAX_FILES:,} files")
    found = (_file_of(sibling) for sibling in siblings)
    return Repo(model_id, commit, {file.name: file for file in found if file is not None})


def _file_of(sibling: Mapping[str, Any]) -> RepoFile | None:
    name, size = sibling["rfilename"], sibling.get("size") or 0
    # One size that cannot be costs this file, not the repository.
    if file_name_problem(str(name)) is not None or not isinstance(size, int) or not 0 <= size <= MAX_FILE_BYTES:
        return None
    sha256, git_id = (sibling.get("lfs") or {}).get("sha256"), sibling.get("blobId")
    is_large = isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None
    is_small = isinstance(git_id, str) and _GIT_ID.fullmatch(git_id) is not None
    return RepoFile(str(name), size, sha256 if is_large else None, git_id if is_small else None)
