"""Progress: a line that is rewritten on a terminal, a plain line now and then elsewhere."""

import io
import time

import pytest

from modelkin.progress import Progress, Waiting, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line_rewritten_and_cleared() -> None:
    now = [0.0]
    stream = Terminal()
    shown = Progress("models", stream, clock=lambda: now[0])
    shown.update(5)
    assert stream.getvalue() == "", "too early to show anything"
    now[0] = 10.0
    shown.update(2000, total=4000, detail="2 pages")
    assert stream.getvalue() == "\r2,000 of 4,000 models, 200 a second, about 10 s left (2 pages)"
    now[0] = 10.1
    shown.update(2001)
    now[0] = 20.0
    shown.update(4000, total=4000)
    shown.close()
    lines = stream.getvalue().split("\r")
    assert lines[2].rstrip() == "4,000 of 4,000 models, 200 a second, about 0 s left"
    assert len(lines[2]) == len(lines[1]), "a shorter line covers the longer one"
    assert lines[-1] == "" and lines[-2].strip() == ""


def test_elsewhere_a_line_comes_now_and_then() -> None:
    now = [0.0]
    stream = io.StringIO()
    shown = Progress("cards", stream, clock=lambda: now[0])
    for second in range(1, 41):
        now[0] = float(second)
        shown.update(second * 3)
    shown.close()
    assert stream.getvalue() == "45 cards, 3 a second\n90 cards, 3 a second\n"


@pytest.mark.parametrize(("stream", "shown"), [(Terminal(), "\rMaking it …"), (io.StringIO(), "Making it …\n")])
def test_what_begins_is_said_at_once(stream: io.StringIO, shown: str) -> None:
    progress = Progress("steps", stream, clock=lambda: 0.0)
    progress.begin("Making it …")
    assert stream.getvalue() == shown


def test_the_time_left_is_estimated_from_the_fiftieth_part_on() -> None:
    assert Progress("steps", done=19).line(40.0, 1000) == "19 of 1,000 steps, 0.5 a second"
    assert Progress("steps", done=20).line(40.0, 1000) == "20 of 1,000 steps, 0.5 a second, about 32 min 40 s left"


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def wait_for(stream: io.StringIO, part: str) -> None:
    while part not in stream.getvalue():
        time.sleep(0.001)


def test_waiting_is_told_at_once_and_again_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with Waiting("loading", stream, seconds=0.001) as waiting:
        assert stream.getvalue().startswith("loading …\n")
        wait_for(stream, "loading, 0 s so far …\n")
        waiting.now("asking")
        wait_for(stream, "asking …\nasking, 0 s so far …\n")
    told = stream.getvalue()
    assert "\r" not in told
    assert told.endswith("\n")


def test_waiting_is_one_line_on_a_terminal_that_is_cleared_when_the_work_fails() -> None:
    stream = Terminal()
    with pytest.raises(ValueError, match="broken"), Waiting("loading", stream, seconds=0.001):
        wait_for(stream, "\rloading, 0 s so far …")
        raise ValueError("broken")
    assert stream.getvalue().endswith(" \r")
    assert "\n" not in stream.getvalue()
