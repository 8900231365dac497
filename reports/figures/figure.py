"""What a figure is: panels that stand side by side in a picture file, and one below another on a phone."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import altair as alt

Rows: TypeAlias = Sequence[Mapping[str, Any]]
"""Rows of a query, each a mapping from column to value."""

Translate: TypeAlias = Callable[[str], str]
"""Turns an English message into the reader's language; charts take it as ``_``."""

View: TypeAlias = Any
"""An Altair chart, layered or not; Altair's own methods do not say which of its classes they return."""

PALETTE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Colours that readers with any colour vision tell apart (Okabe and Ito 2008), in an order of contrast."""

SHAPES: Final = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down")
"""A shape goes with each colour, so that nothing hangs on colour alone."""

PANEL_WIDTH: Final = 320
PANEL_HEIGHT: Final = 220

SHORT_COUNT: Final = (
    "datum.value >= 1e6 ? format(datum.value / 1e6, '~g') + 'M' : "
    "datum.value >= 1e3 ? format(datum.value / 1e3, '~g') + 'k' : format(datum.value, '~g')"
)
"""Labels of an axis of counts: 5, 20k, 3M."""

_FONT: Final = "Inter, Helvetica Neue, Arial, Liberation Sans, Noto Sans, Noto Sans CJK SC, PingFang SC, sans-serif"
_TEXT: Final = "#4a4f57"
_RULE: Final = "#d9dce1"

_CONFIG: Final[dict[str, Any]] = {
    "font": _FONT,
    "axis": {
        "domainColor": _RULE,
        "gridColor": _RULE,
        "gridOpacity": 0.6,
        "labelColor": _TEXT,
        "labelFontSize": 11,
        "labelLimit": 200,
        "labelOverlap": "greedy",
        "tickColor": _RULE,
        "titleColor": _TEXT,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
    },
    "legend": {
        "labelColor": _TEXT,
        "labelFontSize": 12,
        "symbolSize": 90,
        "titleColor": _TEXT,
        "titleFontWeight": "normal",
    },
    "title": {"anchor": "start", "color": "#1c1f24", "fontSize": 13, "fontWeight": 600},
    "view": {"stroke": None},
}
"""The house's look: quiet axes, no frame, one typeface."""


@dataclass(frozen=True)
class Panel:
    """One chart of a figure: its heading, what a reader who cannot see it is told, and the chart without a size.

    ``height`` is that of the plot, in pixels.
    """

    key: str
    title: str
    description: str
    chart: View
    height: int = PANEL_HEIGHT


@dataclass(frozen=True)
class Figure:
    """A figure: its file name, heading, and panels in reading order, ``columns`` of them in a row."""

    name: str
    title: str
    columns: int
    panels: tuple[Panel, ...]

    def page_specs(self) -> dict[str, dict[str, Any]]:
        """Return a Vega-Lite specification a panel, by its key, each as wide as the place it is put in."""
        return {
            panel.key: {
                **_specified(panel),
                "width": "container",
                "height": panel.height,
                "description": panel.description,
                "background": "transparent",
                "config": _CONFIG,
            }
            for panel in self.panels
        }

    def file_spec(self) -> dict[str, Any]:
        """Return one Vega-Lite specification of all panels together, for a picture file."""
        datasets: dict[str, Any] = {}
        views = []
        for panel in self.panels:
            view = _specified(panel)
            datasets.update(view.pop("datasets", {}))
            schema = view.pop("$schema")
            heading = {} if panel.title == self.title else {"title": panel.title}
            views.append({**view, "width": PANEL_WIDTH, "height": panel.height, **heading})
        rows = [{"hconcat": views[start : start + self.columns]} for start in range(0, len(views), self.columns)]
        return {
            "$schema": schema,
            "title": {"text": self.title, "anchor": "start", "fontSize": 17, "offset": 14},
            "description": " ".join(f"{panel.title}: {panel.description}" for panel in self.panels),
            "background": "#ffffff",
            "padding": 16,
            "datasets": datasets,
            "vconcat": rows,
            "config": _CONFIG,
        }


def _specified(panel: Panel) -> dict[str, Any]:
    """Return the specification of a panel's chart without looks and size; the tests validate every one of them."""
    with alt.utils.schemapi.debug_mode(False):
        spec: dict[str, Any] = panel.chart.to_dict(validate=False)
    spec.pop("config", None)
    return spec


def colours(labels: Sequence[str], title: str | None) -> alt.Color:
    """Return a colour encoding that gives each label, in order, the same colour in every chart."""
    return alt.Color(
        "family_label:N",
        scale=alt.Scale(domain=list(labels), range=list(PALETTE[: len(labels)])),
        legend=None if title is None else alt.Legend(title=title, orient="top", columns=min(len(labels), 2)),
    )


def shapes(labels: Sequence[str]) -> alt.Shape:
    """Return a shape encoding that goes with ``colours``."""
    return alt.Shape(
        "family_label:N", scale=alt.Scale(domain=list(labels), range=list(SHAPES[: len(labels)])), legend=None
    )


def colour_of(label: str, labels: Sequence[str]) -> str:
    """Return the colour that ``label`` has among ``labels``."""
    return PALETTE[list(labels).index(label) % len(PALETTE)]


def shape_of(label: str, labels: Sequence[str]) -> str:
    """Return the shape that ``label`` has among ``labels``."""
    return SHAPES[list(labels).index(label) % len(SHAPES)]


def data(rows: Rows, *columns: str) -> alt.InlineData:
    """Return the named columns of ``rows`` as the chart's own data.

    They go in as one JSON text, which Altair hands on as it is; it would walk through a list of rows cell by cell.
    """
    values = json.dumps([{name: row[name] for name in columns} for row in rows], ensure_ascii=False, allow_nan=False)
    return alt.InlineData(values=values, format=alt.JsonDataFormat(type="json"))
