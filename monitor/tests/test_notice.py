"""What the crontab says and nobody has noted: found each minute, written down once."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from monitor import jobs
from monitor.crontab import block, lines
from monitor.crontab.remark import Remark
from monitor.leases import hold
from monitor.models import Job, Outbox, Ping, Switch
from monitor.switching import notice, switch
from monitor.switching.notice import wake
from monitor.tests.debian_cron import at
from monitor.tests.hosts_cron import HostsCron
from monitor.tick import tick

NOW = at("2026-06-01 10:02:40")
SOON = NOW + timedelta(minutes=1)
COMMENTED = "Its line was made a comment by hand."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(time_machine, monkeypatch) -> None:
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(notice, "SETTLED_SECONDS", 0)


def made(slug: str) -> Job:
    jobs.put(
        slug,
        jobs.Declared(
            cron="30 2 * * *",
            argv=("crontab", "show"),
            page="/",
            sweep=False,
            start_within=60,
            finish_within=60,
        ),
    )
    lines.sync()
    return Job.objects.get(slug=slug)


@pytest.fixture
def job(storage: Path) -> Job:
    return made("nightly")


@pytest.fixture
def ana(person):
    return person("operator", "ana")


def crontab() -> Path:
    return settings.PULSAR.storage.root / "crontab"


def edit(old: str, new: str) -> None:
    """What a person does to the crontab by hand."""
    text = crontab().read_text()
    assert old in text
    crontab().write_text(text.replace(old, new))


def noticed() -> list[tuple]:
    """The rows, and beside each its event, after three minutes of looking."""
    for minute in range(3):
        notice.notice(SOON + timedelta(minutes=minute))
    fields = ("job", "on", "at", "who", "reason", "until")
    rows = Switch.objects.order_by("pk").values_list(*fields)
    events = Outbox.objects.filter(kind__startswith="job.").order_by("pk")
    kinds = [(event.kind, event.about, event.who) for event in events]
    return list(zip(rows, kinds, strict=True))


def test_an_untouched_crontab_is_nothing_to_write_down(job, ana):
    assert noticed() == []
    switch.pause(job, by=ana, reason="Backup.", until=SOON + timedelta(hours=1))
    assert len(noticed()) == 1
    switch.resume(job, by=ana)
    assert len(noticed()) == 2


def test_a_pause_that_died_before_its_row_is_noted_as_its_persons(job, ana):
    until = at("2026-06-02 08:00")
    lines.put_off("nightly", Remark("ana", NOW, until, "Backup."))
    paused_at = at("2026-06-01 10:02")
    assert noticed() == [
        (
            ("nightly", False, paused_at, str(ana.pk), "Backup.", until),
            ("job.paused", "job nightly", str(ana.pk)),
        )
    ]


def test_such_a_pause_comes_after_what_was_noted_in_the_same_minute(job, ana):
    switch.pause(job, by=ana, reason="First.")
    switch.resume(job, by=ana)
    lines.put_off("nightly", Remark("ana", NOW, None, "Second."))
    assert noticed()[2][0] == ("nightly", False, NOW, str(ana.pk), "Second.", None)
    assert not switch.last("nightly").on


def test_a_pause_in_the_name_of_nobody_is_a_hand_edit(job):
    lines.put_off("nightly", Remark("nobody", NOW, None, "Because."))
    assert noticed() == [
        (
            ("nightly", False, SOON, "hand edit", "Because.", None),
            ("job.edited", "job nightly", ""),
        )
    ]


def test_a_line_made_a_comment_and_put_back_are_hand_edits(job):
    edit("30 2", "# 30 2")
    off = (
        ("nightly", False, SOON, "hand edit", COMMENTED, None),
        ("job.edited", "job nightly", ""),
    )
    assert noticed() == [off]
    edit("# 30 2", "30 2")
    on = (
        ("nightly", True, SOON, "hand edit", switch.MENDED, None),
        ("job.edited", "job nightly", ""),
    )
    assert noticed() == [off, on]


def test_a_line_that_is_gone_is_a_job_that_is_off(job):
    made("other")
    crontab().write_text(crontab().read_text().splitlines(keepends=True)[1])
    [((slug, on, *_, reason, _), _)] = noticed()
    assert (slug, on, reason) == (
        "nightly",
        False,
        "Its line is gone from the crontab.",
    )


def test_another_command_or_time_is_told_with_its_line_and_the_job_is_on(job):
    edit("30 2", "31 2")
    [(row, event)] = noticed()
    line = crontab().read_text().strip()
    reason = f"Its line was changed by hand: {line}"[:300]
    assert row == ("nightly", True, SOON, "hand edit", reason, None)
    assert event == ("job.edited", "job nightly", "")
    edit("31 2", "32 2")
    assert [row[4][30:34] for row, _ in noticed()] == ["31 2", "32 2"]
    edit("32 2", "30 2")
    assert noticed()[2][0] == ("nightly", True, SOON, "hand edit", switch.MENDED, None)


def test_an_end_of_a_pause_that_was_changed_by_hand_is_noted(job, ana):
    switch.pause(job, by=ana, reason="Backup.", until=at("2026-06-02 08:00"))
    edit("until 2026-06-02 08:00Z", "until 2026-06-03 09:00Z")
    until = at("2026-06-03 09:00")
    assert [row[5] for row, _ in noticed()] == [at("2026-06-02 08:00"), until]


def test_a_job_that_came_with_a_new_version_is_not_off_before_it_is_entered(storage):
    made("nightly")
    Job.objects.update(built_in=True)
    crontab().write_text("")
    assert noticed() == []


def test_what_somebody_is_switching_just_now_is_left_to_them(job):
    edit("30 2", "# 30 2")
    with hold("switch", 60):
        notice.notice(SOON)
    assert not Switch.objects.exists()


def test_a_job_whose_line_is_still_being_written_was_not_edited(job, monkeypatch):
    Job.objects.update(cron="45 2 * * *")
    # Who saves a schedule writes the line after the row: in this very second.
    monkeypatch.setattr("time.sleep", lambda _: lines.sync())
    assert noticed() == []


def test_a_crontab_that_cannot_be_read_is_looked_at_again_the_next_minute(
    job, settings, monkeypatch, tmp_path, caplog
):
    host = HostsCron(tmp_path)
    host.serve(settings, monkeypatch)
    host.meddle('echo "no such luck" >&2; exit 2\n')
    assert noticed() == []
    wake(SOON)
    assert "no such luck" in caplog.text
    assert not Switch.objects.exists()


def test_a_pause_ends_at_its_time_and_not_before(job, ana):
    active = crontab().read_text()
    switch.pause(job, by=ana, reason="Backup.", until=SOON)
    ends = SOON.replace(second=0)
    wake(ends - timedelta(seconds=1))
    assert switch.last("nightly").reason == "Backup."
    for _ in range(2):
        wake(ends)
    assert crontab().read_text() == active
    assert noticed()[1:] == [
        (
            ("nightly", True, ends, "end of the pause", "The pause is over.", None),
            ("job.resumed", "job nightly", ""),
        )
    ]


def test_an_end_of_a_pause_that_died_before_its_row_is_no_hand_edit(job, ana):
    switch.pause(job, by=ana, reason="Backup.", until=SOON)
    lines.put_on("nightly")
    assert noticed()[1] == (
        ("nightly", True, SOON, "end of the pause", "The pause is over.", None),
        ("job.resumed", "job nightly", ""),
    )


def test_an_edited_line_of_any_bytes_is_told(job):
    written = crontab().read_bytes()
    crontab().write_bytes(written.replace(b" # job", b" caf\xe9\x1b[2J # job"))
    [(row, _)] = noticed()
    assert row[4].endswith("caf [2J # job nightly")


def test_a_remark_by_hand_of_any_length_and_bytes_is_told(job):
    reason = b"caf\xe9 \x1b " + b"x" * 400
    line = b"# job nightly: Paused by ana\xe9 2026-06-01 10:02Z: %s\n" % reason
    crontab().write_bytes(line)
    [(row, _)] = noticed()
    assert row[3:5] == ("hand edit", f"caf {'x' * 295}…")


def test_a_pause_whose_line_somebody_made_their_own_does_not_end(job, ana):
    active = crontab().read_text()
    switch.pause(job, by=ana, reason="Backup.", until=SOON)
    crontab().write_text(f"# {active}")
    wake(SOON)
    assert crontab().read_text() == f"# {active}"
    assert len(noticed()) == 1


def test_a_pause_that_could_not_be_ended_ends_a_minute_later(
    settings, monkeypatch, tmp_path, ana, caplog
):
    host = HostsCron(tmp_path)
    host.serve(settings, monkeypatch)
    host.table.write_bytes(block.put(b"", settings.PULSAR.storage.root, ""))
    switch.pause(made("nightly"), by=ana, reason="Backup.", until=SOON)
    host.meddle('[ "$1" = -l ] || { echo "not today" >&2; exit 1; }\n')
    wake(SOON)
    assert "The pause of nightly could not be ended" in caplog.text
    assert not switch.last("nightly").on
    host.meddle("")
    wake(SOON)
    assert switch.last("nightly").who == "end of the pause"


def test_each_tick_looks_for_edits_and_ends_pauses(job, ana, time_machine):
    switch.pause(job, by=ana, reason="Backup.", until=SOON)
    made("other")
    edit("30 2", "31 2")
    time_machine.move_to(SOON, tick=False)
    tick()
    assert not Ping.objects.get(slug="tick").failing
    assert [(row.job, row.who) for row in Switch.objects.order_by("pk")] == [
        ("nightly", str(ana.pk)),
        ("other", "hand edit"),
        ("nightly", "end of the pause"),
    ]
