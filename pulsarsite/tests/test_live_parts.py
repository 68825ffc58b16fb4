"""A part of a page that looks again by itself disturbs nobody, in a real Chromium."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect, sync_playwright

from conftest import program
from monitor.tests.pages import check, job
from pulsarsite.tests.site import _CHROMIUM, PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]

# As its own trigger does, now and not in some seconds; the old part is marked.
_LOOK_AGAIN = """(live) => {
  live.dataset.before = "yes";
  const context = {source: live, target: live, swap: "outerHTML"};
  htmx.ajax("GET", live.getAttribute("hx-get"), context);
}"""


@pytest.fixture
def page(live_server, client, person) -> Iterator[Page]:
    """A browser in which an operator has logged in, on a site with something to see."""
    job("nightly")
    check("job-nightly")
    check("broker", "down", summary="connection refused")
    for n in range(30):
        check(f"host-{n}")
    client.force_login(person("operator"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    complaints: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program("chromium"), args=_CHROMIUM
        )
        context = chromium.new_context(base_url=live_server.url)
        context.set_default_timeout(PATIENCE)
        known = {"name": settings.SESSION_COOKIE_NAME, "value": cookie}
        context.add_cookies([{**known, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        chromium.close()
    assert complaints == []


def look_again(page: Page, name: str) -> None:
    with page.expect_response(lambda answer: "hx-request" in answer.request.headers):
        page.locator(name).evaluate(_LOOK_AGAIN)
    expect(page.locator(f"{name}:not([data-before])")).to_be_attached()


def test_what_is_open_scrolled_and_in_focus_stays_so(page):
    page.goto("/monitor/checks/broker/")
    page.locator("#flips summary").click()
    height = page.evaluate("scrollBy(0, 150), scrollY")
    look_again(page, "#check")
    assert page.locator("#flips").evaluate("fold => fold.open")
    assert page.evaluate("scrollY") == height
    expect(page.locator("#flips summary")).to_be_focused()

    page.goto("/monitor/")
    button = page.locator("#hosts-title").locator("xpath=../..").get_by_role("button")
    button.nth(3).focus()
    label = button.nth(3).get_attribute("aria-label")
    look_again(page, "#overview")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == label


def test_nothing_is_exchanged_while_one_selects(page):
    page.goto("/monitor/")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    page.locator("#overview").evaluate(_LOOK_AGAIN)
    # What is asked for after it, on the same page, has long been answered.
    page.evaluate("fetch('/monitor/').then((answer) => answer.text())")
    expect(page.locator("#overview[data-before]")).to_be_attached()
    assert page.evaluate("String(getSelection())") == "1 down; 31 up"

    page.evaluate("getSelection().empty()")
    look_again(page, "#overview")


def test_what_is_half_filled_in_stays(page):
    page.goto("/monitor/jobs/nightly/")
    page.get_by_label("Pause it because").fill("The receiver is")
    look_again(page, "#job")
    expect(page.get_by_label("Pause it because")).to_have_value("The receiver is")
    expect(page.get_by_label("Pause it because")).to_be_focused()
