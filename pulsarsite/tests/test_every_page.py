"""Every page of a site, with no network: well to read, to print and to look at alone.

One site is filled for all of this. It, its workers and the browser see nothing but the
machine itself, and whatever asks for more is on record.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from django.urls import reverse
from playwright.sync_api import Page

from conftest import free_port
from pulsar_ml.tests.test_psrcat import TEXT
from pulsarsite.tests import every_command
from pulsarsite.tests.alone import alone, attempts, traced
from pulsarsite.tests.filled import filled_site
from pulsarsite.tests.site import ROOT, Site, browser, chromium, log_in
from pulsarsite.tests.tour import STRANGERS, Tour, picture, plan

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
# Both themes, and with them both widths: no rule of our style minds the other.
LOOKS = (("light", 1280), ("dark", 360))
JUDGE = """async (rules) => {
  // What fades from one colour to the next is judged by the next, on its second frame.
  document.getAnimations().forEach((one) => one.cancel());
  for (const _ of "12") await new Promise(requestAnimationFrame);
  // What is drawn by a script follows the width a moment later.
  const isWide = () => document.documentElement.scrollWidth > innerWidth;
  for (let n = 0; n < 120 && isWide(); n++) await new Promise(requestAnimationFrame);
  // What Swagger draws of the API is as its makers have it; the list below it is ours.
  const ours = {exclude: [["#swagger-ui"]]};
  const how = {runOnly: rules, resultTypes: ["violations"]};
  const {violations} = await axe.run(ours, how);
  const found = violations.flatMap(({id, nodes}) =>
    nodes.map(({target, any}) => `${id}: ${target} ${any.map((one) => one.message)}`));
  const wide = document.documentElement.scrollWidth;
  return isWide() ? [...found, `${wide} pixels wide`] : found;
}"""
# Begun and not over.
DRAWN = "() => !document.querySelector('[data-drawn=\"\"]')"
# What is for paper alone is fetched, and some of it drawn, only then.
COME = """() => [...document.images].every((one) =>
  one.complete || !one.checkVisibility({visibilityProperty: true}))"""
# A4 less its margins. What is wider a browser prints smaller and cuts nothing off, as
# the PDFs of the three widest pages showed; by a third one can still read it. .short is
# on the broad side. What is pressed has no business there.
SCREEN = {"width": 1280, "height": 800}
PAPER = {"width": 720, "height": 1020}
PRINTED = """() => {
  const all = (names) => [...document.querySelectorAll(names)].filter((one) =>
    one.checkVisibility({visibilityProperty: true}));
  const words = (one) => one.textContent.trim().slice(0, 30);
  const called = (one) => `${one.tagName} .${one.className} ${words(one)}`;
  const pressed = all("nav, .menu, .tabs, .actions, .filters, .button, button");
  const room = (one) => innerWidth * (one.matches(".short") ? 2 : 3 / 2);
  const cut = all("table, svg, img, canvas, pre").filter((one) =>
    one.getBoundingClientRect().right > room(one));
  const gone = all("img").filter((one) => !one.naturalWidth);
  const bare = [...document.querySelectorAll(".plots, .space")].filter((one) =>
    one.getBoundingClientRect().height < 60);
  return Object.entries({pressed, cut, gone, bare}).flatMap(([wrong, which]) =>
    which.map((one) => `${wrong}: ${called(one)}`));
}"""
# What answers with no page: files, what leads elsewhere, what is only sent to. Whatever
# is not found would hide a page: the site is to be filled with an example.
NO_PAGE = {200, 0, 405}
# There is none without a token, and it is no page then either; and nothing stands at
# the root of the API.
NOT_FOUND = {"metrics": 404, "api:api-root": 404}
# The table of this machine is not theirs to write.
OWN_CRONTAB = """
mount -t tmpfs -o mode=1730,gid=crontab tmpfs /var/spool/cron/crontabs
exec "$@"
"""
ASKING = """
import socket
for ask in (
    lambda: socket.create_connection(("192.0.2.1", 80)),
    lambda: socket.create_connection(("2001:db8::1", 80)),
    lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("192.0.2.2", 514)),
    lambda: socket.getaddrinfo("pulsars.example.org", 443),
    lambda: socket.create_connection(("127.0.0.1", 9)),
):
    try:
        ask()
    except OSError:
        pass
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def asked(folder: Path) -> Path:
    """What the processes of the site asked for."""
    return folder / "asked"


@pytest.fixture(scope="module")
def site(folder: Path, asked: Path) -> Iterator[Site]:
    chromium()
    with alone(), filled_site(folder, free_port(), inside=traced(asked)) as running:
        yield running


@pytest.fixture(scope="module")
def page(site: Site) -> Iterator[Page]:
    """The window of an admin; its complaints fail the last test that uses it."""
    with browser(site) as window:
        window.context.add_init_script(path=AXE)
        log_in(window, "ada")
        window.wait_for_url(f"{site.url}/")
        yield window


@pytest.fixture(scope="module")
def tour(page: Page) -> Tour:
    return plan(page)


def problems(page: Page, address: str) -> list[str]:
    """What is wrong with a page, in either theme and on paper."""
    page.emulate_media(media="screen", reduced_motion="reduce")
    page.set_viewport_size(SCREEN)
    answer = page.goto(address)
    page.wait_for_function(DRAWN)
    found = [] if answer.ok else [f"answers {answer.status}"]
    for scheme, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {one}" for one in page.evaluate(JUDGE, WCAG)]
    if address.startswith(("/admin/", "/api/docs")):
        return found  # Django's own, and Swagger's, which nobody prints
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    page.wait_for_function(COME)
    return [*found, *(f"print: {one}" for one in page.evaluate(PRINTED))]


def test_every_address_is_a_page_or_known_for_something_else(tour: Tour):
    assert {
        name: said for name, said in tour.others.items() if said not in NO_PAGE
    } == NOT_FOUND
    assert len(tour.pages) > 70


def test_every_page_is_accessible_fits_a_phone_and_prints_well(
    site: Site, page: Page, tour: Tour
):
    elsewhere: list[str] = []
    ours = (site.url, "data:", "blob:")
    page.on(
        "request",
        lambda one: one.url.startswith(ours) or elsewhere.append(one.url),
    )
    found = {name: problems(page, address) for name, address in tour.pages.items()}

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert elsewhere == []


def test_whoever_is_not_logged_in_has_pages_as_good(page: Page, tour: Tour):
    stranger = page.context.browser.new_context(base_url=page.url)
    stranger.add_init_script(path=AXE)
    window = stranger.new_page()
    found = {name: problems(window, to) for name, to in STRANGERS.items()}
    stranger.close()

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_form_for_a_new_person_is_as_good(site: Site, page: Page):
    """On it axe itself offends against the policy: it judges where there is none."""
    form = reverse("admin:accounts_user_add")
    assert page.goto(form).ok
    lax = page.context.browser.new_context(
        base_url=site.url, bypass_csp=True, storage_state=page.context.storage_state()
    )
    lax.add_init_script(path=AXE)
    found = problems(lax.new_page(), form)
    lax.close()

    assert found == []


def test_every_page_is_shown_in_the_docs(tour: Tour):
    """If not: `bin/pictures`."""
    pages = (ROOT / "docs" / "pages.md").read_text()
    names = [*STRANGERS, *tour.pages]
    wanted = {picture(name, theme) for name in names for theme in ("light", "dark")}

    assert set(re.findall(r'"pictures/([\w-]+\.webp)"', pages)) == wanted
    assert wanted == {one.name for one in (ROOT / "docs/pictures").glob("*.webp")}


def test_nothing_but_this_machine_is_asked_for(site: Site, asked: Path, tour: Tour):
    assert attempts(asked) == []
    # Its own servers were, so the log is one.
    assert "127.0.0.1" in asked.read_text()


@pytest.fixture(scope="module")
def twin(site: Site, folder: Path) -> Path:
    """Where a back-up of the site is, and what its commands want to find."""
    twin = folder / "twin"
    twin.mkdir()
    site.manage("backup", str(twin / "backup"))
    prepare(site, twin)
    return twin


def run(site: Site, twin: Path, lines: list[str], log: Path, first: str = "") -> dict:
    """Run commands on another site; how each ended, and what it said."""
    begin = f"from pulsarsite.tests import every_command as every\n{first}"
    own = ("unshare", "--mount", "sh", "-ec", OWN_CRONTAB, "sh")
    other = Site(site.url, twin / "config.yaml", site.process, (*own, *traced(log)))
    other.manage("shell", "-v0", "-c", f"{begin}\nevery.run({str(twin)!r}, {lines})")
    return json.loads((twin / "ended.json").read_text())


def test_every_command_works_without_a_network(site: Site, folder: Path, twin: Path):
    """On a site that is restored from this one, but keeps time by the host's cron."""
    log = folder / "asked by commands"
    ended = run(site, twin, every_command.COMMANDS, log)

    assert {line: said for line, (code, said) in ended.items() if code} == {}
    names = {line.split()[0] for line in ended}
    assert names | every_command.BY_SERVE == every_command.ours()
    assert attempts(log) == []


def test_a_command_that_is_told_to_reach_others_tries_and_says_that_it_could_not(
    site: Site, folder: Path, twin: Path
):
    log = folder / "asked by those told to"
    lines = list(every_command.ELSEWHERE)
    ended = run(site, twin, lines, log, first="every.tell_elsewhere()")

    for line, whom in every_command.ELSEWHERE.items():
        assert whom in ended[line][1], line
    codes = {line: code for line, (code, _) in ended.items()}
    assert codes == dict.fromkeys(lines, 1) | {"deliver": 0}
    assert places(attempts(log)) == {
        *("192.0.2.1", "192.0.2.2", "192.0.2.3", "htons(53)")
    }


def prepare(site: Site, twin: Path) -> None:
    """What the commands want to find."""
    # A restored schedule still reads the folders of the site that it was made on.
    folders = [str(site.config.parent / "var" / name) for name in ("inbox", "outbox")]
    config = {"scheduler": {"mode": "host"}, "dispatch": {"folders": folders}}
    (twin / "config.yaml").write_text(json.dumps(config))
    for file in (site.config.parent / "var" / "desk").iterdir():
        (twin / file.name).write_bytes(file.read_bytes())
    (twin / "psrcat.db").write_text(TEXT)
    model = ROOT / "pulsar_ml" / "shipped" / "pulsar" / "2" / "model.onnx"
    (twin / "logistic.onnx").write_bytes(model.read_bytes())
    docs = twin / "code" / "docs"
    docs.mkdir(parents=True)
    for name in ("security.md", "rights.md", "config.md"):
        (docs / name).write_bytes((ROOT / "docs" / name).read_bytes())


def test_whoever_asks_for_more_is_caught_and_refused(tmp_path: Path):
    log = tmp_path / "asked"
    with alone():
        subprocess.run([*traced(log), sys.executable, "-c", ASKING], check=True)

    caught = attempts(log)
    assert "127.0.0.1" in log.read_text()
    assert places(caught) == {*("192.0.2.1", "192.0.2.2", "2001:db8::1", "htons(53)")}
    assert not [one for one in caught if one.endswith("= 0")]


def places(asked: list[str]) -> set[str]:
    """Who was asked."""
    known = re.compile(r"192\.0\.2\.\d|2001:db8::1|htons\(53\)")
    return {known.search(one)[0] for one in asked}
