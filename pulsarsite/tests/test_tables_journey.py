"""An admin has a table of a MariaDB classified into another, by the pages alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conftest import free_port
from dispatch.tests.survey import results, survey
from pulsarsite.tests.engines import DRIVERS, PASSWORD, Engine
from pulsarsite.tests.site import Site, browser, chromium, log_in, running_site
from pulsarsite.tests.test_journey import tile

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def database(servers, tmp_path: Path) -> Engine:
    """Thirty candidates, of which three lack a feature."""
    chromium()
    made = Engine("mariadb", tmp_path, servers("mariadb"))
    survey(made)
    return made


@pytest.fixture
def site(database: Engine, tmp_path: Path, monkeypatch) -> Iterator[Site]:
    monkeypatch.setenv("SURVEY_PASSWORD", PASSWORD)
    common = {
        "driver": DRIVERS["mariadb"],
        "options": database.target()["options"],
        "password_env": "SURVEY_PASSWORD",
    }
    connections = [
        {"name": "survey", "user": "reader", **common},
        {"name": "results", "user": "pulsar", "read_only": False, **common},
    ]
    folder = tmp_path / "site"
    folder.mkdir()
    with running_site(folder, free_port(), connections=connections) as started:
        yield started


def run_now(page: Page) -> int:
    """Run the schedule and wait for the end; the number of the run."""
    page.goto("/dispatch/night-survey/")
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url(re.compile(r"/dispatch/runs/\d+/$"))
    expect(tile(page, "Rejected")).to_be_visible()
    expect(page.locator(".page-head .badge")).to_have_text("Success")
    return int(page.url.rstrip("/").rpartition("/")[2])


def test_a_table_is_classified_into_another_and_read_again(
    site: Site, database: Engine
):
    with browser(site) as page:
        log_in(page, "admin")
        page.goto("/dispatch/")
        page.get_by_role("link", name="Connections").click()
        card = page.locator("#connection-survey")
        card.get_by_role("button", name="Test connection").click()
        steps = card.locator(".steps li")
        expect(steps.last).to_contain_text("Only reading is allowed")
        expect(card.locator(".steps li:not(.done)")).to_have_count(0)

        page.goto("/dispatch/new/")
        page.get_by_label("Name", exact=True).first.fill("Night survey")
        page.get_by_label("Times").fill("0 2 * * *")
        page.get_by_label("a table of a database", exact=True).check()
        source = page.locator("#source-table")
        source.get_by_role("button", name="Load columns").click()
        source.get_by_label("Table", exact=True).select_option("candidates")
        expect(source.get_by_label("Key", exact=True)).to_have_value("id")
        expect(source.get_by_label("dm_exkurt", exact=True)).to_have_value("dm_exkurt")
        page.get_by_label("A table of a database:").check()
        page.locator("#sink-table").get_by_label("Connection").select_option("results")
        expect(
            page.locator("#results-tables option[value=candidates]")
        ).to_be_attached()
        page.locator("#sink-table").get_by_label("Table").fill("pulsar_scores")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/dispatch/night-survey/")

        first = run_now(page)
        assert [tile(page, name).inner_text() for name in ("Rows", "Rejected")] == [
            "30",
            "3",
        ]
        keys = page.get_by_role("region", name="Rejected").locator("td:nth-child(4)")
        expect(keys).to_have_text(["10", "20", "30"])
        expect(page.get_by_text("pulsar_scores").first).to_be_visible()
        page.get_by_role("link", name="See its batch").click()
        expect(tile(page, "Scored")).to_have_text("27")
        there = results(database, "candidate_key", "run", table="pulsar_scores")
        assert there == [(key, first) for key in range(1, 31) if key % 10]

        survey(database, rows=5, first=31)
        second = run_now(page)
        assert tile(page, "Rows").inner_text() == "5"
        there += [(key, second) for key in range(31, 36)]
        assert results(database, "candidate_key", "run", table="pulsar_scores") == there

        page.goto("/dispatch/night-survey/")
        page.get_by_role("link", name="Read again from…").click()
        page.locator("[name=to]").fill("21")
        page.get_by_role("button", name="Read again from there").click()
        page.wait_for_url("**/dispatch/night-survey/**")
        third = run_now(page)
        assert tile(page, "Rows").inner_text() == "15"
        assert results(database, "candidate_key", "run", table="pulsar_scores") == [
            (key, third if key > 20 else run) for key, run in there
        ]
