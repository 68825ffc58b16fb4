"""The test of a schedule reads and scores ten rows, and writes nothing."""

import pytest

from dispatch.models import Intake, Run, Sighting
from dispatch.tests.conftest import arrive
from dispatch.tests.pages import text
from showroom.models import Batch

pytestmark = pytest.mark.django_db

ADDRESS = "/dispatch/nightly/test/"


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


def everything(storage):
    """Each file of the site, and when it was written."""
    return sorted(
        (str(path), path.stat().st_mtime_ns)
        for path in storage.rglob("*")
        if path.is_file()
    )


def test_ten_rows_are_scored_and_nothing_is_written(
    browser, schedule, champion, storage
):
    before = everything(storage)
    answer = browser.get(ADDRESS)

    rows = answer.context["rehearsal"].rows
    assert [row["name"] for row in rows] == [f"sky.csv:{n}" for n in range(1, 11)]
    assert rows[9]["probability"] > 0.5 > rows[0]["probability"]
    page = text(answer)
    assert (
        f'The first 10 rows of sky.csv, scored by <a href="/registry/{champion}/'
        in page
    )
    assert page.count("<td>not a pulsar</td>") == 9
    assert everything(storage) == before
    for model in (Batch, Run, Intake, Sighting):
        assert not model.objects.exists()


def test_what_a_row_is_warned_of_reads_as_in_the_table_of_rows(
    browser, schedule, folder
):
    table = folder / "sky.csv"
    header, first, *rest = table.read_text().splitlines()
    far = f"9e9,{first.partition(',')[2]}"
    table.write_text("\n".join([header, far, *rest]))
    answer = browser.get(ADDRESS)

    assert answer.context["rehearsal"].rows[0]["warnings"] == "extrapolation"


def test_rejects_notes_and_what_waits_are_told(browser, schedule_over, folder):
    schedule_over(source={"kind": "folder", "folder": str(folder), "marker": ".done"})
    whole = folder / "sky.csv"
    header, first, second, *rest = whole.read_text().splitlines()
    second = f"x,{second.partition(',')[2]}"
    whole.write_text("\n".join([header, first, second, *rest]))
    (folder / "sky.csv.done").touch()
    arrive(folder, "growing.csv")
    page = text(browser.get(ADDRESS))

    assert "sky.csv, row 2, prof_mean: " in page
    assert "so it waits: growing.csv." in page


def test_an_empty_folder_gives_no_row(browser, schedule, folder):
    (folder / "sky.csv").unlink()

    page = text(browser.get(ADDRESS))
    assert "There was no row to score. No file fits, or the folder is empty." in page


def test_a_folder_that_is_away_is_said(browser, schedule_over, folder):
    away = folder / "tonight"
    schedule_over(source={"kind": "folder", "folder": str(away)})

    page = text(browser.get(ADDRESS))
    assert f"The test stopped: The folder {away} is not there." in page
