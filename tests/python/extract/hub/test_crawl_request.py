"""Crawls that mean nothing are refused before anything is asked."""

import pytest

from extract.hub.crawl import CrawlRequest, crawl_hub
from modelkin.errors import UsageError
from tests.python.extract.hub.tiny_hub import BASE


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (CrawlRequest(), "Say what to crawl"),
        (CrawlRequest(everything=True, limit=3), "--all cannot be combined"),
        (CrawlRequest(base_models=("no such thing",)), "not a model id"),
        (CrawlRequest(base_models=(BASE,), depth=0), "--depth must be"),
        (CrawlRequest(author="x", depth=2), "--depth needs"),
        (CrawlRequest(limit=0), "--limit must be"),
        (CrawlRequest(min_downloads=-1), "--min-downloads must be"),
    ],
)
def test_what_cannot_be_asked(request_: CrawlRequest, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        crawl_hub(request_)
