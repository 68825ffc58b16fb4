"""All schedules at a glance."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from dispatch.models import Run
from dispatch.schedules.remove import remove
from dispatch.schedules.save import create
from dispatch.tests.pages import text
from dispatch.tests.test_save import VALUES
from monitor.crontab import block, lines
from monitor.crontab.command import interpreter
from monitor.models import Job
from monitor.switching import switch
from monitor.tests.hosts_cron import HostsCron
from monitor.work import State

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
ADDRESS = "/dispatch/"


@pytest.fixture(autouse=True)
def zone(reconfigured):
    reconfigured("scheduler", zone="Europe/Berlin")


@pytest.fixture
def made(admin):
    with time_machine.travel(AT, tick=False):
        return create(VALUES, by=admin)


@pytest.fixture
def seen(client, person):
    """The page, as somebody sees it at that time."""

    def look(role="researcher"):
        client.force_login(person(role, f"{role}-2"))
        with time_machine.travel(AT, tick=False):
            return client.get(ADDRESS)

    return look


def test_a_schedule_tells_its_times_its_next_slot_and_its_last_run(made, seen):
    done = Run.objects.create(
        schedule=made, open=None, state=State.SUCCESS, n_scored=12_345
    )
    Run.objects.create(schedule=made, open=None, state=State.SKIPPED)
    type(made).objects.update(succeeded_at=AT - timedelta(days=1))
    answer = seen()

    (one,) = answer.context["glances"]
    assert (one.schedule, one.next.iso) == (made, "2026-11-22T02:00+01:00")
    assert (one.wait, one.is_skipped) == (timedelta(hours=14, minutes=30), False)
    assert (one.is_on, one.last) == (True, done)
    page = text(answer)
    assert "by the site's own clock, in the zone Europe/Berlin" in page
    slot = '<time datetime="2026-11-22T02:00+01:00">Sun 2026-11-22 02:00</time>'
    assert f'{slot} <small class="wait">in 14 h 30 min</small>' in page
    # The viewer's zone is another one.
    assert '<th scope="col">Next slot, Europe/Berlin</th>' in page
    assert '<th scope="col">Last success, UTC</th>' in page
    assert one.words in page
    assert '<span class="badge up">On</span>' in page
    assert f'<a href="/dispatch/runs/{done.pk}/">{done.pk}</a>' in page
    assert ">12 345<" in page
    assert "2026-11-20 10:30" in page


def test_a_slot_to_be_left_out_is_marked(made, admin, seen):
    with time_machine.travel(AT, tick=False):
        switch.skip_next(Job.objects.get(slug=made.job), by=admin)

    assert "in 14 h 30 min, left out" in text(seen())


def test_who_paused_it_until_when_and_why(made, admin, seen):
    with time_machine.travel(AT, tick=False):
        until = AT + timedelta(days=1)
        job = Job.objects.get(slug=made.job)
        switch.pause(job, by=admin, reason="Beam <down>", until=until)
    page = text(seen())

    assert '<span class="badge paused">Paused</span>' in page
    assert "by admin" in page
    assert "2026-11-22 10:30</time>: Beam &lt;down&gt;" in page
    assert "in 14 h" not in page


@pytest.mark.parametrize(
    ("made_of_it", "badge", "more"),
    [
        ("0 4 * * *", "On, edited by hand", "in 14 h 30 min"),
        ("# 0 2 * * *", "Off", "by hand, in the crontab"),
        ("# gone", "No line", "nothing starts it"),
    ],
)
def test_what_a_hand_did_to_its_line(made, seen, storage, made_of_it, badge, more):
    table = storage / "crontab"
    line = table.read_text().replace("0 2 * * *", made_of_it)
    table.write_text(line if "gone" not in made_of_it else made_of_it)
    page = text(seen())

    assert f">{badge}</span>" in page
    assert more in page


def test_an_admin_without_schedules_is_led_to_the_first(seen, storage):
    page = text(seen("admin"))

    assert "There is no schedule yet." in page
    assert str(storage / "inbox") in page
    assert page.count('href="/dispatch/new/"') == 1
    assert (storage / "inbox").is_dir()


def test_others_without_schedules_are_told_whom_to_ask(seen, admin):
    page = text(seen("operator"))

    assert "Ask an admin for one: admin." in page
    assert "/dispatch/new/" not in page


def test_removed_ones_are_below_and_an_admin_brings_them_back(made, admin, seen):
    remove(made, by=admin)
    restore = f"/dispatch/removed/{made.pk}/restore/"

    assert restore in text(seen("admin"))
    page = text(seen("operator"))
    assert "Nightly" in page
    assert restore not in page


def test_where_the_host_does_not_hold_our_lines_the_command_is_told(
    made, seen, tmp_path, settings, monkeypatch
):
    cron = HostsCron(tmp_path)
    cron.serve(settings, monkeypatch)
    page = text(seen())

    manage = settings.BASE_DIR / "manage.py"
    command = f"{interpreter()} {manage} --config {settings.CONFIG_FILE} cron_install"
    assert f"<code>{command}</code>" in page
    assert "Debian's cron ignores CRON_TZ" in page
    assert "by the crontab of" in page


def test_a_crontab_that_cannot_be_read_is_said(
    made, seen, tmp_path, settings, monkeypatch
):
    cron = HostsCron(tmp_path)
    cron.serve(settings, monkeypatch)
    cron.meddle("echo 'You may not' >&2; exit 1")
    page = text(seen())

    assert "The crontab cannot be read" in page
    assert "You may not" in page
    assert "<small>unknown</small>" in page


def test_where_the_tick_is_off_what_that_stops_is_told(
    made, seen, storage, tmp_path, settings, monkeypatch
):
    cron = HostsCron(tmp_path)
    cron.serve(settings, monkeypatch)
    tick = f"* * * * * python manage.py crontab run {'0' * 32} # pulsarsite tick"
    cron.table.write_bytes(block.put(b"", storage, f"{tick}\n"))
    lines.sync()
    assert "nothing takes up" not in text(seen())
    cron.table.write_bytes(cron.holds().replace(b"* * * * *", b"# * * * * *"))
    page = text(seen("operator"))

    assert "the line of the tick is off in the host&#x27;s crontab. Jobs" in page
    assert "cron_install</code>" in page
    # The schedule's own line is there.
    assert '<span class="badge up">On</span>' in page


def test_a_folder_that_is_away_is_said_beside_its_schedule(made, seen, folder):
    there = made.source | {"folder": str(folder)}
    type(made).objects.update(source=there)
    assert "is not there" not in text(seen())
    away = folder / "tonight"
    type(made).objects.update(source=there | {"folder": str(away)})

    said = f'<p class="field-error">The folder {away} is not there.</p>'
    assert said in text(seen("operator"))


def test_the_list_asks_no_more_for_many(
    admin, seen, client, django_assert_max_num_queries
):
    seen()
    for n in range(30):
        made = create(VALUES | {"slug": f"s{n}"}, by=admin)
        Run.objects.create(schedule=made)
    with django_assert_max_num_queries(16):
        answer = client.get(ADDRESS)

    assert len(answer.context["glances"]) == 30
