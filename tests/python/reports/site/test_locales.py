import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from extract.overlap.reasons import REASONS
from reports.site.locales import CATALOGUES, LOCALES
from reports.site.words import WORDS

REPORTS = Path(__file__).resolve().parents[4] / "reports"
TRANSLATED = [code for code in LOCALES if code != "en"]


def messages_of_the_code() -> set[str]:
    with (CATALOGUES / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "gettext": None, "N_": None}
    found = extract_from_dir(str(REPORTS), methods, options, keywords=keywords)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogue_has_every_message_and_no_other(code: str) -> None:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file)
    said = {message.id for message in catalogue if message.id}
    assert said == messages_of_the_code()
    assert set(WORDS.values()) <= said
    assert all(message.string and not message.fuzzy for message in catalogue if message.id)


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_keep_placeholders_and_numbers(code: str) -> None:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if message.id:
            for pattern in (r"%\(\w+\)[sd]", r"\d+(?:\.\d+)?", r"<[^>]+>", r"`[^`]+`"):
                assert Counter(re.findall(pattern, message.id)) == Counter(re.findall(pattern, message.string)), (
                    message.id
                )


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


def test_english_needs_no_catalogue() -> None:
    assert LOCALES["en"].translations().gettext("Findings") == "Findings"
    assert LOCALES["zh"].translations().gettext("Findings") == "发现"
