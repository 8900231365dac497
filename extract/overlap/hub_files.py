"""What the Hub gives of a model: the list of its files, and each file on disk.

This is the only module of the measurement that talks to the Hub. Whatever the Hub refuses becomes
a MeasurementFailed with its reason.
"""

import errno
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_backoff

from extract.hub.client import FIRST_CONTACT_RETRIES, REQUEST_SECONDS, RETRIES
from extract.overlap.model_files import Repo, RepoFile
from extract.overlap.reasons import MeasurementFailed
from modelkin.errors import InputError
from modelkin.model_ids import model_id_problem


@dataclass
class HubFiles:
    """Repositories of one Hub, and the folder that their files are fetched into."""

    endpoint: str
    folder: Path
    _repos: dict[tuple[str, str | None], Repo] = field(default_factory=dict)
    _has_answered: bool = False

    def repo(self, model_id: str, sha: str | None) -> Repo:
        """Ask for a repository at a commit (or the newest).

        Raises MeasurementFailed: not_found, gated, network.
        """
        if (problem := model_id_problem(model_id)) is not None:
            raise MeasurementFailed("not_found", problem)
        if (known := self._repos.get((model_id.lower(), sha))) is not None:
            return known
        revision = f"/revision/{quote(sha, safe='')}" if sha else ""
        url = f"{self.endpoint}/api/models/{quote(model_id, safe='/')}{revision}?blobs=true"
        retries = RETRIES if self._has_answered else FIRST_CONTACT_RETRIES
        try:
            response = http_backoff(
                "GET", url, headers=build_hf_headers(), timeout=REQUEST_SECONDS, max_retries=retries
            )
            self._has_answered = True
            hf_raise_for_status(response)
            repo = _repo_of(response.json(), sha)
        except (HfHubHTTPError, httpx2.HTTPError, OSError) as error:
            raise explained(error, model_id) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MeasurementFailed("network", f"the Hub did not answer as one for {model_id}") from error
        self._repos[repo.model_id.lower(), repo.sha] = repo
        return repo

    def download(self, repo: Repo, name: str) -> Path:
        """Bring one file onto the disk, or find it there. Raises MeasurementFailed: not_found, gated, network."""
        try:
            path = Path(
                hf_hub_download(repo.model_id, name, revision=repo.sha, cache_dir=self.folder, endpoint=self.endpoint)
            )
            # The time of access says what to forget first; file systems seldom keep it by themselves.
            os.utime(path, (time.time(), path.stat().st_mtime))
        except Exception as error:
            raise explained(error, f"{name} of {repo.model_id}") from error
        return path


def _repo_of(info: Mapping[str, Any], sha: str | None) -> Repo:
    """Read the API's answer. Raises KeyError, TypeError or AttributeError when it is none."""
    files = {
        str(sibling["rfilename"]): RepoFile(
            str(sibling["rfilename"]), int(sibling.get("size") or 0), (sibling.get("lfs") or {}).get("sha256")
        )
        for sibling in info.get("siblings") or ()
    }
    return Repo(str(info["id"]), str(sha or info["sha"]), files)


def explained(error: Exception, what: str) -> MeasurementFailed:
    """Return the reason for what asking the Hub about ``what`` raised; other errors are raised again."""
    for kind, reason, detail in _HUB_ERRORS:
        if isinstance(error, kind):
            return MeasurementFailed(reason, detail.format(what=what))
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        reason = "gated" if status in {401, 403} else "network"
        return MeasurementFailed(reason, f"the Hub answered {status} for {what}")
    if isinstance(error, OSError | httpx2.HTTPError):
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise InputError(f"The disk is full while fetching {what}; free some, or lower --cache-gb.") from error
        cause = error.__cause__ or error
        return MeasurementFailed("network", f"{type(cause).__name__} while fetching {what}")
    raise error


_HUB_ERRORS: Final = (
    (GatedRepoError, "gated", "the Hub refuses {what}: its author must grant access first"),
    (DisabledRepoError, "not_found", "the Hub has disabled access to {what}"),
    (RevisionNotFoundError, "not_found", "the commit of {what} does not exist (any more)"),
    (RepositoryNotFoundError, "not_found", "the Hub has no model {what} that may be seen"),
    (RemoteEntryNotFoundError, "not_found", "{what} is listed and not there"),
)
"""What the library raises; the first that fits counts. Errors of the connection are OSError or HTTPError."""
