"""A log of what commands do, as JSON lines in the file that MODELKIN_LOG names; without it there is none.

Each line is one object: ``at`` (UTC), ``event``, ``process``, and what belongs to the event. docs/reliability.md lists
the events. No access token is ever in it.
"""

import contextlib
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from modelkin.errors import UsageError

VARIABLE: Final = "MODELKIN_LOG"

_TOKEN_VARIABLES: Final = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
_TOKEN: Final = re.compile(r"\bhf_[A-Za-z0-9_]{6,}")
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/?#@\s\"\\]+(?=@)")
_QUERY: Final = re.compile(r"(://[^\s\"?]+)\?[^\s\"\\]+")
_HIDDEN: Final = "***"
_SHORTEST: Final = 4
"""Characters of a token at least: to hide a shorter text would garble every line."""


def record(event: str, **facts: object) -> None:
    """Add a line to the log, where there is one. Raises UsageError where it cannot be written."""
    name = os.environ.get(VARIABLE)
    if not name:
        return
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": at, "event": event, "process": os.getpid(), **facts}, default=str)
    try:
        # One write to a file that is only ever added to: lines of several processes do not mix.
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(without_secrets(line) + "\n")
    except OSError as error:
        raise UsageError(
            f"The log {name} cannot be written ({error.strerror}); set {VARIABLE} to another file."
        ) from None


def without_secrets(line: str) -> str:
    """Return a line without access tokens, users and passwords in addresses, and the queries that sign addresses."""
    for token in _tokens():
        line = line.replace(json.dumps(token)[1:-1], _HIDDEN).replace(token, _HIDDEN)
    return _QUERY.sub(rf"\1?{_HIDDEN}", _CREDENTIALS.sub(_HIDDEN, _TOKEN.sub(_HIDDEN, line)))


def _tokens() -> list[str]:
    """Return the tokens that this process could send: those of the environment, and the one that was logged in with."""
    found = [os.environ.get(name, "").strip() for name in _TOKEN_VARIABLES]
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    with contextlib.suppress(OSError, ValueError):
        found.append(Path(os.environ.get("HF_TOKEN_PATH") or home / "token").read_text(encoding="utf-8").strip())
    return [token for token in found if len(token) >= _SHORTEST]
