"""The comment of a paused job: whatever people call themselves and write."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from monitor.clock.due import Line, enabled
from monitor.crontab import entries, remark
from monitor.crontab.remark import LONGEST_NAME, LONGEST_REASON, Remark

AT = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)
UNTIL = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

HOSTILE = [
    "", " ", "\n", "a\nb", "a\r\n* * * * * rm -rf / # job x", "\x00", "a\x00b",
    "\x1b[2J", "a\u2028* * * * * x", "\u2029", "\x85", "\x0b\x0c", "100%", r"\%",
    "# job x", "why # job other", "# job prune: Paused by me 2026-01-01 00:00Z: x",
    "# BEGIN pulsarsite /var", "\n# END pulsarsite /var\n", "'", '"', "`id`", "$(id)",
    "${HOME}", "; id", "| id", "&& id", "> /etc/passwd", "\\", "\\n", "x" * 10_000,
    "ä" * 10_000, "\u202eyes\u202c", "\u200b\u200f", "\ud800", "a\udce9b", "\ufeff",
    "😀", "2026-01-01 00:00Z", " 2026-01-01 00:00Z: x", " until 2026-01-01 00:00Z: x",
    ": : :", "Paused by", "@reboot x", "* * * * * x", "MAILTO=x", "CRON_TZ=UTC", "\t",
    "\xa0a\xa0",
]  # fmt: skip
SEAL = Line("0 * * * *", "seal")


def hostile() -> list[tuple[str, str]]:
    """Names and reasons: each odd one on both sides, and mixtures of them."""
    chance = random.Random(8)  # noqa: S311  # the same each time
    mixed = [
        ("".join(chance.sample(HOSTILE, 3)), "".join(chance.sample(HOSTILE, 3)))
        for _ in range(250)
    ]
    return [(odd, "why") for odd in HOSTILE] + [("ana", odd) for odd in HOSTILE] + mixed


def test_a_remark_says_who_when_until_and_why():
    told = Remark("ana", AT + timedelta(seconds=59), UNTIL, "disk is being exchanged")
    assert told.line("dispatch.night") == (
        "# job dispatch.night: Paused by ana 2026-11-21 10:02Z "
        "until 2026-11-22 08:00Z: disk is being exchanged"
    )
    assert Remark("ana", AT).line("prune") == (
        "# job prune: Paused by ana 2026-11-21 10:02Z:"
    )
    for one in (told, Remark("ana", AT), Remark("hand edit", AT, None, "a: b")):
        assert remark.parse(one.line("x")) == ("x", one.cleaned())


def test_times_of_other_zones_are_told_in_utc():
    berlin = datetime.fromisoformat("2026-06-01T12:00:00+02:00")
    assert "2026-06-01 10:00Z" in Remark("ana", berlin).line("x")


def test_nothing_that_people_write_leaves_its_place():
    tried = hostile()
    assert len(tried) >= 300
    block = "30 * * * * prune # job prune\n0 * * * * seal # job seal\n"
    for who, reason in tried:
        told = Remark(who, AT, UNTIL if len(reason) % 2 else None, reason)
        after = entries.with_line(block, "prune", told.line("prune"))
        first, second = after.removesuffix("\n").split("\n")
        assert second == "0 * * * * seal # job seal"
        assert first.startswith("# job prune: Paused by ")
        assert first.isprintable()
        first.encode()
        assert enabled(after) == [SEAL]
        assert remark.parse(first) == ("prune", told.cleaned())
        assert len(told.cleaned().who) <= LONGEST_NAME
        assert len(told.cleaned().reason) <= LONGEST_REASON
        wanted = {"prune": "p", "seal": second, "x": "x", "other": "o"}
        states = {
            slug: found.state for slug, found in entries.found(after, wanted).items()
        }
        assert states == {
            "prune": "off", "seal": "on", "x": "missing", "other": "missing",
        }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "# job x",
        "# job x: Paused",
        "# job x: Paused by ana 2026-02-31 10:00Z: no such day",
        "# job x: Paused by ana today: no time",
        " # job x: Paused by ana 2026-11-21 10:02Z: not from the beginning",
        "# 1 1 * * * y # job x: Paused by ana 2026-11-21 10:02Z: neither",
    ],
)
def test_what_is_no_remark_of_ours_is_none(line):
    assert remark.parse(line) is None
