"""The bar at the foot of a terminal."""

import io

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


def test_a_line_is_as_long_as_the_terminal_at_most(drawn):
    (_, bar) = drawn(lambda p: p.reading(512, 10**9, 10**70)).split("\r\x1b[K")

    assert bar.startswith("[....................]   0%  512 B of 1 GB read, 10,000")
    assert len(bar) == 99


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
