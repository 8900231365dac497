"""What the Hub refuses becomes one kind, one sentence and one reason; waiting is said in plain words."""

import logging
from pathlib import Path
from typing import get_args

import pytest

from extract.hub.client import HubClient
from extract.hub.refusals import Kind, Place, Refused, refusal
from extract.hub.waiting_words import speak_plainly
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
        HubClient("http://user:secret@127.0.0.1:9").download("org/model", "config.json", "main", tmp_path)


@pytest.mark.parametrize(
    ("logged", "said"),
    [
        ("'[Errno 111] Connection refused' thrown while requesting GET http://x/y?signature=s", None),
        ("HTTP Error 503 thrown while requesting GET http://x/y?signature=s", None),
        ("Retrying in 2s [Retry 2/5].", "The Hub did not answer; asking again in 2 s (2 of 5)."),
        ("Retrying in 1s [Retry 1/1].", None),
        (
            "Rate limited. Waiting 226.0s before retry [Retry 1/5].",
            "The Hub limits the rate; waiting 226 s (1 of 5).",
        ),
        ("Another remark about http://x/y?signature=s", "Another remark about http://x/y"),
    ],
)
def test_what_is_said_while_a_request_is_repeated(
    logged: str, said: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    speak_plainly()
    with caplog.at_level(logging.WARNING):
        logging.getLogger("huggingface_hub.utils._http").warning(logged)
    assert [record.message for record in caplog.records] == ([] if said is None else [said])
