"""Picture files of figures: SVG and PNG, drawn without a browser or a network."""

import html
import json
from typing import Any, Final

import altair as alt
import vl_convert

PNG_SCALE: Final = 1.5
"""Pixels of a PNG for each unit of the figure; a figure of two panels is then about 1,200 pixels wide."""

VEGA_LITE: Final = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
"""The version that Altair writes for; the newest that vl-convert has need not be the same."""

_EXPORTS: Final = "window.vegaEmbed = vegaEmbed;"


def svg(spec: dict[str, Any]) -> str:
    """Return the figure of a Vega-Lite specification as SVG, with its description for who cannot see it."""
    drawn: str = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=VEGA_LITE)
    description = html.escape(str(spec.get("description", "")))
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{description}" ', 1)


def png(drawn: str) -> bytes:
    """Return an SVG drawing as PNG."""
    pixels: bytes = vl_convert.svg_to_png(drawn, scale=PNG_SCALE)
    return pixels


def script() -> str:
    """Return Vega, Vega-Lite and vega-embed as one script that needs no network."""
    bundle: str = vl_convert.javascript_bundle(_EXPORTS, VEGA_LITE)
    return bundle
