"""The bar at the foot of a terminal."""

import io
import termios
from types import SimpleNamespace

import pytest

from pulsar_ml import progress as progress_module
from pulsar_ml.progress import Progress, _clock, _size
from pulsar_ml.tests.screens import terminal

__all__ = ["terminal"]


@pytest.fixture
def drawn(terminal):
    """What comes out when something is drawn."""
    stream, screen = terminal

    def call(draw) -> str:
        draw(Progress(stream))
        return screen()

    return call


def test_messages_stand_above_the_bar(drawn):
    def draw(progress: Progress) -> None:
        progress.writing(50, 200)
        progress.say("a note\n")
        progress.writing(200, 200)
        progress.end()
        progress.end()

    assert drawn(draw).split("\r\x1b[K") == [
        "",
        "[#####...............]  25%  50 of 200 rows written",
        "a note\r\n",
        "[####################] 100%  200 of 200 rows written",
        "",
    ]


@pytest.fixture
def still(monkeypatch):
    """Ten seconds have gone by since the work began, and no more do."""
    clock = iter([100.0])
    stopped = SimpleNamespace(monotonic=lambda: next(clock, 110.0))
    monkeypatch.setattr(progress_module, "time", stopped)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (100, "30 s left, 123,457 rows/s, 1,234,567 rows, 250 MB of 1 GB read"),
        (80, "30 s left, 123,457 rows/s, 1,234,567 rows"),
        (60, "30 s left, 123,457 rows/s"),
        (40, "30 s left"),
        (35, "30 s "),
    ],
)
def test_a_narrow_terminal_shows_first_of_all_how_long_the_rest_takes(
    terminal, still, columns, words
):
    stream, screen = terminal
    termios.tcsetwinsize(stream.fileno(), (24, columns))
    Progress(stream).reading(250_000_000, 10**9, 1_234_567)

    assert screen() == f"\r\x1b[K[#####...............]  25%  {words}"


def test_before_anything_is_read_nothing_is_said_of_the_rest(drawn, still):
    bar = "\r\x1b[K[....................]   0%  "

    assert drawn(lambda p: p.reading(0, 10**9, 0)) == (
        f"{bar}0 rows/s, 0 rows, 0 B of 1 GB read"
    )


@pytest.mark.parametrize(("seconds", "times"), [(3600, 1), (0, 5)])
def test_a_bar_is_not_drawn_more_often_than_eyes_can_see(
    drawn, monkeypatch, seconds, times
):
    monkeypatch.setattr(progress_module, "_EVERY_SECONDS", seconds)

    def draw(progress: Progress) -> None:
        for n_rows in range(5):
            progress.writing(n_rows, 4)

    assert drawn(draw).count("\r\x1b[K") == times


def test_nothing_but_messages_goes_anywhere_else():
    stream = io.StringIO()
    progress = Progress(stream)
    progress.reading(1, 2, 3)
    progress.say("a note\n")
    progress.writing(1, 2)
    progress.end()

    assert stream.getvalue() == "a note\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (61, "1 min 01 s"), (7_260, "2 h 01 min")],
)
def test_times_are_told_in_two_units(seconds, words):
    assert _clock(seconds) == words


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [(0, "0 B"), (999, "999 B"), (1_234_567, "1.23 MB"), (5e15, "5e+03 TB")],
)
def test_sizes_are_told_in_three_digits(n_bytes, words):
    assert _size(n_bytes) == words
