"""People look after the running site in a real browser; the ticks are real too."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from conftest import eventually, free_port, program
from pulsarsite.tests.site import Site, browser, log_in, running_site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGES = (
    "/monitor/",
    "/monitor/jobs/",
    "/monitor/jobs/prune/",
    "/monitor/checks/host-archive/",
    "/monitor/checks/machine/",
    "/monitor/figures/",
    "/monitor/alerts/",
    "/monitor/alerts/rules/",
    "/monitor/alerts/deliveries/",
    "/monitor/crontab/",
    "/monitor/report/",
    "/monitor/events/",
)
OF_ADMINS = (
    "/monitor/alerts/rules/new/",
    "/monitor/alerts/channels/",
    "/monitor/alerts/channels/new/",
)
# So that an alert need not be waited for, nor its end.
AT_ONCE = "from monitor.models import Rule; Rule.objects.update(for_seconds=0)"
SINCE_LONG = (
    "from monitor.models import Check; Check.objects.update(since='2026-01-01T00:00Z')"
)


class Archive:
    """A host that can be taken away and brought back."""

    def __init__(self) -> None:
        self.port = free_port()
        self.come()

    def come(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", self.port))

    def go(self) -> None:
        self.listening.close()


@pytest.fixture(scope="module")
def archive() -> Iterator[Archive]:
    host = Archive()
    yield host
    host.go()


@pytest.fixture(scope="module")
def site(tmp_path_factory, archive: Archive) -> Iterator[Site]:
    program("chromium")
    host = {"name": "archive", "address": "127.0.0.1", "port": archive.port}
    soon = {"refresh_seconds": 2, "deadline_seconds": 4, "hosts": [host]}
    folder = tmp_path_factory.mktemp("site")
    with running_site(folder, free_port(), monitor=soon) as running:
        for role in ("researcher", "operator"):
            running.person(role, role)
        running.manage("shell", "-v0", "-c", AT_ONCE)
        yield running


def shows(page: Page, address: str, words: str) -> bool:
    """Whether the page says so by now."""
    page.goto(address)
    return words in page.locator("main").inner_text()


def recorded(site: Site, *things: str) -> list[str]:
    """The kinds of the events about these, in their order."""
    said = site.manage(
        *("shell", "-v0", "-c"),
        "from monitor.models import Event, Outbox\n"
        "found = [*Outbox.objects.all(), *Event.objects.all()]\n"
        # One that is on its way just now is in both.
        "found = {one.uuid: one for one in found}.values()\n"
        "for one in sorted(found, key=lambda one: one.at):\n"
        "    print(one.kind, one.about)",
    )
    return [line.split()[0] for line in said.splitlines() if line.endswith(things)]


def test_a_host_that_goes_is_seen_told_acknowledged_and_seen_to_come_back(
    site: Site, archive: Archive
):
    with browser(site) as page:
        log_in(page, "operator")
        page.locator("nav.nav").get_by_role("link", name="Monitor").click()
        line = page.locator(".group-hosts li", has_text="archive")
        site.manage("look", "host-archive")
        # Nobody loads the page again.
        expect(line.locator(".badge")).to_have_text("up")
        archive.go()
        line.get_by_role("button", name="Check archive now").click()
        expect(line.locator(".badge")).to_have_text("down")
        expect(line).to_contain_text("refused")

        site.manage("tick")
        eventually(lambda: shows(page, "/monitor/alerts/", "archive is down"))
        page.get_by_role("link", name="archive is down").first.click()
        page.get_by_label("What you do about it").fill(
            "Its power supply is being changed."
        )
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.locator("main")).to_contain_text("power supply")
        alert = page.url

        archive.come()
        site.manage("look", "host-archive")
        site.manage("shell", "-v0", "-c", SINCE_LONG)
        site.manage("tick")
        # Another tick may have been at it, or is next.
        eventually(lambda: shows(page, alert, "well again"), within=90)
    assert recorded(site, "host-archive", "archive is down") == [
        "check.went_down",
        "alert.opened",
        "alert.acknowledged",
        "check.recovered",
        "alert.closed",
    ]


def refreshed(page: Page) -> None:
    """Wait until the page has looked again by itself."""
    page.evaluate("document.querySelector('[data-live]').dataset.old = 'yes'")
    expect(page.locator("[data-live]:not([data-old])")).to_be_visible()


def test_a_page_that_looks_again_keeps_its_panels_and_its_place(site: Site):
    with browser(site) as page:
        page.set_viewport_size({"width": 1000, "height": 400})
        log_in(page, "operator")
        page.goto("/monitor/checks/machine/")
        panel = page.locator("[data-live] details").first
        panel.locator("summary").click()
        page.mouse.wheel(0, 200)
        eventually(lambda: page.evaluate("scrollY > 0"))
        place = page.evaluate("scrollY")
        for _ in range(2):
            refreshed(page)
            assert panel.get_attribute("open") is not None
            assert page.evaluate("scrollY") == place


def test_a_researcher_sees_no_monitor_and_no_switch(site: Site):
    with browser(site) as page:
        log_in(page, "researcher")
        for address in ("/", "/dispatch/", "/showroom/"):
            page.goto(address)
            assert page.locator("a[href^='/monitor/'], #switch form").count() == 0
        for address in (*PAGES, *OF_ADMINS):
            assert page.request.get(address).status == 403, address
            assert page.request.post(address).status == 403, address


def test_every_page_of_the_monitor_fits_a_phone_in_the_dark(site: Site):
    with browser(site) as page:
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 360, "height": 740})
        log_in(page, "admin")
        for address in (*PAGES, *OF_ADMINS):
            assert page.goto(address).status == 200, address
            page.wait_for_load_state("load")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 360, address
