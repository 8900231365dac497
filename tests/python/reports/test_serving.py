"""`python -m reports serve`: on the loopback interface alone, rendered again after a change, ended by Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from modelkin.errors import UsageError
from reports.serving import serve
from tests.python.conftest import ROOT
from tests.python.reports.site import contracts


def wait_for(seen: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < end, "it did not come in a minute"
        time.sleep(0.2)


def test_the_report_is_served_and_follows_the_warehouse(tmp_path: Path) -> None:
    warehouse = contracts.make(tmp_path / "served.duckdb", contracts.study_rows("first", "TinyLlama"))
    command = [sys.executable, "-u", "-m", "reports", "serve", "--port", "0", "--locale", "en"]
    process = subprocess.Popen(
        [*command, "--out", str(tmp_path / "site")],
        cwd=ROOT,
        env=os.environ | {"MODELKIN_DB": str(warehouse)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        served = next(line for line in process.stdout if line.startswith("Serving "))
        address = served.split()[1]
        assert address.startswith("http://127.0.0.1:")

        def home() -> str:
            with urllib.request.urlopen(address) as answer:
                assert answer.headers["Cache-Control"] == "no-store"
                return str(answer.read().decode())

        assert "study-first.html" in home()
        contracts.make(tmp_path / "next.duckdb", contracts.study_rows("second", "TinyLlama")).replace(warehouse)
        wait_for(lambda: "study-second.html" in home())
        process.send_signal(signal.SIGINT)
        assert process.stdout.read().splitlines()[-1] == "Stopped."
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} is taken"):
            serve(tmp_path / "none.duckdb", tmp_path / "site", "en", port)
