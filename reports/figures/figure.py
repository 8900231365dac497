"""What a figure is: panels that stand side by side on a page, and one below another on a phone and in a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from reports.figures.drawing import LINE, MARGIN, TEXT, Drawing, wrapped

Rows: TypeAlias = Sequence[Mapping[str, Any]]
"""Rows of a query, each a mapping from column to value."""

Translate: TypeAlias = Callable[[str], str]
"""Turns an English message into the reader's language; charts take it as ``_``."""

FILE_WIDTH: Final = 720
"""Pixels across a picture file."""

TITLE: Final = 18
"""Size of the title of a picture file in pixels."""

PALETTE: Final = {
    "blue": "#0072b2",
    "orange": "#c85200",
    "green": "#00815e",
    "pink": "#b0548a",
    "yellow": "#a87400",
    "sky": "#2f8fc4",
    "grey": "#767c86",
    "faint": "#9aa1ab",
}
"""The colours on light paper, told apart with any colour vision, each at least 3:1 against white."""

HEAT_COLOURS: Final = ("#f1f3f5", "#cfe3f1", "#94c4e0", "#4e9cc9", "#1f74ac", "#084477")
"""Shades of a heatmap, from nothing to the most."""

_FONT: Final = "Inter,'Helvetica Neue',Arial,'Liberation Sans','Noto Sans','Noto Sans CJK SC','PingFang SC',sans-serif"

_STYLE: Final = "".join(
    [
        f"text{{font:12.5px {_FONT};fill:#32373e}}.soft{{fill:#5b626c}}.strong{{font-weight:600;fill:#14171b}}",
        f".title{{font-size:{TITLE}px;font-weight:650;fill:#14171b}}.grid{{stroke:#dfe3e8;stroke-width:1}}",
        ".mean{stroke:#14171b;stroke-width:3}.leader{stroke:#5b626c;stroke-width:1}",
        "polyline{stroke-width:2}.line{stroke-width:2}.dot{fill-opacity:.6}",
        *(
            f".{name}{{fill:{code}}}polyline.{name},line.{name}{{stroke:{code};fill:none}}"
            for name, code in PALETTE.items()
        ),
        *(f"polyline.area.{name}{{fill:{code};stroke:none}}" for name, code in PALETTE.items()),
    ]
)


@dataclass(frozen=True)
class Panel:
    """One chart of a figure: its heading, what a reader who cannot see it is told, and what draws it."""

    title: str
    description: str
    draw: Callable[[Drawing], None]

    @property
    def svg(self) -> str:
        """The chart as wide as its place, for a page, whose style sheet gives the colours."""
        drawing = Drawing()
        self.draw(drawing)
        return drawing.svg(f"{self.title}. {self.description}")


@dataclass(frozen=True)
class Figure:
    """A figure: its file name, its heading, which says what it shows, and its panels in reading order."""

    name: str
    title: str
    panels: tuple[Panel, ...]

    @property
    def file(self) -> str:
        """The figure as a picture file, its panels one below another, with colours of its own."""
        drawing = Drawing(FILE_WIDTH)
        drawing.elements.append(f"<style>{_STYLE}</style>")
        for line in wrapped(self.title, FILE_WIDTH * (1 - 2 * MARGIN) * TEXT / TITLE):
            drawing.height += TITLE * 1.4
            drawing.text(line, 0, drawing.height, look="title")
        drawing.height += 8
        for panel in self.panels:
            if panel.title != self.title:
                drawing.height += LINE / 2
                drawing.label(panel.title, "strong")
            panel.draw(drawing)
        drawing.height += LINE / 2
        drawing.elements.insert(1, f'<rect width="{FILE_WIDTH}" height="{drawing.height:.0f}" fill="#fff"/>')
        return drawing.svg(" ".join(f"{panel.title}: {panel.description}" for panel in self.panels))
