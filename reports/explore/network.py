"""The data of the network page: every drawn model with its place in each layout and what it is coloured by."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np

from modelkin.answer.verdicts import AGREES, Told
from reports.explore.catalogue import FITS, Catalogue
from reports.explore.families import Drawing
from reports.explore.files import Codes, packed, picture, ticks
from reports.network.layout import ASPECT, Forest, Layout, Numbers, by_size, by_time, radial

TYPES: Final = ("base", "finetune", "quantized", "adapter", "merge", "unknown")
VERDICTS: Final = tuple(AGREES)
NONE_STATED: Final = ""
"""A licence that is known not to be stated, beside None for one that is not known."""
MAX_ARCHITECTURES: Final = 10
"""Architectures with a column of their own; the others share one."""
OTHER: Final = "other"
UNKNOWN: Final = "unknown"
LEAST_KNOWN: Final = 0.2
"""Share of the drawn models whose date, or size, must be known for the layout by it to be offered."""


def network_data(
    catalogue: Catalogue, drawing: Drawing, site_numbers: dict[int, int], told: Mapping[str, Told]
) -> dict[str, Any]:
    """Return what the network page reads; ``site_numbers`` gives the place of a model in the list of all ids.

    ``told`` has what is to be said of each model, by its id in lower case.
    """
    forest, numbers = drawing.forest, drawing.number
    chosen = catalogue.models.take(numbers)

    def column(name: str) -> list[Any]:
        values: list[Any] = chosen.column(name).to_pylist()
        return values

    licenses = licenses_of(column("license"), column("is_license_known"))
    days = column("created_on")
    architectures = column("architecture")
    layouts = {"radial": picture(*radial(forest))}
    if _share_known(days) >= LEAST_KNOWN:
        layouts["time"] = _time(forest, days)
    if _share_known(column("parameter_count")) >= LEAST_KNOWN:
        layouts["size"] = _size(architectures, column("parameter_count"))
    colours = {
        "type": Codes(column("model_type"), TYPES),
        "license": Codes(licenses),
        "country": Codes(column("country")),
        "architecture": Codes(architectures),
        "fit": Codes([FITS[code] for code in catalogue.fit[numbers]], FITS),
        "verdict": Codes([told[model_id.lower()].verdict for model_id in column("model_id")], VERDICTS),
    }
    return {
        "number": packed([site_numbers[int(number)] for number in numbers], "i4"),
        # A model that hangs from its root by no edge of its own has no line to it.
        "parent": packed(np.where(drawing.is_attached, -1, forest.parent), "i4"),
        "others": packed(drawing.others.ravel(), "i4"),
        "first": packed(forest.first, "i4"),
        "sizes": packed(drawing.family_sizes, "i4"),
        "layouts": layouts,
        "colours": {name: codes.column() for name, codes in colours.items()},
        # Colours that tell anything: a fit that was measured, a country that is known.
        "known": [name for name, codes in colours.items() if len(set(codes.codes)) > 1],
        "month": packed([_month(day) or 0 for day in days], "u2"),
        "downloads": column("downloads"),
        "n_families": drawing.n_families,
        "n_in_families": drawing.n_in_families,
        "n_alone": drawing.n_alone,
    }


def licenses_of(licenses: list[str | None], is_known: list[bool]) -> list[str | None]:
    """Return each licence, NONE_STATED where none is stated, None where it is not known whether one is."""
    return [
        license_ if license_ is not None else (NONE_STATED if known else None)
        for license_, known in zip(licenses, is_known, strict=True)
    ]


def _share_known(values: list[Any]) -> float:
    return sum(value is not None for value in values) / max(len(values), 1)


def _month(day: str | None) -> int | None:
    """Return the months from January 1970 to ``day``; None without a day."""
    if day is None:
        return None
    year, month, _ = (int(part) for part in day.split("-"))
    return max((year - 1970) * 12 + month - 1, 0)


def _time(forest: Forest, days: list[str | None]) -> dict[str, Any]:
    when = np.array([math.nan if day is None else _years(day) for day in days])
    layout = by_time(forest, when * 12)
    known = when[~np.isnan(when)]
    low, high = float(known.min()), float(known.max())
    wide = float(np.nanmax(layout.x))
    step = max(1, math.ceil((high - low) / 10))
    marks = [
        ((year - low) / max(high - low, 1 / 12) * wide, str(year))
        for year in range(math.ceil(low), int(high) + 1, step)
    ]
    if len(known) < len(when):
        marks.insert(0, (float(layout.x.min()), UNKNOWN))
    return ticks(picture(layout), layout, "x", marks)


def _years(day: str) -> float:
    at = date.fromisoformat(day)
    return at.year + (at.timetuple().tm_yday - 1) / 366


def _size(architectures: list[str | None], parameters: list[int | None]) -> dict[str, Any]:
    named = Codes(architectures).values[:MAX_ARCHITECTURES]
    titles = [UNKNOWN if name is None else name if name in named else OTHER for name in architectures]
    columns = [name for name in (*named, OTHER, UNKNOWN) if name in set(titles)]
    column = np.array([columns.index(title) for title in titles], np.int64)
    sizes: Numbers = np.array([math.nan if size is None else float(size) for size in parameters])
    layout: Layout = by_size(column, len(columns), sizes)
    width = ASPECT * 120 / len(columns)
    shape = ticks(picture(layout), layout, "x", [((n + 0.5) * width, name) for n, name in enumerate(columns)])
    known = np.log10(sizes[sizes > 0])
    if not len(known):
        return shape
    low, span = float(known.min()), max(float(known.max() - known.min()), 1e-9)
    powers = range(math.ceil(low), int(low + span) + 1)
    marks = [((power - low) / span * 120, _power(power)) for power in powers]
    if (column_unknown := np.isnan(sizes)).any() or (sizes[~column_unknown] <= 0).any():
        marks.append((-8.0, UNKNOWN))
    return ticks(shape, layout, "y", marks)


def _power(exponent: int) -> str:
    """Write a power of ten as a number of parameters: 100M."""
    unit = min(exponent // 3, 4)
    return f"{10 ** (exponent - 3 * unit):,}{('', 'k', 'M', 'B', 'T')[unit]}"
