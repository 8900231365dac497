import re

from extract.overlap.reasons import REASONS
from tests.python.conftest import ROOT


def test_every_reason_is_documented_and_no_other() -> None:
    page = (ROOT / "docs" / "fingerprints.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| ([a-z_]+) \|", page, re.MULTILINE)) - {"reason"} == set(REASONS)
