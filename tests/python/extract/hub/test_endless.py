"""Listings that never end, from servers that are no Hub."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from extract.hub import bounds
from extract.hub.crawl import CrawlRequest, crawl_hub
from modelkin.errors import HubError
from tests.python.extract.hub.scripted import Answer, served

Listing = Callable[[int], tuple[str, list[dict[str, object]]]]
"""From the number of a page to the query of the next one, and the page's models."""

LISTINGS: dict[str, tuple[Listing, str]] = {
    "a circle": (lambda page: ("cursor=again", [{"id": f"a/m{page}"}]), "leads back to a page"),
    "the same models": (lambda page: (f"cursor={page}", [{"id": "a/b"}]), "no new model on 20 pages"),
    "no models": (lambda page: (f"cursor={page}", []), "no new model on 20 pages"),
    "new models": (lambda page: (f"cursor={page}", [{"id": f"a/m{page}"}]), "more than 30 pages"),
}


@pytest.mark.parametrize("case", LISTINGS)
@pytest.mark.parametrize("base_models", [(), ("a/base",)])
def test_a_listing_without_end_ends_with_a_sentence(
    case: str, base_models: tuple[str, ...], warehouse_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing, words = LISTINGS[case]
    monkeypatch.setattr(bounds, "MAX_PAGES", 30)
    monkeypatch.setattr(bounds, "MAX_FAMILY_PAGES", 30)
    numbers = count()

    def answer(path: str, headers: object) -> Answer:
        if path.startswith("/api/models/"):
            return 200, {}, b'{"id": "a/base"}'
        following, items = listing(next(numbers))
        return 200, {"Link": f'</api/models?{following}>; rel="next"'}, json.dumps(items).encode()

    with served(answer) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        with pytest.raises(HubError, match=words):
            crawl_hub(CrawlRequest(base_models=base_models, everything=not base_models))
