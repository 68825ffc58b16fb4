"""One person judges by keyboard in a real browser, and nothing they say is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from conftest import free_port
from pulsarsite.tests.site import Site, browser, chromium, log_in, running_site
from pulsarsite.tests.test_journey import upload
from showroom.tests.conftest import as_csv, simulate

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WORDS = {
    "y": "RFI",
    "u": "NOISE",
    "i": "T1_CAND",
    "o": "T2_CAND",
    "p": "KNOWN_PSR",
    "l": "NB_PSR",
}
LABELS = (
    "select row, verdict from registry_label where current and drawn = 'queue' "
    "order by row"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    chromium()
    folder = tmp_path_factory.mktemp("site")
    with running_site(folder, free_port()) as running:
        running.person("ana", "researcher")
        file = folder / "sky.csv"
        file.write_bytes(as_csv(simulate(40)))
        with browser(running) as page:
            log_in(page, "ana")
            upload(page, file)
        yield running


def begin(page: Page) -> None:
    """Open the page at the first row, with its keys at work."""
    page.goto("/showroom/vet/?order=table&batch=1&sort=row")
    expect(page.locator("[data-vet]")).to_have_attribute("data-ready", "yes")


def row(page: Page) -> int:
    """Which row lies before the person."""
    return int(page.locator("[data-card]").get_attribute("data-card").split("-")[1])


def press(page: Page, keys: str) -> list[tuple[int, str]]:
    """Press each key once a candidate is there; tell on which row each of them came."""
    pressed = []
    for key in keys:
        here = row(page)
        page.keyboard.press(key)
        pressed.append((here, key))
        there = page.locator(f'[data-card]:not([data-card="1-{here}"])')
        expect(there).to_be_visible()
    return pressed


def saved(page: Page) -> None:
    expect(page.locator("[data-saving]")).to_have_text(re.compile(r"Saved\.$"))


def said(pressed: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return sorted((number, WORDS[key]) for number, key in pressed)


def test_what_was_pressed_stands_among_the_labels(site: Site):
    with browser(site) as page:
        log_in(page, "ana")
        begin(page)
        pressed = press(page, "yuioplyuio")
        saved(page)
        assert site.ask(LABELS) == said(pressed)
        expect(page.locator("[data-judged]")).to_have_text("10")

        # The last one again: otherwise, and with a note in which keys only write.
        page.keyboard.press("z")
        last = pressed[-1][0]
        assert row(page) == last
        page.keyboard.press("n")
        page.keyboard.type("yes, or no? z")
        page.keyboard.press("Escape")
        page.keyboard.press("l")
        saved(page)
        assert site.ask(LABELS) == said([*pressed[:-1], (last, "l")])
        note = "select note from showroom_verdict where current order by id desc"
        assert site.ask(note)[0] == ("yes, or no? z",)
        page.keyboard.press("Control+z")
        saved(page)
        assert site.ask(LABELS) == said(pressed[:-1])
        page.keyboard.press("Control+Shift+Z")
        saved(page)
        assert site.ask(LABELS) == said([*pressed[:-1], (last, "l")])

        # Later, back, and what it is all called.
        here = row(page)
        page.keyboard.press("d")
        assert row(page) != here
        page.keyboard.press("ArrowLeft")
        assert row(page) == here
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Shift+Z")
        page.keyboard.press("Escape")
        expect(page.locator("p[data-says]")).to_contain_text("10 judged, 30 to go")


def test_nothing_is_lost_when_the_network_is_cut(site: Site):
    with browser(site, forgiven="net::ERR_FAILED") as page:
        log_in(page, "ana")
        begin(page)
        before = site.ask(LABELS)
        page.route("**/verdict/", lambda route: route.abort())
        pressed = press(page, "yui")
        state = page.locator("[data-saving]")
        expect(state).to_contain_text("Not saved")
        expect(state).to_contain_text("2 more wait")
        page.keyboard.press("z")  # it was never sent, and never is
        assert row(page) == pressed[-1][0]
        assert site.ask(LABELS) == before
        page.unroute("**/verdict/")
        # By itself it may be the quicker one to try again.
        saying = state.filter(has_text=re.compile(r"Saved\.$"))
        page.get_by_role("button", name="Retry").or_(saying).click()
        saved(page)
        assert site.ask(LABELS) == sorted([*before, *said(pressed[:-1])])


def test_what_is_refused_comes_back_and_can_be_sent_again(site: Site):
    with browser(site, forgiven="403") as page:
        log_in(page, "ana")
        begin(page)
        before = site.ask(LABELS)
        page.route("**/verdict/", lambda route: route.fulfill(status=403))
        here = row(page)
        page.keyboard.press("y")
        state = page.locator("[data-saving]")
        expect(state).to_contain_text("the site refuses it (403)")
        assert row(page) == here
        page.unroute("**/verdict/")
        page.get_by_role("button", name="Retry").click()
        saved(page)
        assert site.ask(LABELS) == sorted([*before, (here, "RFI")])


def test_one_has_keys_of_ones_own(site: Site):
    with browser(site) as page:
        log_in(page, "ana")
        page.goto("/showroom/vet/keys/")
        page.get_by_label("RFI: interference").press("x")
        page.get_by_role("button", name="Save").click()
        begin(page)
        before = site.ask(LABELS)
        here = row(page)
        page.keyboard.press("x")
        saved(page)
        assert site.ask(LABELS) == sorted([*before, (here, "RFI")])

        page.goto("/showroom/vet/keys/")
        page.get_by_label("Binary").check()
        page.get_by_role("button", name="Use this set").click()
        begin(page)
        here = [row(page)]
        page.keyboard.press("1")
        here.append(row(page))
        page.keyboard.press("?")
        saved(page)
        words = dict(site.ask(LABELS))
        assert [words[number] for number in here] == ["T1_CAND", "T2_CAND"]


def test_without_javascript_it_is_links_and_forms(site: Site):
    with browser(site, java_script_enabled=False) as page:
        log_in(page, "ana")
        page.goto("/showroom/vet/?order=table&batch=1&sort=row")
        here = row(page)
        page.get_by_label("Note").fill("by hand")
        page.get_by_role("button", name="NOISE").click()
        assert row(page) != here
        assert dict(site.ask(LABELS))[here] == "NOISE"
        page.get_by_role("button", name="Undo").click()
        assert row(page) == here
        assert here not in dict(site.ask(LABELS))
        page.get_by_role("link", name="Later").click()
        assert row(page) != here
