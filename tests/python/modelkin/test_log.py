"""The log: one JSON object per line, off unless asked for, and never a token in it."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from modelkin.command_line import run
from modelkin.errors import InputError
from modelkin.log import record, without_secrets
from modelkin.warehouse import load

TOKEN = "hf_SeCrEtSeCrEtSeCrEt"
OTHER = 'a token "of another" form'


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MODELKIN_LOG", str(tmp_path / "log.jsonl"))
    return tmp_path / "log.jsonl"


def application(error: Exception | None) -> typer.Typer:
    made = typer.Typer()

    @made.command()
    def command(word: str = "") -> None:
        if error is not None:
            raise error

    return made


@pytest.mark.parametrize(
    ("error", "events", "code"),
    [
        (None, ["start", "end"], 0),
        (InputError("It is wrong."), ["start", "message", "end"], 1),
        (ZeroDivisionError("nobody foresaw this"), ["start", "fault"], None),
    ],
)
def test_a_command_is_logged_to_its_end(
    error: Exception | None, events: list[str], code: int | None, log: Path
) -> None:
    with pytest.raises(SystemExit if code is not None else ZeroDivisionError):
        run(application(error), ["--word", "=\u202e"])
    found = lines(log)
    assert [line["event"] for line in found] == events
    assert found[0]["arguments"] == ["--word", "=\u202e"]
    assert found[-1].get("code") == code
    assert code is not None or "ZeroDivisionError" in found[-1]["traceback"]


def test_a_load_is_logged(log: Path, warehouse_file: Path) -> None:
    with load("import") as loading:
        loading.add("hub_edges", [{"source_model_id": "a/b", "target_model_id": "a/c", "relation": "finetune"}])
    with pytest.raises(ValueError, match="half way"), load("import"):
        raise ValueError("half way")
    found = [line for line in lines(log) if line["event"] == "run"]
    assert [(line["status"], line.get("rows"), line.get("error")) for line in found] == [
        ("complete", 1, None),
        ("failed", None, "half way"),
    ]


@pytest.mark.parametrize("place", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "a file"])
def test_no_token_is_ever_in_it(place: str, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if place == "a file":
        (tmp_path / "token").write_text(OTHER + "\n")
        monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "token"))
    else:
        monkeypatch.setenv(place, OTHER)
    record("message", text=f"{TOKEN} and {OTHER}", more=[OTHER, {"in": f"https://me:{OTHER}@hub.example/x?sign=abc"}])
    text = log.read_text(encoding="utf-8")
    assert "SeCrEt" not in text
    assert "of another" not in text
    assert "sign=abc" not in text
    assert lines(log)[0]["text"] == "*** and ***"


def test_credentials_of_addresses_are_hidden() -> None:
    told = without_secrets('{"a": "https://user:pass@hub.example/x?Signature=abc&b=c", "b": "https://h.example/y"}')
    assert json.loads(told) == {"a": "https://***@hub.example/x?***", "b": "https://h.example/y"}


def test_without_the_variable_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELKIN_LOG", raising=False)
    monkeypatch.chdir(tmp_path)
    record("message", text="x")
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODELKIN_LOG", str(tmp_path))
    with pytest.raises(SystemExit) as stop:
        run(application(None), [])
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith(f"Error: The log {tmp_path} cannot be written (Is a directory)")
