"""A model comes of a table in a real browser: imported, frozen, trained, compared."""

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from conftest import eventually, free_port
from pulsar_ml.features import FEATURES
from pulsar_ml.tests import simulated
from pulsarsite.tests.site import ROOT, Site, browser, chromium, log_in, running_site
from pulsarsite.tests.test_journey import tile

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROWS, LABELS = 1500, 20
# Of each algorithm what is quick.
SMALL = {
    "Random Forest": {"random_forest-n_estimators": "20"},
    "histogram gradient boosting": {
        "gradient_boosting-max_iter": "20",
        "gradient_boosting-min_samples_leaf": "20",
    },
    "logistic regression": {"logistic_regression-C": "0.1"},
}
FITTING = (
    "select 1 from registry_trainingstep where run_id = 1 and name = 'fit'"
    " and not rehearsal and state = 'running'"
)
PAGES = (
    "/registry/",
    "/registry/pulsar/2/",
    "/registry/pulsar/3/",
    "/registry/datasets/",
    "/registry/datasets/1/",
    "/registry/datasets/2/",
    "/registry/datasets/builds/1/",
    "/registry/datasets/builds/2/",
    "/registry/datasets/builds/3/",
    "/registry/labels/",
    "/registry/sentinels/",
    "/registry/training/",
    "/registry/training/1/",
    "/registry/training/4/",
    "/registry/training/compare/?run=1&run=2&run=3",
    "/registry/training/chart/",
    "/registry/training/experiments/",
)
OF_ADMINS = (
    "/registry/datasets/import/",
    "/registry/datasets/freeze/?parent=2&survey=HTRU-S",
    "/registry/labels/import/",
    "/registry/sentinels/add/?q=simulated",
    "/registry/training/new/?like=3",
    "/registry/training/1/edit/",
)
POSTS = (
    "/registry/datasets/import/",
    "/registry/datasets/freeze/",
    "/registry/datasets/builds/1/cancel/",
    "/registry/datasets/1/note/",
    "/registry/labels/import/",
    "/registry/labels/1/withdraw/",
    "/registry/labels/1/restore/",
    "/registry/sentinels/add/",
    "/registry/sentinels/1/remove/",
    "/registry/sentinels/1/restore/",
    "/registry/training/new/",
    "/registry/training/experiments/",
    "/registry/training/1/edit/",
    "/registry/training/1/cancel/",
    "/registry/training/4/resume/",
    "/registry/training/1/again/",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    chromium()
    soon = {"lease_seconds": 5, "resend_seconds": 1, "max_attempts": 20}
    folder = tmp_path_factory.mktemp("site")
    with running_site(folder, free_port(), scheduler=soon) as running:
        yield running


def observed(path: Path) -> Path:
    """A labelled table with pointing, period, DM, S/N and beam; a third are pulsars."""
    made = simulated.observed(ROWS)
    columns = {
        "name": made.names,
        **dict(zip(FEATURES, made.features.T, strict=True)),
        "class": made.labels,
        "pointing": made.pointings,
        **made.observed,
    }
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def judged(folder: Path) -> Path:
    """A file of labels, as the site itself makes one up for whoever has none."""
    made_up = [*("--table", "--count", str(LABELS)), "--out", str(folder)]
    command = [sys.executable, "-m", "pulsar_ml", "simulate", *made_up]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder / "simulated.csv"


def go(page: Page, *names: str) -> None:
    """Follow links from page to page, as a person does."""
    for name in names:
        page.locator("main, nav.nav").get_by_role("link", name=name).first.click()


def fact(page: Page, term: str) -> Locator:
    """What a list of facts says of this."""
    found = page.locator("dt", has_text=re.compile(f"^{term}$"))
    return found.locator("xpath=following-sibling::dd[1]")


def bring_in(page: Page, file: Path, dataset: str) -> None:
    go(page, "Registry", "Datasets", "Import a dataset")
    page.locator("input[name=file]").set_input_files(file)
    page.get_by_label("Name", exact=True).fill(dataset)
    page.get_by_role("button", name="Import").click()
    # Whoever waits is shown the end without doing anything.
    go(page, "Open dataset 1")
    expect(page.locator("h1")).to_contain_text(dataset)
    # Four rows a pointing.
    expect(tile(page, "Rows")).to_have_text(f"1 500of {ROWS // 4} pointings")


def label(page: Page, file: Path) -> None:
    go(page, "Labels", "Import labels")
    page.locator("input[name=file]").set_input_files(file)
    page.get_by_label("Survey").fill("HTRU-S")
    page.get_by_role("button", name="Import").click()
    go(page, "Open the labels")
    expect(tile(page, "Labels")).to_have_text(f"{LABELS}")


def freeze(page: Page) -> None:
    """The labels that are seen go in, through the treatments that are offered."""
    page.get_by_label("Survey", exact=True).select_option("HTRU-S")
    page.get_by_role("button", name="Filter").click()
    go(page, "Freeze what you see")
    page.get_by_role("button", name="Preview").click()
    expect(fact(page, "Together")).to_contain_text(f"1 {500 + LABELS} rows")
    page.get_by_label("Name", exact=True).fill("With what we said")
    page.get_by_role("button", name="Freeze").click()
    go(page, "Open dataset 2")
    expect(page.locator("h1")).to_contain_text("With what we said")


def train(page: Page, algorithm: str) -> None:
    """Ask by the form, from the page of the newest dataset."""
    page.goto("/registry/datasets/2/")
    go(page, "Train on it")
    page.get_by_label(algorithm, exact=True).check()
    for name, typed in SMALL[algorithm].items():
        page.locator(f"[name={name}]").fill(typed)
    page.get_by_label("Experiment").fill("Three algorithms")
    page.get_by_role("button", name="Train").click()
    expect(page).to_have_url(re.compile(r"/registry/training/\d+/$"))


def change_my_mind(page: Page) -> None:
    """Ask once more for what waits in the line, and cancel that."""
    train(page, "logistic regression")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("main")).to_contain_text("Cancelled on request.")


def kill_the_worker(site: Site) -> None:
    """Once the first training learns, end its worker as a lack of memory would."""
    eventually(lambda: site.ask(FITTING), within=180)
    for worker in site.workers("heavy"):
        worker.kill()
    assert site.ask(FITTING), "the fit was over before the kill"


def wait_for_the_card(page: Page) -> None:
    """Nobody loads the page again."""
    link = page.get_by_role("link", name="Read the card of")
    expect(link).to_be_visible(timeout=300_000)
    expect(page.locator("#progress .steps").first.locator("li.done")).to_have_count(8)


def compare(page: Page) -> None:
    page.goto("/registry/training/")
    for number in (1, 2, 3):
        page.get_by_label(f"Compare run {number}").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compared thead small")).to_have_text(
        [re.compile(r"pulsar/\d")] * 3
    )
    for words in ("Algorithm", "Average precision"):
        row = page.locator(".compared tr.differs", has_text=words).first
        expect(row.locator("td")).to_have_count(3)


def slide(page: Page) -> None:
    """What a threshold wins and costs is told as the slider moves; nothing is saved."""
    slider, said = page.get_by_role("slider"), page.locator("#trade p[aria-live]")
    expect(page.locator("#trade[data-ready]")).to_be_attached()
    shipped = said.inner_text()
    slider.press("Home")
    expect(said).not_to_have_text(shipped)
    lowest = int(page.locator("#trade [data-trade=tp]").first.inner_text())
    slider.press("End")
    highest = page.locator("#trade [data-trade=tp]").first
    assert int(highest.inner_text()) < lowest
    page.get_by_role("link", name="Back to the shipped").click()
    expect(said).to_have_text(shipped)


def test_a_table_becomes_three_versions_that_are_compared_and_read(
    site: Site, tmp_path: Path
):
    with browser(site) as page:
        log_in(page, "admin")
        bring_in(page, observed(tmp_path / "night.csv"), "A night")
        label(page, judged(tmp_path))
        freeze(page)

        for algorithm in SMALL:
            train(page, algorithm)
        kill_the_worker(site)
        change_my_mind(page)
        page.goto("/registry/training/3/")
        expect(page.locator("#progress")).to_contain_text("before it in the line")
        page.goto("/registry/training/1/")
        wait_for_the_card(page)
        fit = page.locator("#progress .steps").first.locator("li", has_text="Fit")
        expect(fit).to_contain_text("attempt 2")
        for number in (2, 3):
            page.goto(f"/registry/training/{number}/")
            wait_for_the_card(page)

        compare(page)
        go(page, "Run 1", "Read the card of")
        expect(page.locator("#slices")).to_contain_text("snr")
        slide(page)
    runs = site.ask("select state, version_id from registry_trainingrun order by id")
    assert [state for state, _ in runs] == [*["success"] * 3, "cancelled"]
    # Two come with the site.
    versions = site.ask("select id from registry_version order by id")
    assert sorted((version,) for _, version in runs[:3]) == versions[2:]


def test_a_researcher_reads_it_all_and_changes_nothing(site: Site):
    site.person("rita", "researcher")
    with browser(site) as page:
        log_in(page, "rita")
        for address in PAGES:
            assert page.goto(address).status == 200, address
            expect(page.locator("main form[method=post]")).to_have_count(0)
            for address_of_admins in OF_ADMINS:
                link = f"main a[href^='{address_of_admins.partition('?')[0]}']"
                expect(page.locator(link)).to_have_count(0)
        token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        given = {"csrfmiddlewaretoken": token, "name": "Mine"}
        referred = {"Referer": site.url}
        for address in POSTS:
            answer = page.request.post(address, form=given, headers=referred)
            assert answer.status == 403, address
            # Not for a form that is too old.
            assert "You may not open this page" in answer.text(), address
        for address in OF_ADMINS:
            assert page.request.get(address).status == 403, address
