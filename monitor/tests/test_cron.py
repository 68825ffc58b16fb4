"""Cron lines: what is taken, what they say, which slots are coming."""

import getpass
import random
import subprocess
from datetime import timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string

from conftest import program
from monitor.clock.cron import BadCron, check, clock_zone, occurrences, upcoming, words
from monitor.tests.debian_cron import at

BERLIN = ZoneInfo("Europe/Berlin")
SANTIAGO = ZoneInfo("America/Santiago")


def shown(cron: str, since: str, zone: ZoneInfo, n: int) -> list[tuple[str, str]]:
    return [(slot.iso, slot.mark) for slot in upcoming(cron, at(since), zone, n)]


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("  5\t4 * *   0 ", "5 4 * * 0"),
        ("0 3 * JAN,Mar-apr mon-FRI", "0 3 * jan,mar-apr mon-fri"),
        ("*/15,7 0-23/2 1-31/10 */3 5-7", "*/15,7 0-23/2 1-31/10 */3 5-7"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("0 0 31 2 1", "0 0 31 2 1"),  # the Mondays of February
        ("09 08 * * 7", "09 08 * * 7"),
    ],
)
def test_what_debians_cron_takes_is_taken_with_single_spaces(written, taken):
    assert check(written) == taken


MINUTES = "In the first field, minutes"
MONTHS = "In the fourth field, months"
EVERY_MINUTE_BY_NAME = ",".join(map(str, range(60)))
FIVE = "Five fields are wanted (minutes, hours, days of the month, months, weekdays)"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", f"{FIVE}, not 0."),
        ("* * * *", f"{FIVE}, not 4."),
        ("0 0 3 * * *", f"{FIVE}, not 6."),
        ("@daily", "Words such as @daily are not taken: write the five fields."),
        ("0 3 * * *\n", "'\\n' is not a character of a cron expression."),
        ("0 3 * * %", "'%' is not a character of a cron expression."),
        ("0 3 * * *\u00a0", "'\\xa0' is not a character of a cron expression."),
        ("0 ٣ * * *", "'٣' is not a character of a cron expression."),
        ("0 25 * * *", "In the second field, hours: 25 is not between 0 and 23."),
        ("-1 0 * * *", "In the first field, minutes: '-1' is not understood."),
        ("60 0 * * *", "In the first field, minutes: 60 is not between 0 and 59."),
        (
            "0 0 0 * *",
            "In the third field, days of the month: 0 is not between 1 and 31.",
        ),
        ("0 0 * 13 *", "In the fourth field, months: 13 is not between 1 and 12."),
        ("0 0 * * 8", "In the fifth field, weekdays: 8 is not between 0 and 7."),
        (
            "0 0 L * *",
            "In the third field, days of the month: 'l' is not a number.",
        ),
        (
            "0 0 * * 5L",
            "In the fifth field, weekdays: '5l' is not a number or a name such as mon.",
        ),
        ("0 0 * * 5#2", "In the fifth field, weekdays: '5#2' is not understood."),
        (
            "0 0 * january *",
            f"{MONTHS}: 'january' is not a number or a name such as feb.",
        ),
        (
            "0 0 * * fri-mon",
            "In the fifth field, weekdays: the range 'fri-mon' goes backwards.",
        ),
        (
            "5/15 * * * *",
            f"{MINUTES}: a step needs * or a range before it, not '5/15'.",
        ),
        (
            "5-5/2 * * * *",
            f"{MINUTES}: a step needs * or a range before it, not '5-5/2'.",
        ),
        (
            "*/0 * * * *",
            "In the first field, minutes: the step 0 is not between 1 and 59.",
        ),
        (
            "* 8-12/5 * * *",
            "In the second field, hours: the step 5 is not between 1 and 4.",
        ),
        ("1,,2 * * * *", "In the first field, minutes: '' is not understood."),
        ("*/5/2 * * * *", "In the first field, minutes: '*/5/2' is not understood."),
        (
            "0 0 30,31 2 *",
            "No such day ever comes: no month of these has that many days.",
        ),
        (
            "0 0 31 4,6 */2",
            "No such day ever comes: no month of these has that many days.",
        ),
        (f"{EVERY_MINUTE_BY_NAME} * * * *", "It is longer than 120 characters."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(written, why):
    with pytest.raises(BadCron) as refused:
        check(written)
    assert str(refused.value) == why


BOUNDS = [
    (0, 59, ""),
    (0, 23, ""),
    (1, 31, ""),
    (1, 12, "jan dec"),
    (0, 7, "Sun sat"),
]


def _some_field(dice: random.Random, low: int, high: int, names: str) -> str:
    def number() -> str:
        return dice.choice([str(dice.randint(low, high + 1)), *names.split()])

    def item() -> str:
        span = dice.choice(["*", number(), f"{number()}-{number()}"])
        return span + dice.choice(["", "", f"/{dice.randint(0, 9)}"])

    return ",".join(item() for _ in range(dice.choice([1, 1, 2, 3])))


def test_debians_cron_takes_every_line_that_we_take(tmp_path: Path):
    crontab = program("crontab")
    dice = random.Random(8)  # noqa: S311  # the same lines each time
    taken = set()
    for _ in range(8000):
        try:
            taken.add(check(" ".join(_some_field(dice, *bound) for bound in BOUNDS)))
        except BadCron:
            pass
    assert len(taken) > 300
    table = tmp_path / "crontab"
    table.write_text("".join(f"{cron} true\n" for cron in sorted(taken)))
    tried = subprocess.run([crontab, "-n", table], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr


@pytest.mark.parametrize(
    ("cron", "sentence"),
    [
        ("* * * * *", "Every minute"),
        ("*,5 * * * *", "Every minute"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("*/25 * * * *", "At 0, 25, and 50 minutes past the hour"),
        ("30 2 * * *", "At 02:30"),
        ("15 13,14 * * *", "At 13:15 and 14:15"),
        ("0 22-23,0 * * *", "At 00:00, 22:00 and 23:00"),
        ("*/5 9-17 * * mon-fri",
         "Every 5 minutes, between 09:00 and 17:59, only Monday through Friday"),
        ("0 3 1 * 1", "At 03:00, on day 1 of the month or on Monday"),
        ("0 3 1,15 * mon-fri",
         "At 03:00, on day 1 and 15 of the month or Monday through Friday"),
        ("0 3 */10 * 1",
         "At 03:00, on day 1, 11, 21, and 31 of the month, and only if that is Monday"),
        ("0 3 1 * */4",
         "At 03:00, on day 1 of the month, and only if that is Thursday and Sunday"),
        ("0 3 1-31 * 1", "At 03:00"),
        ("0 0 1 jan,7 *", "At 00:00, on day 1 of the month, only in January and July"),
        ("30 0 * * 0", "At 00:30, only on Sunday"),
        ("30 0 * * 5-7", "At 00:30, only Friday through Sunday"),
        ("0 0 * * 0-7", "At 00:00"),
    ],
)  # fmt: skip
def test_a_line_is_told_in_words(cron, sentence):
    assert words(check(cron)) == sentence


def test_in_the_gap_a_fixed_hour_comes_once_right_after_it():
    slots = upcoming("30 2 * * *", at("2026-03-28 12:00"), BERLIN, 2)
    assert [(slot.at, slot.iso, slot.clock, slot.mark) for slot in slots] == [
        (
            at("2026-03-29 01:00"),
            "2026-03-29T03:00+02:00",
            "Sun 2026-03-29 03:00",
            "once",
        ),
        (at("2026-03-30 00:30"), "2026-03-30T02:30+02:00", "Mon 2026-03-30 02:30", ""),
    ]
    assert slots[0].said == (
        "02:30 does not exist on this night: cron starts it once, right after the gap."
    )


def test_in_the_hour_that_comes_twice_a_fixed_hour_comes_once():
    [first, second] = upcoming("30 2 * * *", at("2026-10-24 12:00"), BERLIN, 2)
    assert (first.iso, first.mark) == ("2026-10-25T02:30+02:00", "once")
    assert first.said == (
        "02:30 comes twice on this night: cron starts it once, the first time."
    )
    assert (second.iso, second.mark) == ("2026-10-26T02:30+01:00", "")


def test_in_the_hour_that_comes_twice_an_hourly_line_comes_twice():
    slots = upcoming("30 * * * *", at("2026-10-24 23:00"), BERLIN, 4)
    assert [(slot.iso, slot.mark) for slot in slots] == [
        ("2026-10-25T01:30+02:00", ""),
        ("2026-10-25T02:30+02:00", "twice"),
        ("2026-10-25T02:30+01:00", "twice"),
        ("2026-10-25T03:30+01:00", ""),
    ]
    assert slots[1].said == (
        "02:30 comes twice on this night: cron starts it both times."
    )


def test_a_day_whose_only_slots_the_night_leaves_out_is_shown_as_skipped():
    assert shown("*/15 2 * * *", "2026-03-28 12:00", BERLIN, 1) == [
        ("2026-03-29T02:00+01:00", "skipped"),
        ("2026-03-30T02:00+02:00", ""),
    ]
    # The day's first hour is the one that is missing there.
    assert shown("*/30 0 * * 0", "2026-09-05 12:00", SANTIAGO, 1) == [
        ("2026-09-06T00:00-04:00", "skipped"),
        ("2026-09-13T00:00-03:00", ""),
    ]


def test_a_day_that_has_other_slots_is_not_shown_as_skipped():
    assert shown("30 * * * *", "2026-03-29 00:10", BERLIN, 2) == [
        ("2026-03-29T01:30+01:00", ""),
        ("2026-03-29T03:30+02:00", ""),
    ]


def test_leap_days_and_years_ends():
    assert shown("0 0 29 2 *", "2026-01-01", BERLIN, 5) == [
        (f"{year}-02-29T00:00+01:00", "") for year in (2028, 2032, 2036, 2040, 2044)
    ]
    assert shown("0 0 29 2 */7", "2026-01-01", BERLIN, 1) == [
        ("2032-02-29T00:00+01:00", "")
    ]
    assert shown("59 23 31 12 *", "2026-12-31 22:58", BERLIN, 2) == [
        ("2026-12-31T23:59+01:00", ""),
        ("2027-12-31T23:59+01:00", ""),
    ]
    assert shown("*/30 * * * *", "2026-12-31 22:30", BERLIN, 2) == [
        ("2027-01-01T00:00+01:00", ""),
        ("2027-01-01T00:30+01:00", ""),
    ]


def test_what_has_been_is_not_coming_and_the_last_moment_counts():
    since, until = at("2026-06-01 12:00"), at("2026-06-01 12:30")
    quarters = occurrences("*/15 * * * *", since, until, BERLIN)
    assert list(quarters) == [at("2026-06-01 12:15"), until]
    within = at("2026-06-01 12:15:01"), at("2026-06-01 12:29:59")
    assert list(occurrences("*/15 * * * *", *within, BERLIN)) == []


def test_each_minute_of_forty_days_comes_once_and_in_order():
    since = at("2026-10-01")
    until = since + timedelta(days=40)
    every = list(occurrences("* * * * *", since, until, BERLIN))
    assert every == [since + n * timedelta(minutes=1) for n in range(1, 57_601)]


def test_a_line_that_is_wrong_or_never_due_has_no_slots():
    for cron in ("0 0 31 2 *", "61 * * * *"):
        slots = occurrences(cron, at("2026-01-01"), at("2126-01-01"), BERLIN)
        assert list(islice(slots, 1)) == []


@pytest.mark.parametrize(("mode", "zone"), [("embedded", "Asia/Tokyo"), ("host", "")])
def test_the_zone_is_that_of_the_clock_in_use(settings, mode, zone):
    clock = {"mode": mode, "zone": "Asia/Tokyo"}
    scheduler = settings.PULSAR.scheduler.model_copy(update=clock)
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})
    day = at("2026-01-01")
    here = day.astimezone(ZoneInfo(zone)) if zone else day.astimezone()
    assert day.astimezone(clock_zone()).utcoffset() == here.utcoffset()


def rendered(settings, time_machine, **clock) -> str:
    scheduler = settings.PULSAR.scheduler.model_copy(update=clock)
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})
    time_machine.move_to(at("2026-03-28 23:00"), tick=False)
    slots = upcoming("*/15 2 * * *", at("2026-03-28 23:00"), BERLIN, 1)
    html = render_to_string("monitor/_next_slots.html", {"slots": slots})
    return " ".join(html.split())


def test_slots_are_shown_by_the_clock_from_now_and_exactly(settings, time_machine):
    html = rendered(settings, time_machine, zone="Europe/Berlin")
    assert '<th scope="col">Clock, Europe/Berlin</th>' in html
    assert '<s>Sun 2026-03-29 02:00</s> <span class="badge cancelled"' in html
    assert ">02:00 does not exist on this night: cron leaves it out.<" in html
    exact = "2026-03-30T02:00+02:00"
    assert f'<td> <time datetime="{exact}">Mon 2026-03-30 02:00</time> </td>' in html
    # The viewer is in another zone than the clock.
    assert '<th scope="col">Yours, UTC</th>' in html
    assert '>2026-03-30 00:00</time></td> <td class="wait">in 1 d 01 h</td>' in html
    assert f'<td><time datetime="{exact}">{exact}</time></td>' in html
    assert "the site's own clock" in html
    assert "CRON_TZ" not in html


def test_where_the_host_keeps_time_the_user_and_the_dialect_are_told(
    settings, time_machine
):
    html = rendered(settings, time_machine, mode="host", zone="Europe/Berlin")
    assert f"for the user {getpass.getuser()}, in the zone {clock_zone()}." in html
    assert "Debian's cron ignores CRON_TZ" in html
