"""Schedules and runs as rows, for the pages that only show them."""

from datetime import UTC, datetime, timedelta

from dispatch.models import Run, Schedule, Step
from monitor.work import ENDED

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def schedule_row(slug: str = "nightly", **values: object) -> Schedule:
    wanted: dict[str, object] = {
        "name": slug.capitalize(),
        "cron": "0 2 * * *",
        "source": {"kind": "folder", "folder": "/data", "patterns": ["*.csv"]},
        "sink": {"kind": "scores"},
    }
    return Schedule.objects.create(slug=slug, **(wanted | values))


def run_row(
    schedule: Schedule, state: str = "success", minute: float = 0, **values: object
) -> Run:
    """A run that was asked for so many minutes after noon."""
    at = NOON + timedelta(minutes=minute)
    is_open = None if state in ENDED else True
    run = Run.objects.create(schedule=schedule, state=state, open=is_open, **values)
    Run.objects.filter(pk=run.pk).update(created_at=at)
    run.refresh_from_db()
    return run


def step_row(
    run: Run, name: str, took: float | None = 1, attempt: int = 1, **detail: object
) -> Step:
    """A step that began at noon; it has not ended if it took nothing."""
    ended = None if took is None else NOON + timedelta(seconds=took)
    return Step.objects.create(
        run=run,
        name=name,
        attempt=attempt,
        started_at=NOON,
        finished_at=ended,
        detail=detail,
    )
