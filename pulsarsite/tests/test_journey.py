"""People use the running site in a real browser."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conftest import eventually, free_port
from pulsarsite.backup.stored import KEPT
from pulsarsite.tests.site import (
    PASSWORD,
    Site,
    browser,
    chromium,
    log_in,
    running_site,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    chromium()
    folder = tmp_path_factory.mktemp("site")
    soon = {"lease_seconds": 3, "resend_seconds": 1}
    with running_site(folder, free_port(), scheduler=soon) as running:
        for role in ("researcher", "operator"):
            running.person(role, role)
        yield running


def table(rows: int) -> str:
    """A table of so many rows; every tenth looks like a pulsar."""
    noise = "{:.3f},47.1,0.2,0.4,3.1,20.2,9.1,110.5"
    pulsar = "{:.3f},38.2,3.1,15.2,50.1,55.2,2.5,10.1"
    lines = [
        "prof_mean,prof_std,prof_skew,prof_exkurt,dm_mean,dm_std,dm_skew,dm_exkurt"
    ]
    lines += [
        (pulsar if n % 10 == 9 else noise).format(50 + n / 1e4) for n in range(rows)
    ]
    return "\n".join(lines)


def upload(page, path: Path) -> None:
    page.goto("/showroom/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Classify").click()
    page.wait_for_url(re.compile(r"/showroom/batches/\d+/"))


def tile(page, label: str):
    return page.locator(".tile", has=page.get_by_text(label, exact=True)).locator("dd")


def test_an_admin_brings_htru2_and_works_with_every_row(site: Site, data: Path):
    with browser(site) as page:
        page.goto("/showroom/")
        expect(page).to_have_url(re.compile("/accounts/login/"))
        log_in(page, "admin")
        upload(page, data / "HTRU_2.csv")
        expect(tile(page, "Scored")).to_have_text("17 898", timeout=60_000)
        expect(tile(page, "Rejected")).to_have_text("0")
        expect(page.get_by_text("How the input was read")).to_be_visible()

        first = page.locator("#rows tbody tr").first
        page.locator("#rows th").get_by_role("link", name="Row", exact=True).click()
        expect(first.locator("td").first).to_have_text("1")
        page.get_by_role("link", name="Next").click()
        expect(first.locator("td").first).to_have_text("51")
        page.get_by_role("link", name="Previous").click()
        expect(first.locator("td").first).to_have_text("1")

        page.locator("#rows").get_by_role("combobox", name="Class").select_option(
            "pulsar"
        )
        page.get_by_role("button", name="Filter").click()
        expect(page).to_have_url(re.compile("predicted=1"))
        pulsars = tile(page, "Pulsars").inner_text()
        expect(page.locator("#rows .table-note")).to_contain_text(
            f"{pulsars} of 17 898 rows"
        )

        with page.expect_download() as download:
            page.locator("#rows").get_by_role("link", name="CSV").first.click()
        text = Path(download.value.path()).read_text()
        lines = list(csv.DictReader(io.StringIO(text)))
        assert len(lines) == int(re.sub(r"\D", "", pulsars))
        assert {line["predicted"] for line in lines} == {"1"}

        tile(page, "Shortlist").get_by_role("link").click()
        page.get_by_label("Choose all on this page").check()
        page.get_by_label("Choose row").first.uncheck()
        page.get_by_role("button", name="Open those chosen").click()
        expect(page.locator(".opened > li")).to_have_count(49)

        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_url(re.compile("/accounts/login/"))


PAGES = (
    "/",
    "/showroom/",
    "/showroom/cases/",
    "/dispatch/",
    "/dispatch/runs/",
    "/dispatch/new/",
    "/registry/",
    "/registry/pulsar/1/",
    "/registry/training/",
    "/registry/training/experiments/",
    "/registry/training/new/",
    "/registry/datasets/",
    "/registry/datasets/import/",
    "/registry/datasets/freeze/",
    "/registry/labels/",
    "/registry/labels/import/",
    "/registry/sentinels/",
    "/registry/sentinels/add/",
    "/registry/pulsar/2/",
    "/monitor/events/",
    "/admin/",
    "/accounts/preferences/",
    "/accounts/password/",
)


@pytest.mark.parametrize("who", ["admin", "operator", "researcher"])
def test_each_role_finds_the_way_to_what_is_theirs(site: Site, who: str):
    expected = ["Home", "Showroom", "Judge", "Dispatch", "Registry"]
    more = {"researcher": [], "operator": ["Monitor"], "admin": ["Monitor", "People"]}
    with browser(site) as page:
        log_in(page, who)
        expect(page.locator("nav.nav a")).to_have_text(expected + more[who])


def test_a_stranger_sees_the_log_in(site: Site):
    with browser(site) as page:
        for address in ("/", "/admin/"):
            page.goto(address)
            expect(page).to_have_url(re.compile("/accounts/login/"))
        assert page.request.get("/healthz").status == 200
        assert page.request.get("/readyz").status == 200


def test_the_back_button_shows_nothing_after_the_log_out(site: Site):
    with browser(site) as page:
        log_in(page, "researcher")
        page.goto("/showroom/cases/")
        page.goto("/showroom/")
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Log out").click()
        expect(page).to_have_url(re.compile("/accounts/login/"))
        for _ in range(2):
            page.go_back()
            expect(page).to_have_url(re.compile("/accounts/login/"))


def test_eight_values_are_scored_changed_and_scored_again(site: Site):
    values = ["50.1", "38.2", "3.1", "15.2", "50.1", "55.2", "2.5", "10.1"]
    with browser(site) as page:
        log_in(page, "researcher")
        page.goto("/showroom/cases/")
        for field, value in zip(
            page.locator(".fields input").all(), values, strict=True
        ):
            field.fill(value)
        page.get_by_role("button", name="Score").click()
        expect(page.get_by_role("heading", name="Looks like a pulsar")).to_be_visible()
        page.locator("#id_prof_skew").fill("0.1")
        page.locator("#id_prof_exkurt").fill("0.2")
        page.locator("#id_dm_mean").fill("2")
        page.get_by_role("button", name="Score again").click()
        expect(
            page.get_by_role("heading", name="Does not look like a pulsar")
        ).to_be_visible()


def test_a_box_drawn_in_feature_space_leads_to_its_rows(site: Site, tmp_path: Path):
    (tmp_path / "night.csv").write_text(table(3000))
    with browser(site) as page:
        log_in(page, "researcher")
        upload(page, tmp_path / "night.csv")
        expect(tile(page, "Scored")).to_have_text("3 000", timeout=60_000)
        expect(page.locator(".space.small svg").first).to_be_visible()
        page.get_by_role("link", name="Look at the feature space").click()
        drawn = page.locator(".space[data-drawn=yes]")
        expect(drawn).to_be_visible()
        assert page.locator(".space .heatmaplayer image").count() == 1
        expect(page.locator(".space-count")).to_contain_text("3 000 of 3 000 rows")

        # The pulsars lie in the upper right quarter, all others below and left of it.
        plane = page.locator(".space .nsewdrag").bounding_box()
        x, y = plane["x"], plane["y"]
        page.mouse.move(x + plane["width"] / 2, y + plane["height"] / 2)
        page.mouse.down()
        page.mouse.move(x + plane["width"] - 2, y + 2, steps=4)
        page.mouse.up()
        page.wait_for_url(re.compile("prof_skew_from=.*&dm_mean_to="))
        expect(page.locator(".space-count")).to_contain_text("300 of 3 000 rows")
        expect(drawn).to_be_visible()
        assert page.locator(".space .scatterlayer .point").count() == 300

        page.get_by_role("link", name="Swap axes").click()
        page.wait_for_url(re.compile("x=dm_mean&y=prof_skew&prof_skew_from="))
        page.get_by_role("link", name="Show these 300 rows").click()
        expect(page.locator("#rows")).to_contain_text("300 of 3 000 rows")
        assert "dm_mean_from=" in page.url


HALF_DONE = "select id from showroom_batch where state = 'running' and n_rows > 0"


def prepared(page: Page, address: str) -> str:
    """Ask for a large download, wait, and say where its file is."""
    page.goto(address)
    link = page.locator("#download").get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=60_000)
    return page.url + "file"


def test_a_worker_killed_in_a_large_upload_loses_and_doubles_no_row(
    site: Site, tmp_path: Path
):
    rows = 600_000
    (tmp_path / "large.csv").write_text(table(rows))
    with browser(site) as page:
        log_in(page, "admin")
        hashes = []
        for kill in (True, False):
            upload(page, tmp_path / "large.csv")
            if not kill:
                # The site knows these bytes, and asks; it offers another version first.
                version = page.get_by_label("Classify again with")
                used = version.locator("[label='used already'] option")
                version.select_option(used.get_attribute("value"))
                page.get_by_role("button", name="Classify again").click()
            if kill:
                workers = site.workers("interactive")
                expect(page.locator("#progress")).to_be_visible()
                eventually(lambda: site.ask(HALF_DONE))
                for worker in workers:
                    worker.kill()
                assert site.ask(HALF_DONE), "the work was over before the kill"
            expect(tile(page, "Scored")).to_have_text("600 000", timeout=120_000)
            hashes.append(page.locator(".facts dd.mono").inner_text())
        # So many rows are put into a file by a worker.
        text = page.request.get(prepared(page, f"{page.url}scores.csv?sort=row")).text()

    assert len(hashes[0]) == 64
    assert hashes[0] == hashes[1]
    numbers = [int(line[0]) for line in list(csv.reader(io.StringIO(text)))[1:]]
    assert numbers == list(range(1, rows + 1))
    assert "batch.resumed" in site.manage(
        "shell",
        "-v0",
        "-c",
        (
            "from monitor.models import Event, Outbox\n"
            "print([*Event.objects.values_list('kind', flat=True),"
            " *Outbox.objects.values_list('kind', flat=True)])"
        ),
    )


# What a back-up leaves out of the storage: drawn, prepared or written again, of this
# machine and moment, secret, or copied otherwise.
LEFT_OUT = {
    *("backup.lock", "backups", "crontab", "crontab.draft", "crontab.lock"),
    *("downloads", "incoming", "last_resort.json", "last_resort.state", "plots"),
    *("prepare.lock", "queue", "secret_key", "serve.lock", "tmp"),
}


def test_a_back_up_made_while_the_site_runs_is_the_site_elsewhere(
    site: Site, tmp_path: Path
):
    small = tmp_path / "small.csv"
    small.write_text(table(20))
    with browser(site) as page:
        log_in(page, "admin")
        upload(page, small)
    site.manage("backup", str(tmp_path / "made"))
    config = tmp_path / "config.yaml"
    config.write_text("")
    back = site._replace(config=config)
    back.manage("restore", str(tmp_path / "made"))
    batches = "select id, title, n_scored, sha256 from showroom_batch order by id"
    assert len(site.ask(batches)) > 0
    assert back.ask(batches) == site.ask(batches)
    there = {path.name for path in (site.config.parent / "var").iterdir()}
    others = {name for name in there - {*KEPT} if ".sqlite3" not in name}
    assert others - LEFT_OUT == set()


def test_no_password_stands_in_the_log(site: Site):
    with browser(site) as page:
        log_in(page, "admin")
    assert PASSWORD not in (site.config.parent / "log").read_text()
