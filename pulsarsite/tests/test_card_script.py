"""The page of a version in a browser: its curves, and the slider over thresholds."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route, expect

from pulsarsite.tests.site import Site, browser
from registry.tests.evaluated import evaluated

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db]

# No server: what the browser asks for was fetched before.
URL = "http://localhost"
MARK = """() => document.querySelector('[data-panel=roc]').data
    .filter(({ uid }) => uid === 'mark').map(({ x, y }) => [x[0], y[0]])[0]"""


@pytest.fixture
def page(client, person, tmp_path):
    client.force_login(person("researcher"))
    address = evaluated(tmp_path).get_absolute_url()
    answers = {
        path: client.get(path) for path in (address, f"{address}curves-light.json")
    }

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(URL)
        if path.startswith("/static/"):
            found = Path(finders.find(path.removeprefix("/static/")))
            route.fulfill(path=found)
        elif told := answers.get(path):
            route.fulfill(body=told.content, headers=dict(told.headers))
        else:
            route.fulfill(status=204)  # its time zone, which it tells once

    with browser(Site(URL, tmp_path, None)) as shown:
        shown.route("**/*", answer)
        shown.goto(address)
        yield shown


def test_the_slider_shows_the_trade_and_moves_the_mark_in_the_curves(page: Page):
    expect(page.locator("[data-curves]")).to_have_attribute("data-drawn", "3")
    expect(page.locator(".curves .still").first).to_be_hidden()
    assert page.locator(".curves .js-plotly-plot").count() == 3
    assert page.evaluate(MARK) == [114 / 3092, 343 / 366]

    slider = page.get_by_role("slider")
    slider.fill("2")
    said = page.locator("#trade p[aria-live]")
    expect(said).to_have_text(
        "At 0.5000 it finds 310 of 366 pulsars and misses 56; 10 of 3\u202f092 others "
        "are called pulsars, 3\u202f082 are left alone.",
        use_inner_text=True,
    )
    expect(slider).to_have_attribute("aria-valuetext", "threshold 0.5000")
    expect(page.get_by_label("Threshold", exact=True)).to_have_value("0.5")
    expect(page.locator("[data-trade=found]")).to_have_text("\u221233")
    expect(page.locator("[data-trade=false]")).to_have_text("\u2212104")
    expect(page.locator("#curves .key.at")).to_have_text("threshold 0.5000")
    assert page.evaluate(MARK) == [10 / 3092, 310 / 366]

    page.get_by_role("link", name="Back to the shipped").click()
    expect(page.locator("[data-trade=tp]").first).to_have_text("343")
    expect(page.locator("[data-trade=found]")).to_have_text("+0")
    assert page.url.startswith(URL)
