"""The switch of jobs: the crontab first, then its row and its event, or nothing."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from monitor import jobs
from monitor.crontab import block, lines
from monitor.crontab.errors import CrontabError, LostRace
from monitor.leases import hold
from monitor.models import Job, Outbox, Skip, Switch
from monitor.switching import switch
from monitor.switching.switch import SwitchError
from monitor.tests.debian_cron import at
from monitor.tests.hosts_cron import HostsCron

NOW = at("2026-06-01 10:02:40")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def job(storage: Path) -> Job:
    described = jobs.Declared(
        "30 2 * * *", ("crontab", "show"), "/", False, 60, 60
    )  # its fields in their order
    jobs.put("nightly", described)
    lines.sync()
    return Job.objects.get(slug="nightly")


@pytest.fixture
def ana(person):
    return person("operator", "ana")


@pytest.fixture
def ben(person):
    return person("operator", "ben")


def crontab() -> Path:
    return settings.PULSAR.storage.root / "crontab"


def line_of(slug: str) -> str:
    """Its line in the crontab."""
    [line] = [line for line in crontab().read_text().splitlines() if slug in line]
    return line


def rows() -> list[tuple]:
    fields = ("job", "on", "at", "who", "reason", "until")
    return list(Switch.objects.order_by("pk").values_list(*fields))


def events() -> list[tuple]:
    kinds = Outbox.objects.filter(kind__startswith="job.").order_by("pk")
    return list(kinds.values_list("kind", "about", "who", "detail"))


def test_a_pause_takes_the_command_out_and_notes_who_and_why(job, ana):
    switch.pause(job, by=ana, reason=" The disk\nis \u202e\x1bfull. ")
    assert line_of("nightly") == (
        "# job nightly: Paused by ana 2026-06-01 10:02Z: The disk is full."
    )
    who = str(ana.pk)
    assert rows() == [("nightly", False, NOW, who, "The disk is full.", None)]
    assert events() == [
        ("job.paused", "job nightly", who, {"reason": "The disk is full."})
    ]


def test_a_pause_may_end_by_itself(job, ana):
    switch.pause(job, by=ana, reason="Full.", until=at("2026-06-02 08:00:59"))
    until = at("2026-06-02 08:00")
    assert line_of("nightly") == (
        "# job nightly: Paused by ana 2026-06-01 10:02Z until 2026-06-02 08:00Z: Full."
    )
    assert rows() == [("nightly", False, NOW, str(ana.pk), "Full.", until)]


def test_resuming_writes_the_line_that_the_job_has_now(job, ana, ben):
    before = line_of("nightly")
    switch.pause(job, by=ana, reason="Backup.")
    Job.objects.update(cron="45 2 * * *")
    switch.resume(job, by=ben, reason="Done.")
    assert line_of("nightly") == before.replace("30 2", "45 2", 1)
    assert rows()[1:] == [("nightly", True, NOW, str(ben.pk), "Done.", None)]
    told = {"reason": "Done."}
    assert events()[1:] == [("job.resumed", "job nightly", str(ben.pk), told)]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"reason": " \n\u202e "}, "A pause needs a reason: others will wonder."),
        ({"reason": "x" * 301}, "A reason has at most 300 characters."),
        (
            {"reason": "Backup.", "until": at("2026-06-01 10:02:59")},
            "The end of a pause must lie at least a minute ahead.",
        ),
    ],
)
def test_a_pause_without_reason_or_future_is_refused(job, ana, given, why):
    before = line_of("nightly")
    with pytest.raises(SwitchError, match=f"^{re.escape(why)}$"):
        switch.pause(job, by=ana, **given)
    assert (line_of("nightly"), rows(), events()) == (before, [], [])


def test_who_comes_second_is_told_who_was_first(job, ana, ben):
    switch.pause(job, by=ana, reason="Backup.")
    with pytest.raises(SwitchError, match=r"^It is paused already, by ana: Backup\.$"):
        switch.pause(job, by=ben, reason="Mine.")
    switch.resume(job, by=ben)
    with pytest.raises(SwitchError, match=r"^It is switched on already, by ben\.$"):
        switch.resume(job, by=ana)
    assert [row[1] for row in rows()] == [False, True]


def test_what_was_switched_off_by_hand_is_not_paused_but_can_be_resumed(job, ana):
    active = line_of("nightly")
    crontab().write_text(f"# {active}\n")
    with pytest.raises(SwitchError, match=r"already, by hand in the crontab\.$"):
        switch.pause(job, by=ana, reason="Backup.")
    crontab().write_text("")
    with pytest.raises(SwitchError, match=r"^Its line is gone from the crontab"):
        switch.pause(job, by=ana, reason="Backup.")
    switch.resume(job, by=ana)
    assert line_of("nightly") == active


def test_a_line_edited_by_hand_can_be_put_right(job, ana):
    right = line_of("nightly")
    crontab().write_text(f"{right.replace('30', '31', 1)}\n")
    for _ in range(2):
        switch.mend(job, by=ana)
    assert line_of("nightly") == right
    assert rows() == [("nightly", True, NOW, str(ana.pk), switch.MENDED, None)]
    told = {"on": True, "reason": switch.MENDED}
    assert events() == [("job.edited", "job nightly", str(ana.pk), told)]


def test_a_line_put_right_that_was_a_pause_is_one_again(job, ana):
    switch.pause(job, by=ana, reason="Backup.")
    paused = line_of("nightly")
    crontab().write_text("")
    switch.mend(job, by=ana)
    assert line_of("nightly") == paused
    assert [row[4] for row in rows()] == ["Backup."]


def test_a_line_that_is_gone_can_be_put_back(job, ana):
    right = line_of("nightly")
    crontab().write_text("")
    switch.mend(job, by=ana)
    assert line_of("nightly") == right
    assert rows() == [("nightly", True, NOW, str(ana.pk), switch.MENDED, None)]


@pytest.fixture
def host(settings, monkeypatch, tmp_path: Path) -> HostsCron:
    """The crontab program of a host whose cron keeps time, and a site in its table."""
    folder = tmp_path / "bin"
    folder.mkdir()
    hosts = HostsCron(folder)
    hosts.serve(settings, monkeypatch)
    hosts.table.write_bytes(block.put(b"# keep me\n", settings.PULSAR.storage.root, ""))
    return hosts


@pytest.mark.parametrize("act", [switch.pause, switch.resume])
def test_a_race_for_the_crontab_that_is_lost_leaves_no_row(host, job, ana, act):
    if act is switch.resume:
        lines.put_off("nightly", lines.Remark("ana", NOW, None, "Backup."))
    before = host.holds()
    # Between the look that the change is made from and the second look.
    host.at_call(4, 'echo "# by somebody else" >> "$here/table"')
    with pytest.raises(LostRace):
        act(job, by=ana, reason="Backup.")
    assert host.holds() == before + b"# by somebody else\n"
    assert (rows(), events()) == ([], [])
    # Nobody has to wait for a turn that was not given back.
    act(job, by=ana, reason="Backup.")
    assert [row[1] for row in rows()] == [act is switch.resume]


def test_a_crontab_program_that_refuses_leaves_no_row(host, job, ana):
    before = host.holds()
    host.meddle('[ "$1" = -l ] || { echo "not today" >&2; exit 1; }\n')
    with pytest.raises(CrontabError, match="not today"):
        switch.pause(job, by=ana, reason="Backup.")
    assert (host.holds(), rows(), events()) == (before, [], [])


def test_where_our_lines_are_not_entered_there_is_nothing_to_switch(host, job, ana):
    host.table.write_bytes(b"# keep me\n")
    for act in (switch.pause, switch.resume):
        with pytest.raises(SwitchError, match="does not hold the lines of this site"):
            act(job, by=ana, reason="Backup.")
    assert (host.holds(), rows()) == (b"# keep me\n", [])


def test_a_job_of_the_tick_has_no_switch(job, ana):
    jobs.put(
        "sweep", jobs.Declared("* * * * *", ("crontab", "show"), "/", True, 60, 60)
    )  # its fields in their order
    sweep = Job.objects.get(slug="sweep")
    for act in (switch.pause, switch.resume, switch.skip_next):
        with pytest.raises(SwitchError, match=r"^sweep has no line of its own"):
            act(sweep, by=ana, reason="Backup.")
    assert (rows(), Skip.objects.count()) == ([], 0)


def test_who_finds_the_switch_in_use_is_asked_to_try_again(job, ana, monkeypatch):
    monkeypatch.setattr(switch, "WAIT_SECONDS", 0)
    with hold("switch", 60), pytest.raises(SwitchError, match="try again"):
        switch.pause(job, by=ana, reason="Backup.")
    assert (rows(), line_of("nightly")[0]) == ([], "3")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pause_at_once_one_does_and_the_other_is_told(job, ana, ben):
    told, ready = [], threading.Barrier(2)

    def press(who) -> None:
        ready.wait()
        try:
            switch.pause(job, by=who, reason="Backup.")
        except SwitchError as error:
            told.append((who.username, str(error)))
        finally:
            connection.close()

    both = [threading.Thread(target=press, args=[who]) for who in (ana, ben)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    [(_, on, _, who, _, _)] = rows()
    first, second = (ana, ben) if who == str(ana.pk) else (ben, ana)
    assert told == [
        (second.username, f"It is paused already, by {first.username}: Backup.")
    ]
    assert (on, f"Paused by {first.username}" in line_of("nightly")) == (False, True)
    assert len(events()) == 1


def test_the_next_moment_is_left_out_once_however_often_it_is_pressed(job, ana, ben):
    skip = switch.skip_next(job, by=ana, reason="Backup.")
    assert switch.skip_next(job, by=ben, reason="Mine.") == skip
    who, slot = str(ana.pk), at("2026-06-02 02:30")
    assert list(Skip.objects.values_list("job", "slot", "who", "reason", "at")) == [
        ("nightly", slot, who, "Backup.", NOW)
    ]
    told = {"slot": str(slot), "reason": "Backup."}
    assert events() == [("job.skipped", "job nightly", who, told)]


def test_a_moment_to_be_left_out_can_be_had_after_all_until_it_has_passed(
    job, ana, ben, time_machine
):
    skip = switch.skip_next(job, by=ana)
    time_machine.move_to(skip.slot, tick=False)
    with pytest.raises(SwitchError, match=r"^That moment has passed"):
        switch.unskip(skip, by=ben)
    time_machine.move_to(skip.slot - timedelta(seconds=1), tick=False)
    switch.unskip(skip, by=ben)
    # The other of two who press at once finds nothing more to withdraw.
    switch.unskip(skip, by=ana)
    assert not Skip.objects.exists()
    told = {"slot": str(at("2026-06-02 02:30"))}
    assert events()[1:] == [("job.skip_withdrawn", "job nightly", str(ben.pk), told)]


def test_a_job_that_never_comes_has_nothing_to_leave_out(ana):
    with pytest.raises(SwitchError, match=r"^It has no next moment"):
        switch.skip_next(Job(slug="never", cron="0 0 31 2 *"), by=ana)


def test_the_switch_that_held_at_a_time_is_known():
    hours = [at(f"2026-06-01 0{hour}:00") for hour in range(1, 4)]
    written = [
        Switch.objects.create(job="nightly", on=on, at=hour, who="hand edit")
        for on, hour in zip([False, True, False], hours, strict=True)
    ]
    Switch.objects.create(job="other", on=False, at=hours[0], who="hand edit")
    later = timedelta(minutes=59)
    assert switch.last("nightly", hours[0] - later) is None
    held = [switch.last("nightly", hour + later) for hour in hours]
    assert held == written
    assert switch.last("nightly", hours[1]) == written[1]
    assert switch.last("nightly") == written[2]
