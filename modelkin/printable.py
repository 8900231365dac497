"""Text that strangers wrote, made safe to print: no character moves the cursor, hides, or turns the direction.

Commands print through this module alone. The report's pages and figures take their texts through `shown`.
"""

import re
import sys
from collections.abc import Iterable
from typing import Final, TypeVar

from modelkin.log import record

_KEPT: Final = frozenset("\n\t")

_Any = TypeVar("_Any")

FORMULA: Final = re.compile("[-=+@\t\r\n\uff0d\uff1d\uff0b\uff20]")
"""How a text begins that a spreadsheet may take for a formula; the last four are the wide forms of = + - @."""


def printable(text: str) -> str:
    """Return ``text`` on its lines, every character that cannot be shown written as its escape.

    Escaped are control characters (a terminal obeys them), invisible ones and those that turn the
    direction of writing (a name can look like another one), and halves of surrogate pairs (no file
    and no terminal takes them). The escapes are JSON's, so that JSON text stays JSON.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in _KEPT else _escaped(one) for one in text)


def one_line(text: str) -> str:
    """Return ``text`` on one line, made printable."""
    return printable(" ".join(text.split()))


def in_lines(lines: Iterable[str]) -> str:
    """Return lines as one text, made printable: the end of a line inside one of them starts no line of its own."""
    return "\n".join(printable(line).replace("\n", "\\u000a") for line in lines)


def shown(value: _Any) -> _Any:
    """Return ``value`` with every text in it, however deep, made printable."""
    found: object = value
    if isinstance(value, str):
        found = printable(value)
    elif isinstance(value, list | tuple):
        found = type(value)(shown(member) for member in value)
    elif isinstance(value, dict):
        found = {shown(key): shown(member) for key, member in value.items()}
    return found  # type: ignore[return-value]


def no_formula(text: str) -> str:
    """Return ``text`` for a cell of a CSV file: with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def tell(*lines: str) -> None:
    """Print lines on stdout, each as one."""
    print(in_lines(lines), flush=True)


def tell_text(text: str) -> None:
    """Print a text of several lines on stdout, such as JSON, whose strings hold no end of a line."""
    print(printable(text))


def warn(*lines: str) -> None:
    """Print lines on stderr, each as one."""
    text = in_lines(lines)
    record("message", text=text)
    print(text, file=sys.stderr, flush=True)


def _escaped(one: str) -> str:
    code = ord(one)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"
