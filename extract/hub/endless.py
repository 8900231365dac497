"""Whether a listing can be that of an honest Hub: no page comes twice, pages bring new models, and there is an end."""

from dataclasses import dataclass, field

from extract.hub import bounds
from modelkin.errors import HubError


@dataclass
class Watch:
    """Follows one listing page by page."""

    label: str
    """The Hub, as sentences name it."""
    is_family: bool
    """Whether it lists the children of one model."""
    n_known: int
    """How many models were known before the listing."""
    _asked: set[str] = field(default_factory=set)
    _n_barren: int = 0

    def ask(self, query: str) -> None:
        """Note that a page is asked for. Raises HubError when the listing will not end."""
        if query in self._asked:
            raise self._endless("leads back to a page that was read before")
        max_pages = bounds.MAX_FAMILY_PAGES if self.is_family else bounds.MAX_PAGES
        if len(self._asked) == max_pages:
            raise self._endless(f"has more than {max_pages:,} pages")
        self._asked.add(query)

    def see(self, n_known: int) -> None:
        """Note how many models are known after a page. Raises HubError after too many pages without a new one."""
        self._n_barren = 0 if n_known > self.n_known else self._n_barren + 1
        self.n_known = n_known
        if self._n_barren == bounds.MAX_BARREN_PAGES:
            raise self._endless(f"brings no new model on {self._n_barren} pages in a row")

    def _endless(self, problem: str) -> HubError:
        return HubError(f"The list of models on {self.label} {problem}; check HF_ENDPOINT.")
