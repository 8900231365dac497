"""An interrupt while the modules of a command line are read."""

import importlib

import pytest

from modelkin.starting import NOTHING_DONE, start


def test_an_interrupt_while_modules_are_read_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib, "import_module", interrupted)
    with pytest.raises(SystemExit) as stop:
        start("modelkin")
    assert stop.value.code == 130
    assert capsys.readouterr().err == NOTHING_DONE + "\n"
