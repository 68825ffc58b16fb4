"""People drop raw candidates on the running site and look at what came out."""

import base64
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conftest import free_port
from pulsarsite.tests.site import Site, browser, chromium, log_in, running_site
from pulsarsite.tests.test_journey import tile

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PHCX = [
    "HTRU_1_PHCX_Candidate_1.phcx",
    "HTRU_1_PHCX_Candidate_2.phcx",
    "HTRU_2_PHCX_Candidate_1.phcx.gz",
    "HTRU_2_PHCX_Candidate_2.phcx.gz",
    "2009-05-06-05:52:25.05.fil_sigproc_001.phcx.gz",
]
PFD = [
    "LOTAAS_1_PFD_Candidate_1.pfd",
    "L81234_SAP1_BEAM20_DM94.74_Z0_ACCEL_Cand_1.pfd",
    "Ter5_080912_DM242.30_PSR_1748-2446A.pfd",
]
ZIPPED = [
    "2009-01-10-03:52:39.07.fil_sigproc_065.phcx.gz",
    "LOTAAS_1_PFD_Candidate_2.pfd",
]
DROP = """
files => {
  const dropped = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
    dropped.items.add(new File([bytes], name));
  }
  return dropped;
}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, data: Path):
    chromium()
    with running_site(tmp_path_factory.mktemp("site"), free_port()) as running:
        running.manage("catalogue_import", "--file", str(data / "psrcat.db"))
        running.person("researcher", "researcher")
        yield running


@pytest.fixture(scope="module")
def dropped(tmp_path_factory, data: Path) -> list[Path]:
    """Five PHCX, three PFD, a zip of one each, and a PFD that was cut off."""
    folder = tmp_path_factory.mktemp("dropped")
    raw = data / "candidates"
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        for name in ZIPPED:
            archive.write(raw / name, name)
    broken = folder / "broken.pfd"
    broken.write_bytes((raw / PFD[0]).read_bytes()[:50_000])
    return [*(raw / name for name in [*PHCX, *PFD]), folder / "more.zip", broken]


def drop(page: Page, files: list[Path]) -> None:
    contents = [
        (file.name, base64.b64encode(file.read_bytes()).decode()) for file in files
    ]
    page.goto("/showroom/")
    transfer = page.evaluate_handle(DROP, contents)
    page.dispatch_event("[data-drop-zone]", "drop", {"dataTransfer": transfer})
    page.get_by_role("button", name="Classify").click()
    page.wait_for_url(re.compile(r"/showroom/batches/\d+/"))


def plots_are_drawn(page: Page, n: int) -> None:
    """Every panel by Plotly, and the picture there for those without JavaScript."""
    expect(page.locator(f'.plots[data-drawn="{n}"]')).to_be_visible(timeout=30_000)
    assert page.locator(".plots .js-plotly-plot").count() == n
    assert page.locator(".plots path.js-line").count() > 0
    assert page.locator(".plots .heatmaplayer image").count() > 0
    for kind, begin in (("PNG", b"\x89PNG"), ("SVG", b"<?xml")):
        link = page.get_by_role("link", name=f"as {kind}")
        picture = page.request.get(link.get_attribute("href"))
        assert picture.body().startswith(begin)


def test_a_heap_of_raw_files_is_classified_drawn_and_explained(
    site: Site, dropped: list[Path]
):
    with browser(site) as page:
        log_in(page, "researcher")
        drop(page, dropped)
        expect(tile(page, "Scored")).to_have_text("10")
        expect(tile(page, "Rejected")).to_have_text("1")
        batch = page.url
        table = page.locator("#rows tbody")
        for name in [*PHCX, *PFD, *(f"more.zip!{name}" for name in ZIPPED)]:
            page.goto(batch)
            table.get_by_role("row", name=name).get_by_role("link").first.click()
            expect(page.get_by_role("heading", level=1)).to_have_text(name)
            plots_are_drawn(page, 5)
            expect(page.locator(".reasons > li")).to_have_count(8)
            expect(page.locator(".strips > li")).to_have_count(8)
            if name == "LOTAAS_1_PFD_Candidate_1.pfd":
                expect(page.locator(".matches")).to_contain_text("J2234+2114")

        page.goto(batch)
        rejects = page.locator("section", has=page.get_by_text("Rejected")).last
        rejects.get_by_role("row", name="broken.pfd").get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("broken.pfd")
        expect(page.locator(".notice.error")).to_contain_text("bytes")


def test_one_walks_from_row_to_row_in_the_order_of_the_table(
    site: Site, dropped: list[Path]
):
    with browser(site) as page:
        log_in(page, "researcher")
        drop(page, dropped[:3])
        page.locator("#rows th").get_by_role("link", name="Row", exact=True).click()
        page.wait_for_url(re.compile("sort=row"))
        page.locator("#rows tbody tr").first.get_by_role("link").click()
        names = []
        for _ in dropped[:3]:
            plots_are_drawn(page, 5)
            names.append(page.get_by_role("heading", level=1).inner_text())
            with page.expect_navigation():
                page.get_by_role("link", name="Next", exact=True).click()
        assert names == [file.name for file in dropped[:3]]
        expect(page.get_by_role("status")).to_contain_text("the last row of these")


def test_a_ready_case_is_one_click_away_from_its_result_and_plots(site: Site):
    with browser(site) as page:
        log_in(page, "researcher")
        page.goto("/showroom/")
        gallery = page.locator(".cases")
        expect(gallery.locator("img").first).to_have_js_property("complete", value=True)
        assert gallery.locator("img").first.evaluate("image => image.naturalWidth") > 0
        gallery.get_by_role("button", name="A bright pulsar").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("A bright pulsar")
        expect(tile(page, "Looks like")).to_have_text("a pulsar")
        plots_are_drawn(page, 5)

        # Opened by itself it is drawn whole, and its policy blocks nothing it needs.
        page.goto(page.get_by_role("link", name="as SVG").get_attribute("href"))
        expect(page.locator("svg image").first).to_be_visible()
        ground = page.locator("svg #patch_1 path")
        expect(ground).not_to_have_css("fill", "rgb(0, 0, 0)")
