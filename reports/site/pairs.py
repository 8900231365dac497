"""Pairs as the points of a chart: one band for each relation, in its colour, with its mean."""

from collections.abc import Mapping, Sequence

from reports.figures.charts import Band, Mark, Note
from reports.site import formats
from reports.site.labelled import RELATION_COLOURS
from reports.site.page import Material
from reports.site.queries import Row


def words_of(m: Material, row: Row) -> str:
    """Return what is said of a pair on hover."""
    ids = f"{formats.name(row['derived_model_id'])} · {formats.name(row['base_model_id'])}"
    said = f"{ids}: {formats.overlap(row['overlap_ratio'])}"
    if row["derived_downloads"] is not None:
        said += f" · {m.translate('downloads')} {formats.count(row['derived_downloads'])}"
    return said


def grouped(rows: Sequence[Row], label: str | None = None) -> list[Row]:
    """Return the rows of a family, or all, with the size and the mean of the group that each is a sample of."""
    of = "relation" if label is None else "family"
    return [
        {**row, "n_of_group": row[f"n_of_{of}"], "mean_of_group": row[f"mean_of_{of}"]}
        for row in rows
        if label is None or row["family_label"] == label
    ]


def bands(m: Material, rows: Sequence[Row], notes: Mapping[str, Sequence[Note]] | None = None) -> list[Band]:
    """Return a band of points for each relation that ``rows`` have, with its mean and the pairs that are named.

    Where ``rows`` are a sample of a relation, the name of the band says of how many, and the mean is that of all.
    """
    found = []
    for relation, look in RELATION_COLOURS.items():
        part = [row for row in rows if row["relation"] == relation]
        if not part:
            continue
        n, mean = part[0]["n_of_group"], part[0]["mean_of_group"]
        name = m.word(relation) if relation != "unknown" else m.translate("unknown relation")
        label = f"{name}{m.translate(', ')}n {formats.count(n)}"
        if len(part) < n:
            label = m.translate("%(relation)s, %(drawn)s of %(n)s drawn") % {
                "relation": name,
                "drawn": formats.count(len(part)),
                "n": formats.count(n),
            }
        marks = [Mark(row["overlap_ratio"], words_of(m, row), jitter=row["jitter"]) for row in part]
        words = m.translate("mean %(mean)s") % {"mean": formats.overlap(mean)}
        found.append(Band(label, look, marks, mean, words, (notes or {}).get(relation, ())))
    return found
