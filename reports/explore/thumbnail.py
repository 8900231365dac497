"""A small picture of the network, as SVG: what the home page shows of it."""

from typing import Final

import numpy as np

from reports.explore.catalogue import Catalogue
from reports.explore.families import Drawing
from reports.network.layout import radial

MAX_POINTS: Final = 2_500
"""Models that it shows, of the largest families."""
SIDE: Final = 1_000
COLOURS: Final = {
    "base": "#2f7fc9",
    "finetune": "#d9622b",
    "quantized": "#15907c",
    "adapter": "#a05ac8",
    "merge": "#a9801c",
}
"""Colours with enough contrast on light and dark paper, by type; the others are grey."""
OTHERS: Final = "#828a96"


def thumbnail(catalogue: Catalogue, drawing: Drawing) -> bytes:
    """Return the picture: a line to each parent, a point for each model, in the colour of its type."""
    layout, _ = radial(drawing.forest)
    n = min(drawing.forest.n_models, MAX_POINTS)
    x, y = layout.x[:n], -layout.y[:n]
    extent = max(float(np.ptp(x)), float(np.ptp(y)), 1.0) if n else 1.0
    x = np.round((x - (x.min() + x.max()) / 2) / extent * 0.96 * SIDE + SIDE / 2).astype(int) if n else x
    y = np.round((y - (y.min() + y.max()) / 2) / extent * 0.96 * SIDE + SIDE / 2).astype(int) if n else y
    parents = np.where(drawing.is_attached[:n], -1, drawing.forest.parent[:n])
    lines = "".join(
        f"M{x[place]} {y[place]}L{x[parent]} {y[parent]}" for place, parent in enumerate(parents) if 0 <= parent < n
    )
    types = catalogue.models.column("model_type").take(drawing.number[:n]).to_pylist()
    width = min(24.0, max(5.0, 420 / max(n, 1) ** 0.5))
    points = "".join(
        f'<path d="{places}" stroke="{colour}" stroke-width="{width:.1f}" stroke-linecap="round"/>'
        for colour in [*COLOURS.values(), OTHERS]
        if (
            places := "".join(
                f"M{x[place]} {y[place]}h0" for place, kind in enumerate(types) if COLOURS.get(kind, OTHERS) == colour
            )
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" fill="none">'
        f'<path d="{lines}" stroke="{OTHERS}" stroke-opacity=".6" stroke-width="{width / 4:.1f}"/>{points}</svg>\n'
    ).encode()
