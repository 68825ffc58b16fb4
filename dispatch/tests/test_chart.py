"""What the chart of a schedule draws."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string

from dispatch.runs.chart import RUNS, chart
from dispatch.tests.rows import NOON, run_row, schedule_row

pytestmark = pytest.mark.django_db


def lasted(schedule, state, minute, seconds, rows):
    """A run that began when it was asked for."""
    begun = NOON + timedelta(minutes=minute)
    ended = None if seconds is None else begun + timedelta(seconds=seconds)
    return run_row(
        schedule, state, minute, started_at=begun, finished_at=ended, n_rows=rows
    )


def test_bars_stand_from_the_oldest_to_the_newest_in_proportion():
    schedule = schedule_row()
    runs = [
        lasted(schedule, "success", 0, 20, 1000),
        lasted(schedule, "failed", 1, 40, 500),
        lasted(schedule, "running", 2, None, 0),
    ]
    # Not of it: it never began, and what another schedule did.
    run_row(schedule, "skipped", 3)
    lasted(schedule_row("other"), "success", 4, 4000, 10**6)

    drawn = chart(schedule, NOON + timedelta(minutes=2, seconds=10))

    assert [bar.run for bar in drawn.bars] == runs
    assert [bar.took.total_seconds() for bar in drawn.bars] == [20, 40, 10]
    assert [bar.took_height for bar in drawn.bars] == [50, 100, 25]
    assert [bar.rows_height for bar in drawn.bars] == [100, 50, 0]
    assert [bar.rows_y for bar in drawn.bars] == [0, 50, 100]
    assert (drawn.longest, drawn.most) == (timedelta(seconds=40), 1000)
    assert list(drawn.states) == ["running", "success", "failed"]


def test_only_the_last_runs_are_drawn_and_fill_the_width():
    schedule = schedule_row()
    runs = [lasted(schedule, "success", number, 1, 1) for number in range(RUNS + 3)]

    drawn = chart(schedule, NOON)

    assert [bar.run for bar in drawn.bars] == runs[3:]
    assert drawn.bars[0].x == 0
    assert 980 < drawn.bars[-1].x + drawn.bars[-1].width <= 1000


def test_a_run_without_length_is_still_to_be_seen():
    schedule = schedule_row()
    lasted(schedule, "failed", 0, 0, 0)
    # Its clock was put back.
    lasted(schedule, "success", 1, -5, 0)

    drawn = chart(schedule, NOON)

    assert [(bar.took_height, bar.rows_height) for bar in drawn.bars] == [(2, 0)] * 2
    assert (drawn.longest, drawn.most) == (timedelta(), 0)


def test_without_a_run_there_is_nothing_to_draw():
    assert chart(schedule_row(), NOON) == ([], timedelta(), 0, {})


def test_the_drawing_links_each_run_tells_it_in_words_and_marks_its_state():
    schedule = schedule_row()
    well = lasted(schedule, "success", 0, 75, 1000)
    failed = lasted(schedule, "failed", 1, 40, 0)

    drawn = render_to_string("dispatch/_chart.html", {"chart": chart(schedule, NOON)})

    # In both drawings and in the table.
    for run in (well, failed):
        assert drawn.count(f'href="{run.get_absolute_url()}"') == 3
    title = f"Run {well.pk}, success: 1 min 15 s, 1\u202f000 rows, 2026-06-01 12:00"
    assert drawn.count(f"<title>{title}</title>") == 2
    assert drawn.count('fill="url(#run-hatch-failed)"') == 2
    assert '<rect class="run-success" x="0.0" y="0.0" ' in drawn
    assert '<span class="key run-failed">failed</span>' in drawn
    assert "style=" not in drawn
    assert "<summary>As a table</summary>" in drawn


def test_without_a_run_the_drawing_says_what_will_be_there():
    context = {"chart": chart(schedule_row(), NOON)}

    assert "Nothing has run yet" in render_to_string("dispatch/_chart.html", context)
