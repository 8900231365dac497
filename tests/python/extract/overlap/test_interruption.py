"""Runs that are interrupted or killed, and taken up again. MODELKIN_TEST_KILLS says how often one is killed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minihub.catalogue import ASTER, ASTER_CHAT, BOREALIS
from tests.python.extract.command import ROOT, query

KILLS = int(os.environ.get("MODELKIN_TEST_KILLS", "1"))
SECONDS = 300
MODELS = (
    ASTER_CHAT,
    "demo-mirror-user/Aster-1M-copy",
    "demo-broken-upload/Aster-1M-truncated",
    "mini-lora-lena/aster-1m-lora-haiku",
    "demo-vanished/aster-1m-lost",
    "demo-polyglot/Aster-1M-Romant",
    "mini-old-format/aster-1m-bin",
    "demo-quant-mill/Aster-1M-Chat-int8",
)
COMMAND = [
    *(sys.executable, "-m", "extract", "overlap", "--base-model", ASTER, "--base-model", BOREALIS, "--bottom-k", "128"),
    *(part for model_id in MODELS for part in ("--derived", model_id)),
]
TABLES = {
    "overlap_prompts": "prompt_set_id, prompt_index",
    "fingerprints": "lower(model_id), prompt_set_id, prompt_index",
}


def environment(folder: Path, endpoint: str) -> dict[str, str]:
    return {
        **os.environ,
        "MODELKIN_DB": str(folder / "warehouse.duckdb"),
        "MODELKIN_CACHE": str(folder / "cache"),
        "HF_ENDPOINT": endpoint,
        "MODELKIN_ENDPOINT_LABEL": "minihub",
    }


def complete_rows(folder: Path) -> dict[str, list[tuple]]:
    return {
        table: query(
            folder / "warehouse.duckdb",
            f"select {table}.* exclude (run_id) from raw.{table} "
            f"inner join raw.extract_runs using (run_id) where extract_runs.status = 'complete' order by {order}",
        )
        for table, order in TABLES.items()
    }


def pieces(folder: Path) -> int:
    return len(list((folder / "cache" / "overlap").glob("*/*.parquet")))


@pytest.fixture(scope="module")
def undisturbed(minihub_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    done = subprocess.run(
        COMMAND, cwd=ROOT, env=environment(folder, minihub_endpoint), check=False, capture_output=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stderr
    return complete_rows(folder)


def test_a_run_that_is_killed_again_and_again_ends_with_the_rows_of_an_undisturbed_one(
    undisturbed: dict[str, list[tuple]], minihub_endpoint: str, tmp_path: Path
) -> None:
    """Killed when a few more pieces are done, at a random moment after; every fourth time at any moment at all."""
    generator = random.Random(0)
    env = environment(tmp_path, minihub_endpoint)
    n_killed = 0
    for turn in range(KILLS):
        process = subprocess.Popen(COMMAND, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wanted = pieces(tmp_path) + (0 if turn % 4 == 3 else generator.randint(1, 2))
        deadline = time.monotonic() + SECONDS
        while process.poll() is None and pieces(tmp_path) < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(generator.uniform(0, 3.0 if turn % 4 == 3 else 0.3))
        n_killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert n_killed >= KILLS / 2
    last = subprocess.run(COMMAND, cwd=ROOT, env=env, check=False, capture_output=True, timeout=SECONDS)
    assert last.returncode == 0, last.stderr
    assert complete_rows(tmp_path) == undisturbed


def test_ctrl_c_finishes_the_current_model_and_writes_what_is_done(
    undisturbed: dict[str, list[tuple]], minihub_endpoint: str, tmp_path: Path
) -> None:
    env = environment(tmp_path, minihub_endpoint)
    process = subprocess.Popen(COMMAND, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[2/"):
            process.send_signal(signal.SIGINT)
            break
    stdout, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 130, stderr
    assert "run the same command again" in stderr
    assert "Traceback" not in stderr
    written = complete_rows(tmp_path)
    assert written["overlap_prompts"] == undisturbed["overlap_prompts"]
    assert all(row in undisturbed["fingerprints"] for row in written["fingerprints"])
    assert 0 < len(written["fingerprints"]) < len(undisturbed["fingerprints"])
    assert "rows (run" in stdout
