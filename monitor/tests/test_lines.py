"""Each job's line: as its row says, and off for as long as somebody wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as site

from monitor import jobs
from monitor.crontab import block, command, lines, place
from monitor.crontab.entries import Found
from monitor.crontab.errors import CrontabError, LostRace, NotEntered, Unfit
from monitor.crontab.remark import Remark
from monitor.jobs import Declared
from monitor.models import Job, Switch
from monitor.tests.hosts_cron import HostsCron

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)
UNTIL = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
REMARK = Remark("ana", AT, UNTIL, "disk")


def put(slug: str, cron: str = "0 3 * * *") -> None:
    jobs.put(slug, Declared(cron, ("dispatch_run", slug), "/", False, 300, 3600))


def line(slug: str, cron: str = "0 3 * * *") -> str:
    python = command.quoted(command.interpreter())
    return (
        f"{cron} {python} {site.BASE_DIR}/manage.py --config {site.CONFIG_FILE} "
        f"dispatch_run {slug} # job {slug}"
    )


@pytest.fixture(params=["embedded", "host"])
def mode(request, settings, monkeypatch, tmp_path: Path, storage: Path) -> str:
    """Either clock, with an empty block."""
    if request.param == "host":
        folder = tmp_path / "bin"
        folder.mkdir()
        cron = HostsCron(folder)
        cron.serve(settings, monkeypatch)
        cron.table.write_bytes(block.put(b"# theirs\xe9\n", storage, ""))
    return request.param


@pytest.fixture
def two(mode: str) -> None:
    """Two jobs with their lines."""
    put("day")
    put("night")
    lines.sync()


def test_lines_come_and_go_with_the_rows_of_the_jobs(mode: str):
    put("night")
    put("day", "*/5 * * * *")
    jobs.put("swept", Declared("* * * * *", ("sweep",), "/", True, 60, 60))
    lines.sync()
    assert place.text() == f"{line('day', '*/5 * * * *')}\n{line('night')}\n"
    put("night", "30 4 * * *")
    jobs.drop("day")
    lines.sync()
    assert place.text() == f"{line('night', '30 4 * * *')}\n"


def test_a_job_is_put_off_with_a_remark_and_on_as_it_is_now(two):
    lines.put_off("night", REMARK)
    assert place.text() == f"{line('day')}\n{REMARK.line('night')}\n"
    assert lines.found() == {
        "day": Found("on", line("day")),
        "night": Found("off", REMARK.line("night"), REMARK),
    }
    put("night", "30 4 * * *")
    lines.sync()
    assert lines.found()["night"].remark == REMARK
    lines.put_on("night")
    assert place.text() == f"{line('day')}\n{line('night', '30 4 * * *')}\n"


def test_what_a_hand_did_is_found(two):
    place.change(lambda text: text.replace("0 3 * * *", "1 3 * * *", 1))
    place.change(lambda text: text.replace("\n0 3", "\n# 0 3"))
    assert lines.found() == {
        "day": Found("edited", line("day", "1 3 * * *")),
        "night": Found("off", f"# {line('night')}"),
    }
    place.change(lambda text: "")
    assert lines.found() == {"day": Found("missing"), "night": Found("missing")}
    for slug in ("day", "night"):
        lines.put_on(slug)
    assert place.text() == f"{line('day')}\n{line('night')}\n"


def test_a_paused_job_whose_line_is_gone_stays_paused(two, person):
    ana = person("operator", "ana")
    Switch.objects.create(job="day", on=False, at=AT, who=ana.pk)
    Switch.objects.create(job="day", on=True, at=AT, who=ana.pk)
    Switch.objects.create(job="night", on=True, at=AT, who=ana.pk)
    Switch.objects.create(
        job="night", on=False, at=AT, who=ana.pk, until=UNTIL, reason="disk"
    )
    place.change(lambda text: "")
    lines.sync()
    assert place.text() == f"{line('day')}\n{REMARK.line('night')}\n"
    Switch.objects.create(job="day", on=False, at=AT, who="hand edit")
    place.change(lambda text: "")
    lines.sync()
    assert lines.found()["day"].remark == Remark("hand edit", AT)


def test_a_job_that_is_not_there_has_no_line_to_change(two):
    for attempt in (lines.put_on, lambda slug: lines.put_off(slug, REMARK)):
        with pytest.raises(CrontabError, match="There is no job dusk"):
            attempt("dusk")


def test_a_job_that_no_line_can_hold_is_told_after_the_others_have_theirs(mode: str):
    put("day", "* * *")
    put("night")
    with pytest.raises(Unfit, match="The job day has no time"):
        lines.sync()
    assert place.text() == f"{line('night')}\n"
    assert list(lines.found()) == ["night"]
    with pytest.raises(Unfit):
        lines.put_on("day")


def test_a_job_that_came_while_we_waited_keeps_its_line(mode: str, monkeypatch):
    alone = place.alone

    @contextmanager
    def waited(root: Path) -> Iterator[None]:
        with alone(root):
            put("night")
            yield

    monkeypatch.setattr(place, "alone", waited)
    lines.sync()
    assert place.text() == f"{line('night')}\n"


def test_where_our_block_is_not_entered_nothing_is_written(
    settings, monkeypatch, tmp_path: Path
):
    cron = HostsCron(tmp_path)
    cron.serve(settings, monkeypatch)
    put("night")
    assert not lines.is_entered()
    assert lines.found() == {}
    lines.sync()
    for attempt in (lines.put_on, lambda slug: lines.put_off(slug, REMARK)):
        with pytest.raises(NotEntered, match="cron_install puts them there"):
            attempt("night")
    assert not cron.table.exists()
    cron.meddle("exit 7")
    assert not lines.is_entered()


def test_the_embedded_clock_has_its_block_always(storage: Path):
    assert lines.is_entered()
    assert lines.found() == {}


def test_a_lost_race_is_told_and_the_other_one_has_won(
    settings, monkeypatch, storage: Path, tmp_path: Path
):
    cron = HostsCron(tmp_path)
    cron.serve(settings, monkeypatch)
    cron.table.write_bytes(block.put(b"", storage, ""))
    was = cron.holds()
    put("night")
    cron.at_call(2, 'echo theirs >> "$here/table"')
    with pytest.raises(LostRace):
        lines.put_off("night", REMARK)
    assert cron.holds() == was + b"theirs\n"
    lines.put_off("night", REMARK)
    assert lines.found()["night"].remark == REMARK
    assert cron.holds().endswith(b"theirs\n")


def test_jobs_of_the_apps_have_their_lines_too(mode: str):
    jobs.sync()
    lines.sync()
    assert set(lines.found()) == set(
        Job.objects.filter(sweep=False).values_list("slug", flat=True)
    )
    assert lines.found()["prune"].state == "on"


@pytest.mark.slow
def test_a_tick_that_has_no_line_is_told_and_nothing_is_entered(
    settings, storage: Path, tmp_path: Path
):
    settings.CONFIG_FILE = tmp_path / "config.yaml"
    # Another storage, as that of a configuration changed while the site runs.
    settings.CONFIG_FILE.write_text("storage: {root: other}\n")
    with pytest.raises(NotEntered, match="left no line for the tick in"):
        lines.enter()
    settings.CONFIG_FILE.unlink()
    with pytest.raises(NotEntered, match="django-crontab failed"):
        lines.enter()
    assert not place.file().exists()
