"""A program corrects what was wrong, which makes the next version; that comes into
production through the gate, and back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from conftest import eventually, free_port
from pulsar_ml.tests import simulated
from pulsarsite.tests import filling
from pulsarsite.tests.program import Program
from pulsarsite.tests.site import Site, browser, chromium, log_in, running_site
from pulsarsite.tests.test_journey import table, tile, upload

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

LARGE = 1_000_000
# Milliseconds for what workers do, while other tests keep all cores busy.
MINUTES = 300_000
UNDER_WAY = "select 1 from showroom_batch where state = 'running' and n_scored > 0"
CHAMPION = (
    "select v.number from registry_alias a join registry_version v"
    " on v.id = a.version_id where a.name = 'champion'"
)
# What the clock waits for before it takes the next step of a retraining.
DONE = (
    "select 1 from registry_build where id = 2 and state = 'success'",
    "select 1 from registry_trainingrun where state = 'success'",
    "select 1 from registry_comparison where state = 'success'",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """With a dataset to train on."""
    chromium()
    folder = tmp_path_factory.mktemp("site")
    soon = {"lease_seconds": 5, "resend_seconds": 1}
    labelled = folder / "survey.csv"
    labelled.write_bytes(filling.table(simulated.observed(3000), labels=True))
    with running_site(folder, free_port(), scheduler=soon) as running:
        running.manage("registry_import", "--file", str(labelled), "--name", "Survey")
        yield running


def at_the_gate(page: Page) -> Locator:
    """What the gate says of pulsar/3, on the page that would promote it."""
    page.goto("/registry/pulsar/3/")
    page.get_by_role("link", name="Promote").first.click()
    return page.locator("#gate .badge").first


def moved(page: Page) -> list[list[str]]:
    """The history of the champion: which version, instead of which."""
    page.goto("/registry/history/")
    rows = page.locator("section[aria-labelledby=moves-title] tbody tr")
    versions = rows.locator("th a").all_inner_texts()
    others = rows.locator("td:nth-child(5)").all_inner_texts()
    return [list(pair) for pair in zip(versions, others, strict=True)]


def by(page: Page) -> str:
    """Which version a batch was classified by."""
    return page.locator(".facts a", has_text=re.compile(r"^pulsar/\d+$")).inner_text()


def correct(program: Program) -> int:
    """Ask about a hundred rows, and say what each is; so many answers were wrong."""
    truth = simulated.observed(100, seed=3)
    asked = program.ask(
        "POST", "/api/models/production/pulsar", data=truth.features.tolist()
    )
    assert asked.body["model_version"] == "pulsar/2"
    n_wrong = 0
    for one, label in zip(asked.body["predictions"], truth.labels, strict=True):
        said = program.ask(
            "PUT", "/api/export/pulsar", id=one["id"], expected=int(label)
        )
        assert said.status == 201
        n_wrong += one["predicted"] != label
    return n_wrong


def bring_a_challenger(site: Site, page: Page, program: Program) -> None:
    """Corrections come, a trigger fires, and there is pulsar/3 to be asked."""
    page.goto("/registry/triggers/")
    page.get_by_role("link", name="New trigger").click()
    page.get_by_label("Name", exact=True).fill("Enough labels")
    page.get_by_label("new labels", exact=True).check()
    page.get_by_label("So many new labels").fill("100")
    page.get_by_label("Algorithm").select_option("logistic regression")
    page.get_by_role("button", name="Save").click()
    site.manage("registry_triggers")
    page.reload()
    expect(page.locator("#decisions")).to_contain_text("no label")

    n_wrong = correct(program)
    site.manage("registry_triggers")
    for done in DONE:
        eventually(lambda done=done: site.ask(done), within=MINUTES / 1000)
        site.manage("registry_triggers")
    page.reload()
    expect(page.locator("#decisions")).to_contain_text("100 labels are new")
    page.locator("#decisions").get_by_role("link", name="Retraining 1").click()
    expect(page.locator("main")).to_contain_text("pulsar/3")
    page.goto("/registry/")
    row = page.locator("tr", has=page.get_by_role("link", name="pulsar/3"))
    expect(row.first).to_contain_text("Staging")
    page.goto("/")
    expect(page.locator("main")).to_contain_text("pulsar/3")

    row = simulated.observed(1).features.tolist()
    told = program.ask("POST", "/api/models/staging/pulsar", data=row)
    assert told.body["model_version"] == "pulsar/3"
    health = program.ask("GET", "/api/health/pulsar").body
    assert (health["all"], health["errors"]) == (100, n_wrong)
    assert health["assertivity"] == 1 - n_wrong / 100
    assert program.ask("POST", "/api/export/pulsar").status == 202
    eventually(lambda: exported(program) == ("success", 100), within=MINUTES / 1000)


def exported(program: Program) -> tuple[str, int]:
    """How far the newest export is, and how many labels it holds."""
    newest = program.ask("GET", "/api/v1/exports").body["results"][0]
    return newest["state"], newest["n_labels"]


def promote_and_roll_back(site: Site, page: Page, folder: Path) -> None:
    """It passes the gate, answers, and goes in the middle of a large upload."""
    few, large = folder / "few.csv", folder / "large.csv"
    few.write_text(table(30))
    large.write_text(table(LARGE))
    # It was asked when the challenger came.
    expect(at_the_gate(page)).to_have_text("Passed")
    page.get_by_role("button", name="Promote pulsar/3").click()
    expect(page.get_by_text("pulsar/3 is in production.")).to_be_visible()

    page.goto("/showroom/")
    page.locator("input[type=file]").set_input_files(large)
    page.get_by_role("button", name="Classify").click()
    # Asked at once: it may be over before a busy browser has loaded its page.
    eventually(lambda: site.ask(UNDER_WAY))
    page.wait_for_url(re.compile(r"/showroom/batches/\d+/"))
    batch = page.url
    page.goto("/registry/")
    page.get_by_text("Roll pulsar back from pulsar/3 to pulsar/2").click()
    page.get_by_role("button", name="Roll back to pulsar/2").click()
    expect(page.get_by_text("pulsar/2 is in production again")).to_be_visible()
    page.goto(batch)
    expect(tile(page, "Scored")).to_have_text("1 000 000", timeout=MINUTES)
    assert by(page) == "pulsar/3"
    # It takes hold within two seconds, and the last page took longer.
    upload(page, few)
    assert by(page) == "pulsar/2"

    assert moved(page) == [
        ["pulsar/2", "pulsar/3"],
        ["pulsar/3", "pulsar/2"],
        ["pulsar/2", "–"],
    ]
    told = site.manage("registry_history").splitlines()
    assert [re.findall(r"pulsar/\d", line)[0] for line in told if "pulsar/" in line]
    assert site.ask(CHAMPION) == [(2,)]


def refuse_and_override(site: Site, page: Page, known: Path) -> None:
    """Whoever would lose a sentinel is refused by its name; an admin goes past."""
    known.write_bytes(filling.table(simulated.observed(150, seed=9), labels=True))
    site.manage("registry_sentinels", "--add", str(known))
    said = at_the_gate(page)
    page.get_by_role("button", name="Ask the gate").click()
    expect(said).to_have_text("Refused", timeout=MINUTES)
    expect(page.locator("#gate .notice.error")).to_contain_text(
        re.compile(r"simulated-\d+, a sentinel that pulsar/2 finds")
    )
    expect(page.get_by_role("button", name="Promote pulsar/3")).to_have_count(0)

    page.get_by_text("Go past the gate").click()
    page.get_by_label("Why it is to be in production").fill("They were harmonics.")
    page.get_by_role("button", name="Promote pulsar/3 all the same").click()
    expect(page.get_by_text("pulsar/3 is in production.")).to_be_visible()
    page.goto("/registry/history/")
    first = page.locator("section[aria-labelledby=moves-title] tbody tr").first
    expect(first).to_contain_text("They were harmonics.")


def test_corrections_bring_a_challenger_that_is_promoted_rolled_back_and_refused(
    site: Site, tmp_path: Path
):
    with browser(site) as page:
        log_in(page, "admin")
        bring_a_challenger(site, page, Program(site, "admin"))
        promote_and_roll_back(site, page, tmp_path)
        refuse_and_override(site, page, tmp_path / "known.csv")
