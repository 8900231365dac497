"""The commands of the miniature Hub: ``modelkin extract minihub COMMAND``."""

import os
import signal
import subprocess
import threading
from typing import Annotated, Final, Self

import typer

from minihub.api.exchange import NOTICE
from minihub.api.faults import PAGE_SIZE, Faults
from minihub.repositories import CATALOGUE_FILE, Build
from minihub.server import LABEL, serving
from minihub.store import build as make_build
from minihub.store import build_root
from modelkin.command_line import command_group
from modelkin.errors import UsageError
from modelkin.folders import sweep
from modelkin.printable import tell, warn

ENDPOINT_LABEL_VARIABLE: Final = "MODELKIN_ENDPOINT_LABEL"
"""Set for the command of ``run``: the stable name to record in place of the loopback address."""
_TOKENS: Final = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""Variables that the command of ``run`` does not see: no token goes to a make-believe Hub."""

app = command_group("minihub", "A miniature Hub of synthetic models on this machine.")

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on the loopback interface; 0 takes any free one.")]
FailEvery = Annotated[int, typer.Option(min=0, help="Answer every N-th API request with status 429; 0 for none.")]
Latency = Annotated[float, typer.Option(min=0.0, help="Delay every answer by this many seconds.")]
PageSize = Annotated[int, typer.Option(min=1, max=PAGE_SIZE, help="List at most this many models on one page.")]


@app.command()
def build() -> None:
    """Make the miniature Hub and print its folder.

    One that exists already is left as it is.

    Example: modelkin extract minihub build
    """
    made = build_hub()
    tell(f"{len(made.repos)} synthetic repositories in {made.folder}")


@app.command()
def serve(port: Port = 0, fail_every: FailEvery = 0, latency: Latency = 0.0, page_size: PageSize = PAGE_SIZE) -> None:
    """Serve the miniature Hub until interrupted.

    The URL of its endpoint is printed first.

    Example: modelkin extract minihub serve --port 8080
    """
    faults = Faults(fail_every=fail_every, latency_seconds=latency, page_size=page_size)
    with serving(build_hub(), port=port, faults=faults) as hub:
        try:
            tell(hub.endpoint)
            warn(f"{NOTICE}. Set HF_ENDPOINT to this address; Ctrl-C stops it.")
            threading.Event().wait()
        except KeyboardInterrupt:
            warn("Stopped.")


@app.command(context_settings={"ignore_unknown_options": True})
def run(
    command: Annotated[list[str], typer.Argument(help="The command and its arguments, after --.")],
    port: Port = 0,
    fail_every: FailEvery = 0,
    latency: Latency = 0.0,
    page_size: PageSize = PAGE_SIZE,
) -> None:
    """Serve the miniature Hub while a command runs.

    HF_ENDPOINT names the miniature Hub to COMMAND, whose exit code is passed on.

    Example: modelkin extract minihub run -- modelkin extract hub --all
    """
    faults = Faults(fail_every=fail_every, latency_seconds=latency, page_size=page_size)
    with serving(build_hub(), port=port, faults=faults) as hub:
        code = _run_to_its_end(command, client_environment(hub.endpoint))
    # A command killed by a signal has a negative code; shells report it as 128 and the signal.
    raise typer.Exit(code if code >= 0 else 128 - code)


def build_hub() -> Build:
    """Return the build of this code, making it first if need be; forget those of other versions that nobody uses."""
    made = make_build()
    others = (folder for folder in made.folder.parent.iterdir() if folder.name != made.folder.name)
    sweep(folder for folder in others if (folder / CATALOGUE_FILE).is_file())
    return made


def _run_to_its_end(command: list[str], environment: dict[str, str]) -> int:
    """Run ``command`` and return its exit code; signals are its own to answer, in its own time.

    Ctrl-C reaches it from the terminal; SIGTERM is passed on, also when it comes while the command
    is being started. The server stays up meanwhile, since an interrupted command may still finish
    the model that it reads.
    """
    with _SignalsFor() as signals:
        try:
            with subprocess.Popen(command, env=environment) as child:
                signals.pass_on_to(child)
                return child.wait()
        except OSError as error:
            raise UsageError(f"The command {command[0]!r} cannot be started: {error.strerror}.") from error


class _SignalsFor:
    """Keeps SIGINT and SIGTERM from ending this process, and passes SIGTERM on to a child."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._is_ended = False

    def __enter__(self) -> Self:
        # Functions, and not SIG_IGN, which the command would inherit.
        handlers = {signal.SIGINT: lambda *_: None, signal.SIGTERM: lambda *_: self._end()}
        self._before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def pass_on_to(self, child: subprocess.Popen[bytes]) -> None:
        """End ``child`` when SIGTERM comes, or has come before it was there."""
        self._child = child
        if self._is_ended:
            child.terminate()

    def _end(self) -> None:
        self._is_ended = True
        if self._child is not None:
            self._child.terminate()


def client_environment(endpoint: str) -> dict[str, str]:
    """Return the environment for a process whose Hub is the miniature one at ``endpoint``.

    Its Hugging Face cache lies beside the builds, apart from the user's own; it carries no token,
    sends no telemetry and asks no service to convert weights.
    """
    home = build_root().resolve() / "huggingface"
    kept = {name: value for name, value in os.environ.items() if name not in _TOKENS}
    no_proxy = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1"]))
    return kept | {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_CACHE": str(home / "hub"),
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
        "DISABLE_SAFETENSORS_CONVERSION": "true",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        ENDPOINT_LABEL_VARIABLE: LABEL,
    }
