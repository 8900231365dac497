"""What the Hub refuses becomes one kind, one sentence and one reason; waiting is said in plain words."""

from pathlib import Path
from typing import get_args

import pytest

from extract.hub.client import HubClient
from extract.hub.files import Wanted
from extract.hub.refusals import Kind, Place, Refused, refusal
from extract.overlap.hub_files import REASONS as REASON_OF
from extract.overlap.reasons import REASONS
from modelkin.errors import InputError

PLACE = Place("https://hub.example", "tiny")


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_a_sentence_and_a_reason(kind: Kind) -> None:
    refused = Refused(kind, PLACE, "org/model", status=503, cause="ConnectError")
    assert str(refused).endswith(".")
    assert "{" not in str(refused) + refused.detail
    assert REASON_OF[kind] in REASONS


def test_a_full_disk_is_no_failure_of_the_hub() -> None:
    with pytest.raises(InputError, match="The disk is full while fetching"):
        refusal(OSError(28, "No space left on device"), PLACE, "config.json of org/model")


def test_what_is_not_of_the_network_is_raised_again() -> None:
    with pytest.raises(ZeroDivisionError):
        refusal(ZeroDivisionError(), PLACE, "org/model")


def test_a_download_from_a_dead_hub_hides_the_password(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"127\.0\.0\.1:9 cannot be reached"):
        HubClient("http://user:secret@127.0.0.1:9").download(
            "org/model", "c0ffee1", Wanted("config.json", 2), tmp_path, seconds=1
        )
