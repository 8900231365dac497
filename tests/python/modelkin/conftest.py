"""Fixtures of the extractors' tests."""

import pytest

from tests.python.extract.command import Command, command_in_process


@pytest.fixture
def extract(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run ``python -m extract …`` in this process."""
    return command_in_process(monkeypatch, capsys)
