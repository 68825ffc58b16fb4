"""People look after the running site in a real browser; the ticks are real too."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from conftest import eventually, free_port
from pulsarsite.tests.site import Site, browser, chromium, log_in, running_site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# So that an alert need not be waited for, nor its end; all by one command.
AT_ONCE = """
from django.core.management import call_command
from monitor.models import Rule
Rule.objects.update(for_seconds=0)
# What was never looked at has no past yet.
call_command("look")
"""
WELL_SINCE_LONG = """
from django.core.management import call_command
from monitor.models import Check
call_command("look", "host-archive")
Check.objects.update(since="2026-01-01T00:00Z")
call_command("tick")
"""
# As its own trigger does, now and not in some seconds; the old part is marked.
LOOK_AGAIN = """(live) => {
  live.dataset.old = "yes";
  const context = {source: live, target: live, swap: "outerHTML"};
  htmx.ajax("GET", live.getAttribute("hx-get"), context);
}"""


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
    chromium()
    host = {"name": "archive", "address": "127.0.0.1", "port": archive.port}
    soon = {"refresh_seconds": 2, "deadline_seconds": 4, "hosts": [host]}
    folder = tmp_path_factory.mktemp("site")
    with running_site(folder, free_port(), monitor=soon) as running:
        running.person("operator", "operator")
        running.manage("shell", "-v0", "-c", AT_ONCE)
        yield running


@pytest.fixture(scope="module")
def page(site: Site) -> Iterator[Page]:
    """The window of an operator, which the tests of this file share."""
    with browser(site) as window:
        window.set_viewport_size({"width": 1000, "height": 400})
        log_in(window, "operator")
        yield window


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
    site: Site, archive: Archive, page: Page
):
    page.locator("nav.nav").get_by_role("link", name="Monitor").click()
    line = page.locator(".group-hosts li", has_text="archive")
    expect(line.locator(".badge")).to_have_text("up")
    archive.go()
    line.get_by_role("button", name="Check archive now").click()
    # Nobody loads the page again.
    expect(line.locator(".badge")).to_have_text("down")
    expect(line).to_contain_text("refused")

    site.manage("tick")
    eventually(lambda: shows(page, "/monitor/alerts/", "archive is down"))
    keeps_a_note_that_is_half_written(page, "archive is down")
    page.get_by_role("link", name="archive is down").first.click()
    page.get_by_label("What you do about it").fill("Its power supply is being changed.")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("main")).to_contain_text("power supply")
    alert = page.url

    archive.come()
    site.manage("shell", "-v0", "-c", WELL_SINCE_LONG)
    # Another tick may have been at it, or is next.
    eventually(lambda: shows(page, alert, "well again"), within=90)
    assert recorded(site, "host-archive", "archive is down") == [
        "check.went_down",
        "alert.opened",
        "alert.acknowledged",
        "check.recovered",
        "alert.closed",
    ]


def keeps_a_note_that_is_half_written(page: Page, alert: str) -> None:
    """Whoever turns elsewhere while writing it finds it as it was left."""
    line = page.locator("#alerts li", has_text=alert)
    line.locator("summary").click()
    note = line.get_by_label("What you do about it")
    note.fill("Its power sup")
    note.blur()
    look_again(page)
    expect(note).to_have_value("Its power sup")


def refreshed(page: Page) -> None:
    """Wait until the page has looked again by itself."""
    page.evaluate("document.querySelector('[data-live]').dataset.old = 'yes'")
    expect(page.locator("[data-live]:not([data-old])")).to_be_visible()


def look_again(page: Page) -> None:
    """Have it do so at once."""
    page.locator("[data-live]").evaluate(LOOK_AGAIN)
    expect(page.locator("[data-live]:not([data-old])")).to_be_attached()


def test_a_page_that_looks_again_keeps_its_panels_and_its_place(page: Page):
    page.goto("/monitor/checks/machine/")
    panel = page.locator("[data-live] details").first
    panel.locator("summary").click()
    page.evaluate("scrollTo({top: 150, behavior: 'instant'})")
    for look in (refreshed, look_again):
        look(page)
        # The new part is there for a moment before it is as the old one was.
        expect(panel).to_have_attribute("open", "")
        expect(panel.locator("summary")).to_be_focused()
        eventually(lambda: page.evaluate("scrollY") == 150)


def test_a_button_in_focus_stays_so(page: Page):
    page.goto("/monitor/")
    button = page.get_by_role("button", name="Check Storage now")
    button.focus()
    look_again(page)
    expect(button).to_be_focused()


def test_nothing_is_exchanged_while_one_selects(page: Page):
    page.goto("/monitor/")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    selected = page.evaluate("String(getSelection())")
    page.locator("#overview").evaluate(LOOK_AGAIN)
    # What is asked for after it, on the same page, has long been answered.
    page.evaluate("fetch('/monitor/').then((answer) => answer.text())")
    expect(page.locator("#overview[data-old]")).to_be_attached()
    assert page.evaluate("String(getSelection())") == selected != ""

    page.evaluate("getSelection().empty()")
    look_again(page)


def test_what_is_half_filled_in_stays(page: Page):
    page.goto("/monitor/jobs/prune/")
    page.get_by_label("Pause it because").fill("The receiver is")
    look_again(page)
    expect(page.get_by_label("Pause it because")).to_have_value("The receiver is")
    expect(page.get_by_label("Pause it because")).to_be_focused()
