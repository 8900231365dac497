"""What the pages of the explorer share: the models read once, and the words that their scripts print."""

from dataclasses import dataclass
from typing import Any, Final

import duckdb

from modelkin.answer.telling import tell_all
from modelkin.answer.verdicts import Told
from modelkin.errors import WarehouseError
from reports.explore.catalogue import FITS, Catalogue, read_catalogue
from reports.explore.families import MAX_MEMBERS, Drawing, draw
from reports.explore.files import script
from reports.explore.models import RELATIONS, model_files, site_numbers
from reports.explore.network import NONE_STATED, OTHER, TYPES, UNKNOWN, VERDICTS, network_data
from reports.explore.thumbnail import thumbnail
from reports.site.page import Material

DATA: Final = "data"
"""The folder of the data files in the site."""


@dataclass(frozen=True)
class Explored:
    """The models of a warehouse, which of them are drawn, their places in the list of ids, the data of the picture."""

    catalogue: Catalogue
    drawing: Drawing
    places: dict[int, int]
    network: dict[str, Any]
    told: dict[str, Told]
    """What is to be said of each model that the site holds, by its id in lower case."""

    @property
    def n_kept(self) -> int:
        """Models that the site holds."""
        return len(self.places)

    @property
    def drawn_roots(self) -> frozenset[str]:
        """The ids of the roots of the families that are drawn."""
        first = self.drawing.number[self.drawing.forest.first]
        return frozenset(self.catalogue.models.column("model_id").take(first).to_pylist())

    @property
    def picture(self) -> dict[str, Any]:
        """What the templates need to know of the picture: how much is drawn, of how much, what may be chosen."""
        drawing = self.drawing
        return {
            "n_models": drawing.forest.n_models,
            "n_families": len(drawing.forest.first),
            "n_all_families": drawing.n_families,
            "n_in_families": drawing.n_in_families,
            "n_alone": drawing.n_alone,
            "n_others": len(drawing.others),
            "max_members": MAX_MEMBERS,
            "layouts": list(self.network["layouts"]),
            "colours": self.network["known"],
        }


def read_explored(connection: duckdb.DuckDBPyConnection) -> Explored | None:
    """Read what the explorer shows; None where there are no marts, or no models in them."""
    try:
        catalogue = read_catalogue(connection)
    except duckdb.CatalogException:
        return None
    except duckdb.BinderException as error:
        first_line = str(error).splitlines()[0]
        raise WarehouseError(f"The models cannot be explored ({first_line}); run `modelkin build` again.") from error
    drawing = draw(catalogue)
    places = site_numbers(catalogue, drawing)
    ids = catalogue.column("model_id")
    told = tell_all(connection, [ids[number] for number in places])
    network = network_data(catalogue, drawing, places, told)
    return Explored(catalogue, drawing, places, network, told) if catalogue.n_models else None


def data_files(explored: Explored | None) -> dict[str, bytes]:
    """Return the data files of the explorer by their path in the site."""
    if explored is None:
        return {}
    files = {"network.js": script("network", explored.network)} | model_files(
        explored.catalogue, explored.places, explored.told
    )
    files["network.svg"] = thumbnail(explored.catalogue, explored.drawing)
    return {f"{DATA}/{name}": content for name, content in files.items()}


def words(m: Material, explored: Explored | None) -> dict[str, Any]:
    """Return the words that the scripts print, beside those of the search."""
    _ = m.translate
    countries = sorted({code for code in explored.catalogue.column("country") if code}) if explored else []
    fits = (
        _("not measured"),
        _("its declared parent fits best"),
        _("another model fits better"),
        _("measured, its declared parent was not"),
        _("measured, declares no parent"),
    )
    return {
        "close": _("Close"),
        "unknown": _("unknown"),
        "other": _("other"),
        "rows": _("%(shown)s of %(all)s models."),
        "show": _("Show %(id)s in the picture"),
        "all_facts": _("All that is known of this model"),
        "type": _("type"),
        "parent": _("parent"),
        "family": _("family"),
        "children": _("children"),
        "others": _("further parents and children"),
        "downloads": _("downloads in 30 days"),
        "created": _("created"),
        "license": _("licence"),
        "country": _("country"),
        "fit": _("declared against measured"),
        "verdict": _("verdict on its descent"),
        "kinds": {
            "type": {code: m.word(code) for code in TYPES},
            "relation": {code: m.word(code) for code in RELATIONS},
            "license": {NONE_STATED: _("none stated")},
            "country": {code: m.locale.country(code) for code in countries},
            "fit": dict(zip(FITS, fits, strict=True)),
            "verdict": {code: m.word(f"descent:{code}") for code in VERDICTS},
            "tick": {OTHER: _("other"), UNKNOWN: _("unknown")},
        },
    }
