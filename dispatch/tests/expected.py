"""Schedules that expect slots, and the clock's signs of life around them."""

from datetime import UTC, datetime, timedelta

from dispatch.models import Run, Schedule, Slot
from dispatch.slots import signs, take
from monitor.models import Sample

MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    """A moment: utc("2026-03-01 02:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def planned(since: datetime, slug: str = "nightly", **values: object) -> Schedule:
    """A schedule whose ledger begins at this moment; each hour unless said."""
    wanted = {"name": slug, "cron": "0 * * * *", "source": {}, "sink": {}}
    return Schedule.objects.create(slug=slug, ledger_until=since, **(wanted | values))


def ticked(since: datetime, until: datetime) -> None:
    """The clock was alive from one moment to the other."""
    minutes = range((until - since) // MINUTE + 1)
    Sample.objects.bulk_create(
        Sample(name=signs.TICK, at=since + n * MINUTE, value=0) for n in minutes
    )


def told(schedule: Schedule) -> list[tuple[str, str, str]]:
    """Each slot with its outcome and evidence, the oldest first."""
    return [
        (f"{slot.at.astimezone(UTC):%d %H:%M}", slot.outcome, slot.evidence)
        for slot in schedule.slots.order_by("at")
    ]


def outcomes(schedule: Schedule) -> list[str]:
    """What became of each slot, the oldest first."""
    return list(schedule.slots.order_by("at").values_list("outcome", flat=True))


def begun(schedule: Schedule, at: datetime, **values: object) -> Run:
    """An open run that was made at this moment."""
    run = Run.objects.create(schedule=schedule, **values)
    Run.objects.filter(pk=run.pk).update(created_at=at)
    run.refresh_from_db()
    return run


def ran(schedule: Schedule, at: datetime) -> Slot | None:
    """A start at this moment, and the end of its run."""
    slot = take.take(schedule, at)
    if slot:
        run = begun(schedule, at, open=None, state="success", finished_at=at + MINUTE)
        take.served(slot, run)
    return slot
