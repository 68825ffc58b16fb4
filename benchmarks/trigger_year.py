"""A year of schedule triggers by a clock under control, as a table.

    python benchmarks/trigger_year.py [--zone ZONE] [--year YEAR]

On a throw-away site, triggers are looked at each hour, and each minute about the two
changes of the zone's clocks. For a week in August the machine is off, and one day
in September its clock is put back by an hour. Each retraining is over at once, so that
cool-down and cap alone decide. It fails where a moment was served twice or not at all,
or where either was passed. Takes about three minutes.
"""

import argparse
import os
import sys
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

# In place of this folder, in which this very file is called as a package is.
sys.path[0] = str(Path(__file__).parents[1])

if TYPE_CHECKING:
    from registry.models import Trigger

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Looks come a little after the minute.
AFTER = timedelta(seconds=7)


class Plan(NamedTuple):
    """A trigger: its times, how long it cools down, how often a day it may fire."""

    cron: str
    cool_down_hours: int
    daily_cap: int


PLANS = (
    Plan("0 2 * * *", 24, 1),
    Plan("0 */6 * * *", 4, 2),
    Plan("0 * * * *", 20, 24),
    Plan("0 1-3 * * *", 1, 2),
)


class Year(NamedTuple):
    """When it begins, ends, when the clocks change, when the machine is off."""

    begin: datetime
    end: datetime
    changes: list[datetime]
    off: tuple[datetime, datetime]
    put_back: datetime


def year_of(number: int, zone: ZoneInfo) -> Year:
    """The year as the zone has it."""
    begin, end = (datetime(n, 1, 1, tzinfo=zone) for n in (number, number + 1))
    hours = [begin.astimezone(UTC) + n * HOUR for n in range(366 * 24)]
    changes = [
        at
        for at in hours
        if at.astimezone(zone).utcoffset() != (at - HOUR).astimezone(zone).utcoffset()
    ]
    off = datetime(number, 8, 10, 12, 10, tzinfo=zone).astimezone(UTC)
    put_back = datetime(number, 9, 15, 2, tzinfo=zone).astimezone(UTC)
    return Year(
        begin.astimezone(UTC),
        end.astimezone(UTC),
        [at for at in changes if begin <= at < end],
        (off, off + 7 * DAY),
        put_back,
    )


def looks(year: Year) -> Iterator[datetime]:
    """Each moment at which the clock looks, in the order in which it does."""
    at, is_put_back = year.begin, False
    while at < year.end:
        if not year.off[0] <= at < year.off[1]:
            yield at + AFTER
        if at >= year.put_back and not is_put_back:
            # The hour before is lived through once more.
            at, is_put_back = at - 2 * HOUR, True
        near = any(-2 * HOUR <= at - change < HOUR for change in year.changes)
        at += MINUTE if near else HOUR


def live(triggers: "list[Trigger]", year: Year) -> int:
    """Have all of them looked at through the year; how many looks there were."""
    from django.db import transaction  # after the set-up

    from registry.models import Retraining
    from registry.triggers.evaluate import evaluate_all

    days: dict[object, list[datetime]] = {}
    for at in looks(year):
        days.setdefault(at.date(), []).append(at)
    for moments in days.values():
        with transaction.atomic():
            for at in moments:
                evaluate_all(at)
                Retraining.objects.update(open=None)
    return sum(map(len, days.values())) * len(triggers)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows."""
    return at.astimezone(zone).replace(tzinfo=None)


def must(holds: object, words: str) -> None:
    """End with what is wrong."""
    if not holds:
        raise SystemExit(words)


def told(trigger: "Trigger", plan: Plan, year: Year, zone: ZoneInfo) -> list[str]:
    """A line of the table; ends where it did what it must not."""
    from monitor.clock.cron import occurrences  # after the set-up
    from registry.models import Decision

    moments = list(occurrences(plan.cron, year.begin - MINUTE, year.end - MINUTE, zone))
    missed = [at for at in moments if year.off[0] <= at < year.off[1]]
    counts: Counter[str] = Counter()
    for outcome, n in Decision.objects.filter(trigger=trigger).values_list(
        "outcome", "n"
    ):
        counts[outcome] += n
    fired = [
        decision.at
        for decision in trigger.decisions.filter(outcome="fired").order_by("pk")
    ]
    served = sum(counts[name] for name in ("fired", "cooling", "capped", "busy"))
    # Each by the first look after it, those that were missed with the next one.
    looked = sorted(looks(year))
    wanted = len({bisect_left(looked, at) for at in moments})
    must(served == wanted, f"{plan.cron}: {served} of {wanted} moments were served")
    must(not counts["busy"], f"{plan.cron}: busy with what was over at once")
    a_day = Counter(at.astimezone(zone).date() for at in fired)
    must(max(a_day.values()) <= plan.daily_cap, f"{plan.cron}: more than its cap")
    days, hours = divmod(plan.cool_down_hours, 24)
    for before, after in pairwise(fired):
        # Started right after the hour that is left out, it was meant for a time within.
        at = before.replace(second=0)
        walls = (wall(at, zone), wall(at - MINUTE, zone) + MINUTE)
        begun = min(walls).replace(tzinfo=zone) + days * DAY
        cooled = begun.astimezone(UTC) + hours * HOUR - 10 * MINUTE
        must(after >= cooled, f"{plan.cron}: fired {after} before it had cooled down")
    nights = [
        sum(abs(at - change) <= 6 * HOUR for at in fired) for change in year.changes
    ]
    if plan.cron == "0 2 * * *":
        # Each night of the year, those with 23 and 25 hours among them.
        must(nights == [1, 1], f"{plan.cron}: {nights} times on the changed nights")
        must(
            len(fired) + counts["cooling"] == wanted, f"{plan.cron}: a night is missing"
        )
    return [
        plan.cron,
        f"{plan.cool_down_hours} h, {plan.daily_cap} a day",
        str(len(moments)),
        str(len(missed)),
        *(str(counts[name]) for name in ("fired", "cooling", "capped")),
        *map(str, nights),
    ]


HEAD = (
    "times",
    "cool-down and cap",
    "moments",
    "while off",
    "fired",
    "cooled",
    "capped",
    "spring night",
    "autumn night",
)


def main() -> None:
    """Live through the year, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zone", default="Europe/Berlin")
    parser.add_argument("--year", type=int, default=2026)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="trigger-year-") as folder:
        _run(Path(folder), asked.zone, asked.year)


def _run(folder: Path, zone_name: str, number: int) -> None:
    config = folder / "config.yaml"
    config.write_text(
        "storage: {root: var}\ntriggers: {max_per_day: 1000}\n"
        f"scheduler: {{zone: {zone_name}}}\n"
    )
    os.environ |= {
        "CONFIG_FILE": str(config),
        "DJANGO_SETTINGS_MODULE": "pulsarsite.settings",
    }
    import django  # after its configuration

    django.setup()
    from django.core.management import call_command

    from registry.models import Trigger
    from registry.tests.run_rows import dataset_row

    for database in ("default", "events"):
        call_command("migrate", database=database, verbosity=0)
    dataset_row()
    zone = ZoneInfo(zone_name)
    year = year_of(number, zone)
    triggers = [
        Trigger.objects.create(
            name=plan.cron,
            model=f"m{n}",
            kind="schedule",
            condition={"cron": plan.cron},
            cool_down_hours=plan.cool_down_hours,
            daily_cap=plan.daily_cap,
            since=year.begin - MINUTE,
        )
        for n, plan in enumerate(PLANS)
    ]
    begun = time.monotonic()
    n = live(triggers, year)
    took = time.monotonic() - begun
    lines = [
        told(Trigger.objects.get(pk=trigger.pk), plan, year, zone)
        for trigger, plan in zip(triggers, PLANS, strict=True)
    ]
    print(f"{zone_name}, {number}")
    widths = [max(map(len, column)) for column in zip(HEAD, *lines, strict=True)]
    for line in (HEAD, *lines):
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip())
    print(f"{n:,} looks, {1000 * took / n:.1f} ms each")


if __name__ == "__main__":
    main()
