"""What the Hub gives of a model, on the miniature Hub."""

from pathlib import Path

import pytest

import minihub
from extract.overlap.hub_files import HubFiles
from extract.overlap.reasons import MeasurementFailed
from minihub.catalogue import ASTER, ASTER_CHAT
from tests.python.extract.overlap.reasons import reason_of


@pytest.fixture
def hub(minihub_endpoint: str, tmp_path: Path) -> HubFiles:
    return HubFiles(minihub_endpoint, tmp_path / "models")


def test_a_repository_is_found_in_any_case_and_under_its_old_name(hub: HubFiles) -> None:
    repo = hub.repo(ASTER.upper(), None)
    assert repo.model_id == ASTER
    assert hub.repo(ASTER, repo.sha) == repo
    assert hub.repo("demo-aster-lab/Aster-1M-Dialogue", None).model_id == ASTER_CHAT


def test_what_the_hub_does_not_give_has_a_reason(hub: HubFiles) -> None:
    assert reason_of(lambda: hub.repo("no/such-model", None)) == "not_found"
    assert reason_of(lambda: hub.repo("../../etc/passwd", None)) == "not_found"
    assert reason_of(lambda: hub.repo(ASTER, "0" * 40)) == "not_found"
    assert reason_of(lambda: hub.repo(ASTER.upper(), "0" * 40)) == "not_found"


def test_a_name_that_leads_to_a_repository_without_the_commit_is_replaced(hub: HubFiles) -> None:
    with pytest.raises(MeasurementFailed, match=f"leads to {ASTER_CHAT}, which lacks the commit") as caught:
        hub.repo("demo-aster-lab/Aster-1M-Dialogue", "0" * 40)
    assert caught.value.reason == "replaced"


def test_without_a_commit_the_hubs_own_id_tells_replaced(hub: HubFiles, minihub_build: minihub.Build) -> None:
    old = "demo-aster-lab/Aster-1M-Dialogue"
    hub.seen = {old.lower(): "0" * 24}
    with pytest.raises(MeasurementFailed, match=f"{old} leads to {ASTER_CHAT}, another repository") as caught:
        hub.repo(old, None)
    assert caught.value.reason == "replaced"
    hub.seen = {old.lower(): str(minihub_build.find(ASTER_CHAT).info["_id"])}
    assert hub.repo(old, None).model_id == ASTER_CHAT
    assert list(hub.notes.values()) == [f"{old} was renamed: it is {ASTER_CHAT} now"]


def test_a_token_that_is_refused_is_no_missing_model(hub: HubFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "wrong")
    assert reason_of(lambda: hub.repo(ASTER, None)) == "token_refused"
    assert reason_of(lambda: hub.repo("no/such-model", None)) == "token_refused"
    monkeypatch.setenv("HF_TOKEN", "hf_synthetic")
    assert reason_of(lambda: hub.repo("no/such-model", None)) == "not_found"


def test_a_hub_that_does_not_answer_is_a_failure_of_the_network(tmp_path: Path) -> None:
    silent = HubFiles("http://127.0.0.1:9", tmp_path)
    assert reason_of(lambda: silent.repo("a/b", None)) == "network"


def test_a_rate_limit_is_waited_for(minihub_build: minihub.Build, tmp_path: Path) -> None:
    faults = minihub.Faults(rate_limit_at=frozenset({1}), reset_seconds=0)
    with minihub.serving(minihub_build, faults=faults) as server:
        assert HubFiles(server.endpoint, tmp_path).repo(ASTER, None).model_id == ASTER
