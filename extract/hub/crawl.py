"""Crawl the Hub's listings page by page, so that an interrupted crawl resumes where it stopped.

Every page is spooled when it arrives, under the query that asked for it. The same command finds
them again for a day, walks the same chain, and asks the Hub for what is missing only. When all is
there, the pages are written to the warehouse in one transaction and forgotten.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from extract.hub.cards import CardsFetched, fetch_cards
from extract.hub.client import HubClient, endpoint_label
from extract.hub.endless import Watch
from extract.hub.files import require_spare_disk
from extract.hub.identities import hub_ids_seen, moved
from extract.hub.models import INFO_EXPAND, LIST_EXPAND, LISTED_COLUMNS, emptied_counters, model_row
from modelkin.errors import HubError, UsageError
from modelkin.folders import held, sweep
from modelkin.model_ids import model_id_problem
from modelkin.progress import Progress
from modelkin.raw_schemas import HUB_MODELS, emptied_note
from modelkin.spool import Spool
from modelkin.warehouse import connect, ensure_raw, load, utc_now, warehouse_path

PAGE_SIZE: Final = 1000
"""Models on a page: the most that the Hub gives."""

PAGE_HOURS: Final = 24
"""A spooled page older than this is fetched again: downloads are counted by day."""

PAGE_SCHEMA: Final = pa.schema([field_ for field_ in HUB_MODELS if field_.name != "run_id"])


@dataclass(frozen=True)
class CrawlRequest:
    """What to crawl: the descendants of base models, or a listing of the Hub by filters."""

    base_models: tuple[str, ...] = ()
    depth: int = 1
    author: str | None = None
    task: str | None = None
    language: str | None = None
    library: str | None = None
    min_downloads: int | None = None
    limit: int | None = None
    everything: bool = False

    @property
    def has_filter(self) -> bool:
        """Whether anything narrows the listing but its length."""
        named = (self.author, self.task, self.language, self.library)
        return any(value is not None for value in named) or self.min_downloads is not None

    @property
    def scope(self) -> str:
        """What the crawl covers when it is complete: ``family``, ``filtered`` or ``all``."""
        if self.base_models:
            return "family"
        return "filtered" if self.has_filter else "all"

    def check(self) -> None:
        """Raise UsageError unless the request names one thing to crawl."""
        if self.everything and (self.base_models or self.has_filter or self.limit is not None):
            raise UsageError("--all cannot be combined with a base model, a filter or a limit.")
        if not (self.everything or self.base_models or self.has_filter or self.limit is not None):
            raise UsageError("Say what to crawl: --base-model ID, a filter such as --author NAME, --limit N, or --all.")
        for base in self.base_models:
            if problem := model_id_problem(base):
                raise UsageError(f"--base-model: {problem}.")
        if self.depth < 1:
            raise UsageError("--depth must be 1 or more.")
        if self.depth > 1 and not self.base_models:
            raise UsageError("--depth needs --base-model ID: it counts generations from there.")
        if self.limit is not None and self.limit < 1:
            raise UsageError("--limit must be 1 or more.")
        if self.min_downloads is not None and self.min_downloads < 0:
            raise UsageError("--min-downloads must be 0 or more.")

    def listing(self) -> dict[str, str | list[str]]:
        """Return the parameters of a listing by filters, which the Hub applies.

        A cut-off listing shows the most downloaded first; a whole one goes by date of creation, so
        that models made meanwhile do not move the pages.
        """
        is_ranked = self.limit is not None or self.min_downloads is not None
        parameters: dict[str, str | list[str]] = {
            "sort": "downloads" if is_ranked else "createdAt",
            "limit": str(min(PAGE_SIZE, self.limit + 1) if self.limit is not None else PAGE_SIZE),
            "expand": list(LIST_EXPAND),
        }
        if self.author:
            parameters["author"] = self.author
        if self.task:
            parameters["pipeline_tag"] = self.task
        tags = [tag for tag in (self.language, self.library) if tag]
        if tags:
            parameters["filter"] = tags
        return parameters


@dataclass(frozen=True)
class Selection:
    """The rows of one spooled page that belong to the crawl."""

    query: str
    mask: pa.BooleanArray


@dataclass
class CrawlResult:
    """What a crawl found: base models, the pages' rows that count, and what is odd."""

    base_rows: list[dict[str, Any]]
    selections: list[Selection] = field(default_factory=list)
    n_models: int = 0
    n_pages: int = 0
    n_without_id: int = 0
    emptied: Counter[str] = field(default_factory=Counter)
    """Counters that cannot be true and became null, by column."""
    is_partial: bool = False
    notes: list[str] = field(default_factory=list)
    run_id: str = ""


def crawl_hub(request: CrawlRequest, *, cards: bool = False) -> CrawlResult:
    """Crawl the Hub and write ``raw.hub_models`` (and ``raw.hub_model_cards``) as one run.

    Raises UsageError for a request that names nothing, HubError for a base model that does not
    exist and for a Hub that does not answer; the warehouse then holds no row of the crawl.
    """
    request.check()
    client = HubClient()
    result = CrawlResult([])
    result.base_rows = _base_rows(client, request, result)
    identity = (client.endpoint, json.dumps(asdict(request), sort_keys=True))
    spool = Spool.for_job("hub", *identity)
    cards_spool = Spool.for_job("cards", *identity)
    with held(spool.folder), held(cards_spool.folder):
        for own in (spool, cards_spool):
            own.sweep_unfinished()
            sweep(other for other in own.folder.parent.iterdir() if other != own.folder)
        _write(request, client, (spool, cards_spool), result, cards=cards)
        spool.clear()
        cards_spool.clear()
    return result


def _write(
    request: CrawlRequest, client: HubClient, spools: tuple[Spool, Spool], result: CrawlResult, *, cards: bool
) -> None:
    """Walk the pages and write what they hold as one run."""
    spool, cards_spool = spools
    params = {"kind": "hub", "scope": request.scope, "is_partial": True, "cards": cards, **_named(request)}
    with load("hub", endpoint=endpoint_label(), params=params) as run:
        _Walk(request, client, spool, result).walk()
        run.observes(LISTED_COLUMNS)
        run.add("hub_models", result.base_rows)
        run.add_stream("hub_models", _selected(spool, result.selections))
        if cards:
            fetched = _fetch_cards(client, cards_spool, spool, result)
            run.add_stream("hub_model_cards", fetched.pieces())
            run.params.update(cards_found=fetched.n_found, cards_known=fetched.n_known)
        if result.n_without_id:
            result.notes.append(f"listed models without an id, left out: {result.n_without_id}")
        if result.is_partial:
            result.notes.append("the crawl stopped at --limit: it is marked as partial")
        result.notes += [emptied_note(name, count) for name, count in sorted(result.emptied.items())]
        run.params.update(
            is_partial=result.is_partial,
            pages=result.n_pages,
            values_emptied=dict(result.emptied),
            notes=result.notes,
        )
        result.run_id = run.run_id
    result.n_models += len(result.base_rows)


def _named(request: CrawlRequest) -> dict[str, Any]:
    return {name: value for name, value in asdict(request).items() if value not in (None, (), False)}


def _base_rows(client: HubClient, request: CrawlRequest, result: CrawlResult) -> list[dict[str, Any]]:
    """Fetch the base models themselves, each once; raise HubError for one that does not exist.

    One that was renamed or replaced is noted.
    """
    seen = hub_ids_seen(warehouse_path(), endpoint_label(), request.base_models)
    rows: dict[str, dict[str, Any]] = {}
    for base in request.base_models:
        item = client.model(base, INFO_EXPAND, fallback=LIST_EXPAND)
        row = model_row(item, utc_now())
        if row is not None and row["model_id"].lower() not in rows:
            rows[row["model_id"].lower()] = row
            result.emptied.update(emptied_counters(item, row))
        if (note := moved(base, item, seen)) is not None:
            result.notes.append(note)
    return list(rows.values())


@dataclass
class _Walk:
    """The way through the pages of one crawl; ``result`` is filled as it goes."""

    request: CrawlRequest
    client: HubClient
    spool: Spool
    result: CrawlResult
    seen: set[str] = field(default_factory=set)
    progress: Progress = field(default_factory=lambda: Progress("models"))

    def walk(self) -> None:
        try:
            if self.request.base_models:
                self._family()
            else:
                self._listing()
        finally:
            self.progress.close()

    def _listing(self) -> None:
        minimum = self.request.min_downloads
        for query, page in self._pages(self.client.list_query(self.request.listing())):
            fresh = self._fresh(page)
            if minimum is not None:
                fresh = [ok and (downloads or 0) >= minimum for ok, downloads in _pair(fresh, page, "downloads")]
            if self._take(query, fresh):
                return
            self.progress.update(
                self.result.n_models, total=self.request.limit, detail=f"{self.result.n_pages:,} pages"
            )
            if minimum is not None and page.num_rows and (page.column("downloads")[-1].as_py() or 0) < minimum:
                return

    def _family(self) -> None:
        parents = [str(row["model_id"]) for row in self.result.base_rows]
        self.seen.update(parent.lower() for parent in parents)
        for generation in range(1, self.request.depth + 1):
            children: list[str] = []
            for n_listed, parent in enumerate(parents, start=1):
                for query, page in self._pages(self._children_query(parent)):
                    fresh = self._fresh(page)
                    children += [name for ok, name in _pair(fresh, page, "model_id") if ok]
                    wanted = _matches(page, self.request)
                    if self._take(query, [a and b for a, b in zip(fresh, wanted, strict=True)]):
                        return
                detail = f"{self.result.n_models:,} models, generation {generation} of {self.request.depth}"
                self.progress.noun = "parents"
                self.progress.update(n_listed, total=len(parents), detail=detail)
            parents = children

    def _children_query(self, parent: str) -> str:
        """Return the query for the models that name ``parent`` as a base; its case is kept, as tags keep it.

        Like a listing by filters, one that will be cut off shows the most downloaded first. Filters are
        applied here and not by the Hub, so with them more than the limit may have to be read.
        """
        limit = self.request.limit
        is_short = limit is not None and not self.request.has_filter and self.request.min_downloads is None
        return self.client.list_query(
            {
                "filter": f"base_model:{parent}",
                "sort": "createdAt" if limit is None else "downloads",
                "limit": str(min(PAGE_SIZE, limit + 1) if limit is not None and is_short else PAGE_SIZE),
                "expand": list(LIST_EXPAND),
            }
        )

    def _pages(self, query: str) -> Iterator[tuple[str, pa.Table]]:
        following: str | None = query
        watch = Watch(endpoint_label(), is_family=bool(self.request.base_models), n_known=len(self.seen))
        while following:
            watch.ask(following)
            page = self._page(following)
            self.result.n_pages += 1
            yield following, page
            following = (page.schema.metadata or {}).get(b"next", b"").decode() or None
            if following:
                watch.see(len(self.seen))

    def _page(self, query: str) -> pa.Table:
        """Return a page from the spool, or from the Hub when it is not there or too old."""
        stored = self.spool.get(query)
        now = utc_now()
        if stored is not None:
            fetched_at = datetime.fromisoformat(stored.schema.metadata[b"fetched_at"].decode())
            if now - fetched_at < timedelta(hours=PAGE_HOURS):
                self._count_notes(stored)
                return stored
        require_spare_disk(self.spool.folder)
        page = self.client.page(query)
        rows = [(item, row) for item in page.items if (row := model_row(item, now))]
        notes = {
            "next": page.next_query or "",
            "fetched_at": now.isoformat(),
            "without_id": str(len(page.items) - len(rows)),
            "emptied": json.dumps(Counter(name for item, row in rows for name in emptied_counters(item, row))),
        }
        piece = pa.Table.from_pylist([row for _, row in rows], schema=PAGE_SCHEMA)
        self.spool.put(query, piece, notes)
        piece = piece.replace_schema_metadata(notes)
        self._count_notes(piece)
        return piece

    def _count_notes(self, page: pa.Table) -> None:
        self.result.n_without_id += int(page.schema.metadata[b"without_id"])
        # Pages that a version before this one spooled have no such note.
        self.result.emptied.update(json.loads(page.schema.metadata.get(b"emptied", b"{}")))

    def _fresh(self, page: pa.Table) -> list[bool]:
        """Return which rows of a page are models not seen before; ids match case-insensitively."""
        fresh = []
        for model_id in page.column("model_id").to_pylist():
            key = model_id.lower()
            fresh.append(key not in self.seen)
            self.seen.add(key)
        return fresh

    def _take(self, query: str, mask: list[bool]) -> bool:
        """Keep the rows of ``mask`` up to the limit; return whether the limit cut something off."""
        count = sum(mask)
        limit = self.request.limit
        is_cut = limit is not None and self.result.n_models + count > limit
        if limit is not None and is_cut:
            room = limit - self.result.n_models
            positions = [index for index, ok in enumerate(mask) if ok][:room]
            mask = [index in set(positions) for index in range(len(mask))]
            count = room
            self.result.is_partial = True
        if count:
            self.result.selections.append(Selection(query, pa.array(mask, pa.bool_())))
            self.result.n_models += count
        return is_cut


def _pair(mask: list[bool], page: pa.Table, column: str) -> Iterator[tuple[bool, Any]]:
    return zip(mask, page.column(column).to_pylist(), strict=True)


def _matches(page: pa.Table, request: CrawlRequest) -> list[bool]:
    """Return which rows of a page of descendants satisfy the request's filters."""
    if not request.has_filter:
        return [True] * page.num_rows
    columns = page.select(["author", "pipeline_tag", "library_name", "tags", "downloads"])
    return [_is_match(row, request) for row in columns.to_pylist()]


def _is_match(row: Mapping[str, Any], request: CrawlRequest) -> bool:
    tags = {tag.lower() for tag in row["tags"] or []}
    language = (request.language or "").lower()
    return (
        (request.author is None or (row["author"] or "").lower() == request.author.lower())
        and (request.task is None or row["pipeline_tag"] == request.task)
        and (request.library is None or request.library.lower() in {*tags, row["library_name"]})
        and (request.language is None or language in tags)
        and (request.min_downloads is None or (row["downloads"] or 0) >= request.min_downloads)
    )


def _selected(spool: Spool, selections: list[Selection]) -> Iterator[pa.Table]:
    for selection in selections:
        piece = spool.get(selection.query)
        if piece is None:
            raise HubError("A cached page of this crawl was deleted while it was written; run the same command again.")
        yield piece.filter(selection.mask)


def _fetch_cards(client: HubClient, cards_spool: Spool, spool: Spool, result: CrawlResult) -> CardsFetched:
    names = ("model_id", "sha", "siblings")
    wanted = [tuple(row[name] for name in names) for row in result.base_rows]
    for piece in _selected(spool, result.selections):
        wanted += zip(*(piece.column(name).to_pylist() for name in names), strict=True)
    known = _known_cards()
    missing = [(model_id, files) for model_id, sha, files in wanted if (model_id.lower(), sha) not in known]
    fetched = fetch_cards(client, cards_spool, missing)
    fetched.n_known = len(wanted) - len(missing)
    result.notes += fetched.notes
    return fetched


def _known_cards() -> set[tuple[str, str]]:
    """Return (model, commit) of every card that the warehouse holds; a new commit may have a new card."""
    with connect(warehouse_path()) as connection:
        ensure_raw(connection)
        return set(connection.execute(_KNOWN_CARDS).fetchall())


_KNOWN_CARDS: Final = """
    select distinct lower(hub_model_cards.model_id), hub_model_cards.sha
    from raw.hub_model_cards
    inner join raw.extract_runs
        on hub_model_cards.run_id = extract_runs.run_id
    where extract_runs.status = 'complete' and hub_model_cards.sha is not null
"""
