"""A version comes into production through the gate, and back; labels make the next."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conftest import eventually, free_port, program
from pulsar_ml.tests import simulated
from pulsarsite.tests import filling
from pulsarsite.tests.site import Site, browser, log_in, running_site
from pulsarsite.tests.test_journey import table, tile, upload

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

LARGE = 400_000
SMALL = ("--algorithm", "logistic_regression", "--wait")
UNDER_WAY = "select 1 from showroom_batch where state = 'running' and n_scored > 0"
CHAMPION = (
    "select v.number from registry_alias a join registry_version v"
    " on v.id = a.version_id where a.name = 'champion'"
)
CHALLENGED = "select 1 from registry_retraining where stage = 'offered'"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """With a dataset, and a version that was trained on it."""
    program("chromium")
    folder = tmp_path_factory.mktemp("site")
    soon = {"lease_seconds": 5, "resend_seconds": 1}
    labelled = folder / "survey.csv"
    labelled.write_bytes(filling.table(simulated.observed(3000), labels=True))
    with running_site(folder, free_port(), scheduler=soon) as running:
        running.manage("registry_import", "--file", str(labelled), "--name", "Survey")
        running.manage("registry_train", "--dataset", "1", *SMALL)
        yield running


def promote(page: Page, version: int) -> None:
    """Ask the gate on the page of a version; whoever waits sees its word."""
    page.goto(f"/registry/pulsar/{version}/")
    page.get_by_role("link", name="Promote").first.click()
    page.get_by_role("button", name="Ask the gate").click()
    expect(page.locator("#gate .badge").first).to_have_text(
        re.compile("Passed|Refused"), timeout=120_000
    )


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


def test_a_version_passes_the_gate_answers_and_is_rolled_back(
    site: Site, tmp_path: Path
):
    few, large = tmp_path / "few.csv", tmp_path / "large.csv"
    few.write_text(table(30))
    large.write_text(table(LARGE))
    with browser(site) as page:
        log_in(page, "admin")
        promote(page, 3)
        expect(page.locator("#gate .badge").first).to_have_text("Passed")
        page.get_by_role("button", name="Promote pulsar/3").click()
        expect(page.get_by_text("pulsar/3 is in production.")).to_be_visible()

        upload(page, large)
        eventually(lambda: site.ask(UNDER_WAY))
        batch = page.url
        page.goto("/registry/")
        page.get_by_text("Roll pulsar back from pulsar/3 to pulsar/2").click()
        page.get_by_role("button", name="Roll back to pulsar/2").click()
        expect(page.get_by_text("pulsar/2 is in production again")).to_be_visible()
        page.goto(batch)
        expect(tile(page, "Scored")).to_have_text("400 000", timeout=120_000)
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


def test_who_would_lose_a_sentinel_is_refused_by_its_name(site: Site, tmp_path: Path):
    known = tmp_path / "known.csv"
    known.write_bytes(filling.table(simulated.observed(150, seed=9), labels=True))
    site.manage("registry_sentinels", "--add", str(known))
    with browser(site) as page:
        log_in(page, "admin")
        promote(page, 3)
        expect(page.locator("#gate .badge").first).to_have_text("Refused")
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


def test_labels_fire_a_trigger_that_brings_a_challenger(site: Site, tmp_path: Path):
    judged = tmp_path / "judged.csv"
    judged.write_bytes(filling.table(simulated.observed(60, seed=3), labels=True))
    with browser(site) as page:
        log_in(page, "admin")
        page.goto("/registry/triggers/")
        page.get_by_role("link", name="New trigger").click()
        page.get_by_label("Name", exact=True).fill("Enough labels")
        page.get_by_label("new labels", exact=True).check()
        page.get_by_label("So many new labels").fill("50")
        page.get_by_role("button", name="Save").click()
        site.manage("registry_triggers")
        page.reload()
        expect(page.locator("#decisions")).to_contain_text("no label")

        site.manage(
            *("registry_labels", "--file", str(judged)),
            *("--person", "admin", "--survey", "Night"),
        )

        def is_offered() -> bool:
            site.manage("registry_triggers")
            return bool(site.ask(CHALLENGED))

        eventually(is_offered, within=180)
        page.reload()
        expect(page.locator("#decisions")).to_contain_text("60 labels are new")
        page.locator("#decisions").get_by_role("link", name="Retraining 1").click()
        expect(page.locator("main")).to_contain_text("pulsar/4")
        page.goto("/registry/")
        row = page.locator("tr", has=page.get_by_role("link", name="pulsar/4"))
        expect(row.first).to_contain_text("Staging")
        page.goto("/")
        expect(page.locator("main")).to_contain_text("pulsar/4")
