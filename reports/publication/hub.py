"""A publication as a data set on the Hub: one commit, so a reader sees the former state or the new one.

The library sends the files, and skips those that the data set holds already. It finds the token by its own means
(``HF_TOKEN``, or what ``hf auth login`` stored); no token passes through here, so none can be logged or kept.
"""

import os
import re
import tempfile
from pathlib import Path
from typing import Final

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from modelkin.errors import HubError, UsageError
from reports.publication.publishing import CATALOGUE, Publication, publish

PREFIX: Final = "hf://datasets/"
_REPOSITORY: Final = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_OURS: Final = ("README.md", "SHA256SUMS", CATALOGUE)
_THEIRS: Final = frozenset({".gitattributes"})


def publish_to_hub(warehouse: Path, target: str) -> Publication:
    """Publish the marts as the data set ``target``, which is ``hf://datasets/OWNER/NAME`` and exists.

    Everything is sent in one commit on top of the state that was looked at: if someone else commits meanwhile, the Hub
    refuses it. Files of a former publication that are gone from this one are deleted in the same commit.
    """
    name = target.removeprefix(PREFIX).rstrip("/")
    if not _REPOSITORY.fullmatch(name):
        raise UsageError(f"{target} is no data set; write it as {PREFIX}OWNER/NAME.")
    api = HfApi(endpoint=(os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/"))
    try:
        info = api.dataset_info(name)
        held = {one.rfilename for one in info.siblings or ()} - _THEIRS
        if held - {"README.md"} and CATALOGUE not in held:
            raise UsageError(f"{target} holds something else, which would be lost; name a new data set.")
        with tempfile.TemporaryDirectory(prefix="modelkin-publish-") as temporary:
            folder = Path(temporary) / "set"
            done = publish(warehouse, folder)
            files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
            former = {file for file in held if file in _OURS or file.startswith("data/")}
            api.create_commit(
                name,
                [
                    *(CommitOperationAdd(path_in_repo=file, path_or_fileobj=folder / file) for file in files),
                    *(CommitOperationDelete(path_in_repo=file) for file in sorted(former - set(files))),
                ],
                repo_type="dataset",
                commit_message="Publish the marts of a build",
                parent_commit=info.sha,
            )
    except RepositoryNotFoundError as error:
        raise HubError(
            f"There is no data set {name} that you may write to; make it with `hf repo create {name} --repo-type "
            "dataset`, and log in with `hf auth login` or set HF_TOKEN."
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no answer"
        raise HubError(
            f"The Hub did not take the data set {name} ({status}); the former state is as it was."
        ) from error
    return done
