"""The data files of the explorer: JavaScript that hands JSON to the page, since pages on disk may not read files.

Each file is one call, ``modelkin.data(name, value)``. Numbers of one column lie together, as little-endian integers in
base64, which a browser turns into an array without a parser. Texts are data: the pages print them with textContent.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from modelkin.printable import shown
from reports.network.layout import Circles, Integers, Layout, Numbers


def script(name: str, value: object) -> bytes:
    """Return the data file that hands ``value`` to the pages under ``name``."""
    text = json.dumps(shown(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"modelkin.data({json.dumps(name)},{text});\n".encode()


def packed(values: Iterable[int] | Integers, kind: str) -> str:
    """Return integers as base64: ``kind`` is numpy's name of the type, ``u1``, ``u2`` or ``i4``, little-endian.

    Raises OverflowError where one does not fit.
    """
    array = np.asarray(values if isinstance(values, np.ndarray) else list(values), np.int64)
    limits = np.iinfo(np.dtype(kind))
    if array.size and (array.min() < limits.min or array.max() > limits.max):
        raise OverflowError(f"{array.min()} to {array.max()} do not fit {kind}")
    return base64.b64encode(array.astype(f"<{kind}").tobytes()).decode()


class Codes:
    """Texts as codes into a list of the distinct ones, the most frequent first, equals in alphabetical order."""

    def __init__(self, values: Sequence[str | None], order: Sequence[str] | None = None) -> None:
        """Give each distinct text of ``values`` a code, in ``order`` where that is given; None gets the one after."""
        counted = Counter(value for value in values if value is not None)
        self.values = list(order) if order is not None else sorted(counted, key=lambda text: (-counted[text], text))
        self._code: Mapping[str | None, int] = {text: code for code, text in enumerate(self.values)}
        self.codes = [self.code(value) for value in values]

    def code(self, value: str | None) -> int:
        """Return the code of one text."""
        return len(self.values) if value is None else self._code[value]

    def column(self) -> dict[str, Any]:
        """Return the list and the packed codes."""
        return {"values": self.values, "codes": packed(self.codes, "u2")}


def picture(layout: Layout, circles: Circles | None = None) -> dict[str, Any]:
    """Return a layout on a grid of 65,536 steps, the same in both directions, with the circles of its families."""
    left, low = _least(layout.x), _least(layout.y)
    extent = max(_most(layout.x) - left, _most(layout.y) - low, 1e-9)
    scale = 65_535 / extent

    def on_grid(values: Numbers, least: float) -> Integers:
        return np.round((values - least) * scale).astype(np.int64)

    shape: dict[str, Any] = {
        "x": packed(on_grid(layout.x, left), "u2"),
        "y": packed(on_grid(layout.y, low), "u2"),
        "width": round((_most(layout.x) - left) * scale),
        "height": round((_most(layout.y) - low) * scale),
        "unit": round(scale, 2),
    }
    if circles is not None:
        around = np.column_stack([on_grid(circles.x, left), on_grid(circles.y, low), np.round(circles.radius * scale)])
        shape["circles"] = around.astype(np.int64).tolist()
    return shape


def ticks(shape: Mapping[str, Any], layout: Layout, axis: str, marks: Sequence[tuple[float, str]]) -> dict[str, Any]:
    """Return ``shape`` with marks on one of its axes, given in the units of ``layout``: position and label."""
    values = layout.x if axis == "x" else layout.y
    least = _least(values)
    return {**shape, axis + "_ticks": [[round((at - least) * shape["unit"]), label] for at, label in marks]}


def _least(values: Numbers) -> float:
    return float(values.min()) if len(values) else 0.0


def _most(values: Numbers) -> float:
    return float(values.max()) if len(values) else 0.0
