"""Model cards: the README of each model, fetched in small batches that are kept until they are written."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa

from extract.hub.client import HubClient
from modelkin.progress import Progress
from modelkin.raw_schemas import HUB_MODEL_CARDS
from modelkin.spool import Spool
from modelkin.warehouse import utc_now

CARD_NAME: Final = "README.md"
MAX_CARD_BYTES: Final = 1_000_000
"""A longer card is cut here: it holds tables of results or pasted data, not prose."""

BATCH: Final = 25
"""Cards between two checkpoints."""

BATCH_HOURS: Final = 24
CARD_SCHEMA: Final = pa.schema([field_ for field_ in HUB_MODEL_CARDS if field_.name != "run_id"])


@dataclass
class CardsFetched:
    """The batches of cards that are in the spool."""

    spool: Spool
    keys: list[str] = field(default_factory=list)
    n_found: int = 0
    n_cut: int = 0
    n_known: int = 0
    """Cards that the warehouse holds at the model's commit: they were not fetched."""

    @property
    def notes(self) -> list[str]:
        """What a user should know about the cards."""
        notes = [(f"cards longer than {MAX_CARD_BYTES:,} bytes, cut there", self.n_cut)]
        notes.append(("cards that the warehouse has already, not fetched again", self.n_known))
        return [f"{what}: {count:,}" for what, count in notes if count]

    def pieces(self) -> Iterator[pa.Table]:
        """Yield each batch."""
        for key in self.keys:
            piece = self.spool.get(key)
            if piece is not None:
                yield piece


def fetch_cards(client: HubClient, spool: Spool, models: Sequence[tuple[str, list[str] | None]]) -> CardsFetched:
    """Fetch the card of each model, given with its file names where they are known.

    A model without a card is a row without a body: it was looked for.
    """
    fetched = CardsFetched(spool)
    progress = Progress("cards")
    try:
        for start in range(0, len(models), BATCH):
            batch = models[start : start + BATCH]
            key = json.dumps([model_id for model_id, _ in batch])
            piece = _stored(spool, key)
            if piece is None:
                piece = _fetch(client, batch)
                spool.put(key, piece, {name.decode(): value.decode() for name, value in piece.schema.metadata.items()})
            fetched.keys.append(key)
            fetched.n_found += piece.num_rows - piece.column("body").null_count
            fetched.n_cut += int(piece.schema.metadata[b"cut"])
            progress.update(start + len(batch), total=len(models))
    finally:
        progress.close()
    return fetched


def _stored(spool: Spool, key: str) -> pa.Table | None:
    piece = spool.get(key)
    if piece is None:
        return None
    fetched_at = datetime.fromisoformat(piece.schema.metadata[b"fetched_at"].decode())
    return piece if utc_now() - fetched_at < timedelta(hours=BATCH_HOURS) else None


def _fetch(client: HubClient, models: Sequence[tuple[str, list[str] | None]]) -> pa.Table:
    rows = []
    n_cut = 0
    now = utc_now()
    for model_id, files in models:
        may_exist = files is None or CARD_NAME in files
        card = client.text_file(model_id, CARD_NAME, MAX_CARD_BYTES) if may_exist else None
        n_cut += card is not None and card.is_cut
        rows.append(
            {
                "model_id": model_id,
                "sha": card.sha if card else None,
                "body": card.text if card else None,
                "fetched_at": utc_now(),
            }
        )
    table = pa.Table.from_pylist(rows, schema=CARD_SCHEMA)
    return table.replace_schema_metadata({"fetched_at": now.isoformat(), "cut": str(n_cut)})
