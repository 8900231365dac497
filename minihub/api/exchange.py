"""A request as the server read it, and the answer that it will send."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

NOTICE: Final = "Modelkin miniature Hub: synthetic models and metadata, made on this machine"
JSON_TYPE: Final = "application/json; charset=utf-8"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
_TRUE: Final = frozenset({"true", "True", "1"})


@dataclass(frozen=True)
class Request:
    """One request: its method, its target as it was sent, its headers and its body."""

    method: str
    target: str
    headers: Message
    body: bytes = b""

    @cached_property
    def parts(self) -> list[str]:
        """The parts of the path, decoded."""
        return [unquote(part) for part in urlsplit(self.target).path.split("/")[1:]]

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The parameters, each with all its values."""
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def is_api(self) -> bool:
        """Whether it asks the API, and not for a file."""
        return self.parts[0] == "api"

    @property
    def token(self) -> str:
        """The access token by which the client says who it is; empty where it does not."""
        return str(self.headers.get("Authorization", "")).removeprefix("Bearer ")

    def single(self, name: str) -> str | None:
        """Return the last value of a parameter, or None."""
        values = self.query.get(name)
        return values[-1] if values else None

    def several(self, name: str) -> list[str]:
        """Return all values of a parameter that is repeated, also as ``name[]``, or holds commas."""
        values = [*self.query.get(name, ()), *self.query.get(f"{name}[]", ())]
        return [part for value in values for part in value.split(",") if part]

    def is_set(self, name: str) -> bool:
        """Return whether a parameter says yes."""
        return self.single(name) in _TRUE


@dataclass(frozen=True)
class Part:
    """The bytes of a file on disk from ``start`` to before ``stop``."""

    path: Path
    start: int
    stop: int


@dataclass(frozen=True)
class Answer:
    """What is sent back: a status, headers, and bytes in hand or on disk."""

    content: bytes | Part = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: HTTPStatus = HTTPStatus.OK

    @property
    def length(self) -> int:
        """The number of bytes of the body."""
        return self.content.stop - self.content.start if isinstance(self.content, Part) else len(self.content)


def json_answer(value: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Return ``value`` as JSON."""
    return Answer(json.dumps(value).encode(), {"Content-Type": JSON_TYPE, **(headers or {})})


@dataclass
class Refusal(Exception):  # noqa: N818
    """An answer other than success, as the Hub words it."""

    status: HTTPStatus
    message: str
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_text: bool = False
    """Whether the message is sent as plain text alone."""

    def answer(self) -> Answer:
        """Return what is sent: the message as JSON and as a header, or as plain text."""
        if self.is_text:
            return Answer(self.message.encode(), {"Content-Type": TEXT_TYPE, **self.headers}, self.status)
        headers = {"Content-Type": JSON_TYPE, "X-Error-Message": self.message}
        if self.code is not None:
            headers["X-Error-Code"] = self.code
        return Answer(json.dumps({"error": self.message}).encode(), {**headers, **self.headers}, self.status)


def bad_request(message: str) -> Refusal:
    """Return the refusal of a request that cannot be read."""
    return Refusal(HTTPStatus.BAD_REQUEST, message)
