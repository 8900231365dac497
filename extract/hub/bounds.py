"""How much a server may cost: bytes, seconds, redirects, repeats and pages, of one answer and of one crawl."""

from typing import Final

SILENT_SECONDS: Final = 60.0
"""How long a server may be silent."""

ANSWER_SECONDS: Final = 100.0
"""How long one answer may take in all, repeats of the question included. What the Hub asks to wait is not counted."""

MAX_ANSWER_BYTES: Final = 32 << 20
"""A page of 1,000 models has some 10 MB."""

MAX_VALUES: Final = 3_000_000
"""Values in one answer: a text of two characters per value would become a hundred times as large in memory."""

MAX_REDIRECTS: Final = 5
RETRIES: Final = 5
MAX_PAUSE_SECONDS: Final = 8
"""A question is repeated after 1, 2, 4, 8 and 8 seconds."""

MAX_LIMIT_SECONDS: Final = 330
"""How long the Hub may ask a client to wait: its windows have 300 seconds."""

MAX_PAGES: Final = 8_000
"""Pages of one listing: the whole Hub has some 3,000."""

MAX_FAMILY_PAGES: Final = 300
"""Pages of the children of one model: the largest families have some 30."""

MAX_BARREN_PAGES: Final = 20
"""Pages in a row that bring no new model."""

SPARE_BYTES: Final = 1 << 30
"""What stays free on the disk: a crawl ends, and a model is not fetched, before less is left."""
