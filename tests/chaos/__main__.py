"""Break commands off at any moment and look at what they leave: ``python -m tests.chaos [--faults N] [--seed N]``.

Each try starts a command on a copy of one warehouse and lets a fault meet it: it is killed with all that it started, or
alone, or asked to end, or it may write no more bytes, or another command writes at once, or the newest run lies in the
future. Then the warehouse must hold what it held before or what the command makes, no row of it lost or doubled, marts
and stats of one build; and the same command, run again, must make the rest. Or the warehouse is damaged before: then
the command, or one that reads, must end with one sentence. Ends with 1 when any of this does not hold.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from modelkin.progress import Progress
from tests.chaos.damage import DAMAGES, READING, from_the_future
from tests.chaos.inputs import Files, write_files
from tests.chaos.states import State, read_state
from tests.fuzz.tally import Tally, table

FAULTS: Final = 200
BUILD_SHARE: Final = 0.05
"""Of all faults, how many meet a build: it takes thirty times as long as a load."""
PATIENCE: Final = 20
"""A command hangs that takes longer than this many times its usual time, and at least two minutes."""
KINDS: Final = (
    *("killed with its children", "killed alone", "SIGTERM", "SIGINT", "disk full", "two at once"),
    *("damaged warehouse", "clock set back"),
)
OF_LOADS: Final = frozenset({"two at once", "damaged warehouse", "clock set back"})
"""Kinds that do not meet a build."""


@dataclass(frozen=True)
class Command:
    """A command that faults meet, how long it takes, and the states before and after it."""

    name: str
    arguments: tuple[str, ...]
    start: Path
    seconds: float
    before: State
    after: State


@dataclass(frozen=True)
class Fault:
    """What meets a command: its kind, how far into the command or the bytes (0 to 1), and who writes at once.

    ``at`` also says which damage is done, and where.
    """

    kind: str
    at: float
    rival: Command


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, None where it had to be killed, and what it printed on stderr."""

    code: int | None
    text: str


def run(
    path: Path, arguments: Sequence[str], *, limit: float, most_bytes: int | None = None, folder: Path | None = None
) -> Ended:
    """Run ``modelkin`` on the warehouse at ``path`` to its end, or for ``limit`` seconds."""
    process = _start(path, arguments, most_bytes, folder)
    try:
        _, text = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        _kill_session(process.pid)
        process.communicate()
        return Ended(None, "")
    return Ended(process.returncode, text)


def break_off(path: Path, arguments: Sequence[str], kind: str, seconds: float, limit: float) -> Ended:
    """Run ``modelkin`` for ``seconds``, then let the fault meet it."""
    process = _start(path, arguments)
    try:
        _, text = process.communicate(timeout=seconds)
        return Ended(process.returncode, text)
    except subprocess.TimeoutExpired:
        pass
    if kind == "killed with its children":
        _kill_session(process.pid)
    elif kind == "killed alone":
        process.kill()
    else:
        process.send_signal(signal.SIGTERM if kind == "SIGTERM" else signal.SIGINT)
    try:
        _, text = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        _kill_session(process.pid)
        process.communicate()
        return Ended(None, "")
    _kill_session(process.pid)  # what it left running ends, as with the machine
    return Ended(process.returncode, text)


def _start(
    path: Path, arguments: Sequence[str], most_bytes: int | None = None, folder: Path | None = None
) -> subprocess.Popen[str]:
    def limit() -> None:
        # A shell's background jobs ignore an interrupt, and what they start does, too.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    return subprocess.Popen(
        [sys.executable, "-P", "-m", "modelkin", "--db", str(path), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        cwd=folder,
        preexec_fn=limit,  # noqa: PLW1509 - no threads here
    )


def _kill_session(session: int) -> None:
    """Kill every process of a session."""
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
            if fields and int(fields[3]) == session:
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            continue


def meet(command: Command, fault: Fault, folder: Path, tally: Tally) -> None:
    """Let one fault meet ``command`` on a copy of its warehouse, and count what came of it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "chaos.duckdb"
    shutil.copyfile(command.start, path)
    limit = max(120.0, PATIENCE * command.seconds)
    before, after, kind = command.before, command.after, fault.kind
    clean = replace(tally, samples=[])
    tally.tries += 1
    if kind == "damaged warehouse":
        _meet_damage(command, fault, path, limit, tally)
        return
    if kind == "two at once":
        rival = _start(path, fault.rival.arguments)
        ended = run(path, command.arguments, limit=limit)
        rival_text = rival.communicate()[1]
        ended = Ended(ended.code or rival.returncode, ended.text + rival_text)
        before = after = after.with_loaded(fault.rival.before, fault.rival.after)
    elif kind == "clock set back":
        from_the_future(path, random.Random(fault.at))
        ended = run(path, command.arguments, limit=limit)
        tally.wrong += "started after now" not in ended.text
    elif kind == "disk full":
        # Most loads write little: few bytes must be as likely as many.
        most = round(2 * fault.at**4 * command.start.stat().st_size)
        ended = run(path, command.arguments, limit=limit, most_bytes=most)
    else:
        ended = break_off(path, command.arguments, kind, fault.at * command.seconds, limit)
    tally.refused += ended.code != 0
    texts = [ended.text]
    tally.hung += ended.code is None and kind not in ("killed with its children", "killed alone")
    found = read_state(path)
    if found != after and kind != "two at once":
        _judge(found, before, after, tally)
        again = run(path, command.arguments, limit=limit)
        texts.append(again.text)
        tally.hung += again.code is None
        found = read_state(path)
    _judge(found, after, after, tally)
    tally.tracebacks += sum("Traceback" in text for text in texts)
    if _faults_of(tally) != _faults_of(clean) and len(tally.samples) < 3:
        tally.samples.append(f"{command.name}, {kind}: exit code {ended.code}\n{found}\n" + "\n".join(texts)[-2000:])


def _meet_damage(command: Command, fault: Fault, path: Path, limit: float, tally: Tally) -> None:
    """Damage the warehouse, and let the command or one that reads meet it: it must end with one sentence, or well."""
    random_ = random.Random(fault.at)
    name, damage = random_.choice(sorted(DAMAGES.items()))
    damage(path, random_)
    arguments = random_.choice([command.arguments, *READING])
    ended = run(path, arguments, limit=limit, folder=path.parent)
    tally.refused += ended.code != 0
    tally.hung += ended.code is None
    tally.tracebacks += "Traceback" in ended.text
    errors = [line for line in ended.text.splitlines() if line.startswith("Error: ")]
    # `check` ends with 3 or 4 where it answers that something is contradicted or not testable.
    is_answer = ended.code == 0 or (arguments[0] == "check" and ended.code in (3, 4))
    is_told = is_answer or arguments[0] == "doctor" or len(errors) == 1
    tally.wrong += not is_told
    if (not is_told or "Traceback" in ended.text or ended.code is None) and len(tally.samples) < 3:
        tally.samples.append(f"{name}, {' '.join(arguments)}: exit code {ended.code}\n{ended.text[-2000:]}")


def _faults_of(tally: Tally) -> tuple[int, ...]:
    return tally.lost, tally.doubled, tally.wrong, tally.hung, tally.tracebacks


def _judge(found: State, before: State, after: State, tally: Tally) -> None:
    """Count what is lost since the state before, doubled, or of no whole state."""
    tally.lost += sum((Counter(before.rows) - Counter(found.rows)).values())
    tally.doubled += sum((Counter(found.rows) - Counter(after.rows)).values())
    tally.wrong += found not in (before, after)


def commands(folder: Path, files: Files) -> list[Command]:
    """Make the warehouse that every try starts with; return the loads and, as the last, the build."""
    loaded, built = folder / "loaded.duckdb", folder / "built.duckdb"
    loads = {
        "import-models": ("extract", "import-models", str(files.models), "--observed-at", "2025-06-01"),
        "import-overlap": ("extract", "import-overlap", str(files.overlaps), "--study", "chaos", "--relation", "same"),
        "import-network": (
            *("extract", "import-network", str(files.edges), str(files.metadata)),
            *("--observed-at", "2025-06-02"),
        ),
    }
    _must(loaded, loads["import-models"])
    shutil.copyfile(loaded, built)
    _must(built, ("build",))
    _must(built, loads["import-overlap"])
    found = []
    for name, arguments in [*loads.items(), ("build", ("build",))]:
        trial = folder / "trial" / "chaos.duckdb"
        shutil.rmtree(trial.parent, ignore_errors=True)
        trial.parent.mkdir()
        shutil.copyfile(built, trial)
        started = time.monotonic()
        _must(trial, arguments)
        seconds = time.monotonic() - started
        found.append(Command(name, arguments, built, seconds, read_state(built), read_state(trial)))
        print(f"{name}: {seconds:.0f} s undisturbed", flush=True)
    return found


def _must(path: Path, arguments: Sequence[str]) -> None:
    ended = run(path, arguments, limit=1200)
    if ended.code != 0:
        raise SystemExit(f"{' '.join(arguments)} ends with {ended.code} undisturbed: {ended.text[-2000:]}")


def main() -> int:
    """Run, print the table and what went wrong, and return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=FAULTS)
    parser.add_argument("--kind", choices=KINDS, help="faults of this kind alone")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}; the same faults again: make chaos SEED={options.seed}", flush=True)
    started, random_ = time.monotonic(), random.Random(options.seed)
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["MODELKIN_CACHE"] = str(folder / "cache")
        *loads, build = commands(folder, write_files(folder))
        progress = Progress("faults")
        for number in range(options.faults):
            is_build = number % round(1 / BUILD_SHARE) == 0 and options.kind not in OF_LOADS
            command = build if is_build else random_.choice(loads)
            kind = options.kind or random_.choice([one for one in KINDS if not (is_build and one in OF_LOADS)])
            other = random_.choice([load for load in loads if load is not command])
            name = f"{'build' if is_build else 'load'}, {kind}"
            tally = tallies.setdefault(name, Tally(name))
            meet(command, Fault(kind, random_.random(), other), folder / "try", tally)
            progress.update(number + 1, total=options.faults, detail=name)
        progress.close()
    found = [tally for _, tally in sorted(tallies.items())]
    print(table(found))
    for tally in found:
        for sample in tally.samples:
            print(f"\n{sample}", file=sys.stderr)
    print(f"{options.faults} faults in {time.monotonic() - started:,.0f} seconds")
    return 0 if all(tally.is_clean for tally in found) else 1


if __name__ == "__main__":
    sys.exit(main())
