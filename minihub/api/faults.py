"""Troubles that a server makes on purpose, so that clients can be tested against them, and the rate limit."""

from dataclasses import dataclass
from typing import Final

from minihub.api.assumed import rate_limited, unavailable

PAGE_SIZE: Final = 1000
"""Models on a page of a listing when the client names no limit, and the most it can ask for."""

RATE_LIMIT_POLICY: Final = {"RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
UNSPENT: Final = {"RateLimit": '"api";r=499;t=300', **RATE_LIMIT_POLICY}
"""What every answer of the API says of the rate limit, which the miniature Hub does not count."""


@dataclass(frozen=True)
class Faults:
    """When to answer otherwise than well."""

    rate_limit_at: frozenset[int] = frozenset()
    """Numbers of the API requests (from 1) that are answered 429."""
    fail_every: int = 0
    """Each N-th API request is answered 429; 0 for never."""
    reset_seconds: int = 1
    """What a 429 says is left of the window; the client waits one second more."""
    error_at: frozenset[int] = frozenset()
    """Numbers of the API requests that are answered 503."""
    latency_seconds: float = 0.0
    """How long every answer is held back."""
    page_size: int = PAGE_SIZE
    """The most models on one page of a listing, whatever the client asks."""

    def check(self, number: int) -> None:
        """Raise Refusal when the API request of that number, from 1, is to fail."""
        if number in self.rate_limit_at or (self.fail_every and number % self.fail_every == 0):
            raise rate_limited({"RateLimit": f'"api";r=0;t={self.reset_seconds}', **RATE_LIMIT_POLICY})
        if number in self.error_at:
            raise unavailable()
