"""A server without end, crawled by ``modelkin extract hub``: ``python -m tests.fuzz.endless``.

Prints for each way of having no end the sentence, the time and the memory; ends with 1 when one took longer
than two minutes, more than 1 GB, or more than one sentence.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from itertools import count
from pathlib import Path

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MOST_SECONDS, MOST_BYTES = 120, 10**9
WAYS = ("redirects", "headers", "a header, drop by drop", "body", "body, drop by drop", "pages")


def main() -> int:
    """Try every way; print what came of it, and return the exit code."""
    is_right = True
    print("| without end | seconds | memory, GB | sentence |\n| --- | ---: | ---: | --- |")
    for way in WAYS:
        with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryDirectory() as folder:
            threading.Thread(target=_serve, args=(listener, way), daemon=True).start()
            home = Path(folder)
            environment = os.environ | {
                "HF_ENDPOINT": f"http://127.0.0.1:{listener.getsockname()[1]}",
                "MODELKIN_DB": str(home / "a.duckdb"), "MODELKIN_CACHE": str(home / "cache"),
            }  # fmt: skip
            started = time.monotonic()
            with (home / "said").open("wb") as said:
                command = [sys.executable, "-m", "modelkin", "extract", "hub", "--base-model", "org/base"]
                process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
                _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - started
            lines = (home / "said").read_text().splitlines()
            errors = [line for line in lines if line.startswith("Error: ")]
            sentence = errors[0].replace(environment["HF_ENDPOINT"], "ENDPOINT") if errors else "none"
            # The warehouse has files of its own beside it, such as its lock.
            outside = {path.name for path in home.iterdir() if "a.duckdb" not in path.name} - {"said", "cache"}
        n_bytes = usage.ru_maxrss * 1024
        print(f"| {way} | {seconds:,.0f} | {n_bytes / 1e9:,.2f} | {sentence} |", flush=True)
        is_right &= seconds < MOST_SECONDS and n_bytes < MOST_BYTES and len(errors) == 1 and status != 0
        if outside or any("Traceback" in line for line in lines):
            print(f"wrong: {sorted(outside)}, {lines[:2]}")
            is_right = False
    return 0 if is_right else 1


def _serve(listener: socket.socket, way: str) -> None:
    numbers = count(1)
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, way, numbers), daemon=True).start()


def _answer(connection: socket.socket, way: str, numbers: "count[int]") -> None:
    with connection:
        try:
            while b"\r\n\r\n" not in (asked := connection.recv(65_536)):
                if not asked:
                    return
            if way == "redirects":
                location = f"Location: /{next(numbers)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                connection.sendall(b"HTTP/1.1 302 Found\r\n" + location.encode())
            elif way == "pages" and b"/api/models/" in asked:
                _send(connection, b'{"id": "org/base"}')
            elif way == "pages":
                page = next(numbers)
                models = [{"id": f"org/m{page}-{number}", "tags": ["base_model:org/base"]} for number in range(1000)]
                _send(connection, json.dumps(models).encode(), f'Link: </api/models?page={page}>; rel="next"\r\n')
            else:
                connection.sendall(HEAD + (b"\r\n[" if way.startswith("body") else b""))
                drop = b"X: y\r\n" if way == "headers" else b"1," if way.startswith("body") else b"x"
                is_slow = way.endswith("drop by drop")
                while True:
                    connection.sendall(drop if is_slow else drop * 10_000)
                    time.sleep(0.2 if is_slow else 0)
        except OSError:
            return


def _send(connection: socket.socket, body: bytes, more: str = "") -> None:
    length = f"{more}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    connection.sendall(HEAD + length.encode() + body)


if __name__ == "__main__":
    sys.exit(main())
