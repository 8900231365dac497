"""Text that strangers wrote, made safe to print: no character moves the cursor, hides, or turns the direction."""

from typing import Final

_KEPT: Final = frozenset("\n\t")


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


def _escaped(one: str) -> str:
    code = ord(one)
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"
