import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from extract.overlap.reasons import REASONS
from reports.site.catalogues import messages, update
from reports.site.locales import CATALOGUES, LOCALES
from reports.site.words import WORDS

REPORTS = Path(__file__).resolve().parents[4] / "reports"
TRANSLATED = [code for code in LOCALES if code != "en"]


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogue_has_every_message_and_no_other(code: str) -> None:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file)
    said = {message.id for message in catalogue if message.id}
    assert said == set(messages())
    assert set(WORDS.values()) <= said
    for message in catalogue:
        strings = [message.string] if isinstance(message.string, str) else message.string
        assert all(strings), message.id
        assert not message.fuzzy, message.id


def test_no_message_is_once_with_and_once_without_a_plural() -> None:
    found = set(messages())
    assert not {message[0] for message in found if isinstance(message, tuple)} & found


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_keep_placeholders_and_numbers(code: str) -> None:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        english = message.id[-1] if isinstance(message.id, tuple) else message.id
        for string in [message.string] if isinstance(message.string, str) else message.string:
            for pattern in (r"%\(\w+\)[sd]", r"\d+(?:\.\d+)?", r"<[^>]+>", r"`[^`]+`") if english else ():
                assert Counter(re.findall(pattern, english)) == Counter(re.findall(pattern, string)), english


def test_every_code_that_seeds_and_extractors_name_has_a_word() -> None:
    codes = set(REASONS)
    for seed, column in (
        ("model_category_patterns", "category"),
        ("overlap_anomaly_rules", "anomaly"),
        ("download_qualities", "quality"),
        ("overlap_ranges", "modification"),
        ("overlap_ranges", "scheme"),
    ):
        with (REPORTS.parent / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
            codes |= {row[column] for row in csv.DictReader(file)}
    assert codes - set(WORDS) == set()


def test_every_code_of_the_ecosystem_seeds_has_a_word() -> None:
    for seed, column, kind in (
        ("license_families", "license_family", "licence"),
        ("vendors", "vendor_type", "vendor"),
        ("technique_words", "technique_kind", "technique"),
        ("card_topics", "topic", "topic"),
    ):
        with (REPORTS.parent / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
            codes = {f"{kind}:{row[column]}" for row in csv.DictReader(file)}
        assert codes - set(WORDS) == set()


def test_countries_and_languages_have_names_in_every_language() -> None:
    assert (LOCALES["en"].country("FR"), LOCALES["zh"].country("FR")) == ("France", "法国")
    assert (LOCALES["en"].language("de"), LOCALES["zh"].language("de")) == ("German", "德语")
    assert LOCALES["zh"].language("x-own", "Our own") == "Our own"
    assert LOCALES["zh"].country("ZZZ") == "ZZZ"
    assert LOCALES["en"].country(None) is None


def test_counts_agree_in_number() -> None:
    said = LOCALES["en"].translations().ngettext
    assert [said("%(num)s study", "%(num)s studies", n) % {"num": n} for n in (0, 1, 2)] == [
        "0 studies",
        "1 study",
        "2 studies",
    ]
    assert LOCALES["zh"].translations().ngettext("%(num)s study", "%(num)s studies", 1) == "%(num)s 项研究"


def test_english_needs_no_catalogue() -> None:
    assert LOCALES["en"].translations().gettext("Findings") == "Findings"
    assert LOCALES["zh"].translations().gettext("Findings") == "发现"


def test_update_keeps_translations_drops_what_is_gone_and_names_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "zh.po"
    path.write_bytes((CATALOGUES / "zh.po").read_bytes())
    assert update(path) == []
    assert path.read_bytes() == (CATALOGUES / "zh.po").read_bytes()
    known = messages()
    monkeypatch.setattr("reports.site.catalogues.messages", lambda: [*known[1:], "A text of tomorrow"])
    assert update(path) == ["A text of tomorrow"]
    with path.open("rb") as file:
        catalogue = read_po(file)
    assert known[0] not in {message.id for message in catalogue}
    assert catalogue.get(known[1]).string
