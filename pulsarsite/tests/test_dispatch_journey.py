"""Debian's cron and our own clock run a schedule by themselves, at the same minutes."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import pytest
from cronsim import CronSim
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from conftest import eventually, free_port
from pulsarsite.tests.cron import Cron, running_cron
from pulsarsite.tests.site import Site, browser, chromium, log_in, running_site
from pulsarsite.tests.test_journey import tile

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

EACH_MINUTE = "* * * * *"
# Who reads a table by `crontab -l` loses the carriage return, who takes it for text the
# latin-1, who splits its lines at a % or a # the rest of them.
ABOVE = (
    b"# Table of the pulsar group, caf\xe9 corner\n"
    b'MAILTO=""\n'
    b"\t0\t5 * * 1\techo 50\\% # of it\r\n"
    b"#* * * * * touch /tmp/never # job dispatch-each-minute\n"
    b"@monthly echo a backslash and an r: \\r\n"
    b"\n"
)
BELOW = b"\n# Added by hand, after all \xff\r\n"
REASON = 'Beam down: 50% of it, "maybe" # job x * * * * * touch /tmp/never'


class Sites(NamedTuple):
    """Two sites alike; the clock of one is the host's cron, of the other its own."""

    host: Site
    embedded: Site
    cron: Cron
    # A line of somebody else's notes here each minute at which cron runs it.
    minutes: Path

    @property
    def both(self) -> tuple[Site, Site]:
        return self.host, self.embedded

    def at_the_switch(self, site: Site) -> AbstractContextManager[Page]:
        """An operator comes by the Monitor, the admin by the schedule's own page."""
        if site is self.host:
            return operator(site)
        return admin(site, "/dispatch/each-minute/")

    def wait_for_cron(self, minute: datetime) -> None:
        """Wait until cron has run the lines of a minute."""
        noted = f"{minute:%FT%H:%M}"
        eventually(lambda: noted in self.minutes.read_text().split(), within=130)


@pytest.fixture(scope="module")
def sites(tmp_path_factory) -> Iterator[Sites]:
    chromium()
    minutes = tmp_path_factory.mktemp("foreign") / "minutes"
    minutes.touch()
    note = f"{EACH_MINUTE}\tdate -u +\\%FT\\%H:\\%M >> {minutes}\n"
    with ExitStack() as stack:
        cron = stack.enter_context(running_cron())
        cron.install(ABOVE + note.encode())

        def start(mode: str) -> Site:
            folder = tmp_path_factory.mktemp(mode)
            inside = cron.inside if mode == "host" else ()
            soon = {"mode": mode, "lease_seconds": 5, "resend_seconds": 1}
            site = running_site(folder, free_port(), inside=inside, scheduler=soon)
            return stack.enter_context(site)

        with ThreadPoolExecutor() as both:
            host, embedded = both.map(start, ["host", "embedded"])
        host.person("olga", "operator")
        yield Sites(host, embedded, cron, minutes)
        # One need not wait for the other.
        host.process.terminate()


@contextmanager
def admin(site: Site, address: str) -> Iterator[Page]:
    """A browser in which the admin looks at a page."""
    with browser(site) as page:
        log_in(page, "admin")
        page.goto(address)
        yield page


@contextmanager
def operator(site: Site) -> Iterator[Page]:
    """A browser in which an operator has found the schedule's job in the Monitor."""
    with browser(site) as page:
        log_in(page, "olga")
        page.locator("nav.nav").get_by_role("link", name="Monitor").click()
        page.get_by_role("link", name="Jobs", exact=True).click()
        page.get_by_role("link", name="dispatch-each-minute").first.click()
        page.wait_for_url(re.compile("/monitor/jobs/dispatch-each-minute/$"))
        yield page


def folder(site: Site, name: str) -> Path:
    return site.config.parent / "var" / name


def arrive(site: Site, name: str, lines: list[str]) -> None:
    """Bring a file as a telescope does: under another name until it is whole."""
    inbox = folder(site, "inbox")
    inbox.mkdir(exist_ok=True)
    draft = inbox / f"{name}.part"
    draft.write_text("\n".join(lines) + "\n")
    draft.rename(draft.with_suffix(""))


def install(site: Site, cron: Cron) -> None:
    """Do what the page of the schedules says."""
    with admin(site, "/dispatch/") as page:
        command = page.locator("code", has_text="cron_install").inner_text()
    as_told = [*cron.inside, "sh", "-ec", f"{command} --yes"]
    subprocess.run(as_told, check=True, capture_output=True)
    # Others have a hand in the table too.
    cron.install(cron.table() + BELOW)


def make_schedule(site: Site) -> None:
    with admin(site, "/dispatch/") as page:
        expect(page.get_by_text("cron_install")).to_have_count(0)
        page.get_by_role("link", name="New schedule").click()
        page.get_by_label("Name", exact=True).fill("Each minute")
        page.get_by_label("Times", exact=True).fill(EACH_MINUTE)
        page.get_by_label("File names").fill("*.csv")
        # They are renamed when they are whole.
        page.get_by_label("Whole after").fill("0")
        page.get_by_label("Files:").check()
        page.get_by_label("Format").select_option("parquet")
        early_in_the_minute()
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(re.compile("/dispatch/each-minute/$"))
        expect(page.locator("#switch .badge")).to_have_text("On")


def early_in_the_minute() -> None:
    """Let what is clicked now be in the table before cron looks at it."""
    eventually(lambda: now().second < 55)


def pause(page: Page) -> None:
    early_in_the_minute()
    page.get_by_label("Pause it because").fill(REASON)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#switch .badge").first).to_have_text("Paused")
    expect(page.locator("#switch p").first).to_contain_text(REASON)


def resume(page: Page) -> None:
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#switch .badge").first).to_have_text("On")


def job_line(cron: Cron, above: bytes) -> str:
    """The schedule's line in the host's crontab, below what others wrote."""
    ours = cron.table().removeprefix(above).removesuffix(BELOW).decode()
    [line] = [one for one in ours.splitlines() if "job dispatch-each-minute" in one]
    return line


def ran(site: Site) -> list[tuple]:
    """The runs that took something in: number, batch, files, rows and output."""
    return site.ask(
        "select id, batch_id, n_files, n_scored, output from dispatch_run"
        " where state = 'success' and n_files > 0 order by id"
    )


def slots(site: Site) -> dict[datetime, str]:
    """What became of each slot."""
    found = site.ask("select at, outcome from dispatch_slot order by at")
    return {moment(at): outcome for at, outcome in found}


def expected(site: Site, until: datetime) -> dict[datetime, str]:
    """What cronsim and the switch say should have become of them."""
    [(made,)] = site.ask("select created_at from dispatch_schedule")
    switches = site.ask('select at, "on" from monitor_switch order by id')

    def is_on(at: datetime) -> bool:
        states = [on for since, on in switches if moment(since) <= at]
        return not states or bool(states[-1])

    minutes = takewhile(lambda at: at <= until, CronSim(EACH_MINUTE, moment(made)))
    return {at: "ran" if is_on(at) else "paused" for at in minutes}


def served(site: Site) -> list[datetime]:
    """The slots of all runs that ended; each was started by the clock, and well.

    On a machine that is busy for more than a minute a start may be refused besides.
    """
    starts = site.ask(
        "select slot.at, run.trigger, run.state from dispatch_run run"
        " left join dispatch_slot slot on slot.id = run.slot_id"
        " where run.finished_at is not null and run.state <> 'skipped' order by run.id"
    )
    assert {start[1:] for start in starts} == {("clock", "success")}
    return [moment(at) for at, *_ in starts]


def only(slots: dict[datetime, str], *outcomes: str) -> list[datetime]:
    """The slots of which this became."""
    return [at for at, outcome in slots.items() if outcome in outcomes]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def look_at(site: Site, rows: int) -> None:
    """The run's page, its batch and its file all have every row."""
    [(run, batch, _, _, output)] = ran(site)
    with admin(site, f"/dispatch/runs/{run}/") as page:
        expect(page.locator(".page-head")).to_contain_text("Success")
        expect(page.locator(".page-head")).to_contain_text("the clock")
        assert [tile(page, name).inner_text() for name in ("Files", "Scored")] == [
            "1",
            f"{rows}",
        ]
        page.get_by_role("link", name="See its batch").click()
        page.wait_for_url(re.compile(f"/showroom/batches/{batch}/"))
        expect(tile(page, "Scored")).to_have_text(f"{rows}")
        expect(tile(page, "Rejected")).to_have_text("0")
    told = json.loads(output)
    written = Path(told["path"])
    assert list(folder(site, "outbox").iterdir()) == [written]
    assert hashlib.sha256(written.read_bytes()).hexdigest() == told["sha256"]


def test_a_schedule_runs_rests_and_runs_again_by_either_clock(sites: Sites, data: Path):
    header, *rows = (data / "HTRU_2.csv").read_text().splitlines()
    above = sites.cron.table()

    def foreign_lines_are_as_they_were() -> bool:
        table = sites.cron.table()
        return table.startswith(above) and table.endswith(BELOW)

    install(sites.host, sites.cron)
    for site in sites.both:
        arrive(site, "first.csv", [header, *rows[:700]])
        make_schedule(site)
    assert foreign_lines_are_as_they_were()
    line = job_line(sites.cron, above)

    for site in sites.both:
        eventually(lambda site=site: ran(site), within=130)
        with sites.at_the_switch(site) as page:
            pause(page)
    paused_at = now()
    paused = job_line(sites.cron, above)
    assert paused.startswith("# job dispatch-each-minute: Paused by olga ")
    assert paused.endswith(f": {REASON}")
    assert foreign_lines_are_as_they_were()
    for site in sites.both:
        look_at(site, 700)
        arrive(site, "second.csv", [header, *rows[700:1000]])

    sites.wait_for_cron(paused_at + timedelta(minutes=1))
    for site in sites.both:
        assert len(ran(site)) == 1
        with sites.at_the_switch(site) as page:
            resume(page)
    assert job_line(sites.cron, above) == line
    assert foreign_lines_are_as_they_were()
    for site in sites.both:
        eventually(lambda site=site: len(ran(site)) == 2, within=130)
        _, second = ran(site)
        assert second[2:4] == (1, 300)

    for site in sites.both:
        minutes = served(site)
        became = {at: how for at, how in slots(site).items() if at <= minutes[-1]}
        wanted = expected(site, minutes[-1])
        assert list(became) == list(wanted)
        assert only(became, "paused") == only(wanted, "paused") != []
        assert minutes == only(became, "ran", "late")
        refused = only(became, "skipped", "superseded")
        assert len(refused) < len(minutes) == len(only(wanted, "ran")) - len(refused)
    sites.host.manage("cron_remove", "--yes")
    assert sites.cron.table() == above + BELOW
