"""The night report fits on one sheet of paper, black on white and without the menus."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Route, sync_playwright

from dispatch.models import Slot
from dispatch.tests.rows import schedule_row
from monitor.models import Alert, Check, Flip, Start
from pulsarsite.tests.site import _CHROMIUM, chromium
from showroom.models import Batch, Candidate
from showroom.tests.conftest import champion, no_stale_models  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.e2e]

HOUR = timedelta(hours=1)


@pytest.fixture
def ordinary(champion):  # noqa: F811
    """A night in which every table of the report is full, and a few things need you."""
    now = timezone.now()
    over = {"live": None, "state": "closed", "closed_at": now}
    for number in range(12):
        schedule = schedule_row(f"survey-{number}")
        Slot.objects.create(schedule=schedule, at=now - HOUR, outcome="ran")
        check = Check.objects.create(slug=f"host-{number}", kind="host", name="node")
        Flip.objects.create(subject=check, at=now - HOUR, was="up", state="down")
        is_live = number < 4
        if not is_live:
            Flip.objects.create(subject=check, at=now, was="down", state="up")
        Alert.objects.create(
            cause=f"host-{number}",
            subject=check,
            severity="critical",
            title=f"node {number} is down",
            begun_at=now - HOUR,
            **({} if is_live else over),
        )
        Start.objects.create(
            job=f"job-{number}", at=now - HOUR, host="h", pid=1, outcome="failed"
        )
    batch = Batch.objects.create(
        title="sky.csv", version=champion, state="success", finished_at=now - HOUR
    )
    for row in range(10):
        Candidate.objects.create(
            batch=batch,
            row=row,
            probability=0.9,
            margin=0.4,
            predicted=True,
            shortlisted="high",
        )


def test_a_full_report_is_one_sheet(client, person, ordinary, settings):
    client.force_login(person("operator"))
    shown = client.get("/monitor/report/").content
    style = Path(settings.BASE_DIR / "pulsarsite/static/pulsarsite/site.css")

    def answer(route: Route) -> None:
        address = route.request.url
        if address.endswith("/report"):
            route.fulfill(body=shown, content_type="text/html; charset=utf-8")
        elif address.endswith("site.css"):
            route.fulfill(path=style, content_type="text/css")
        else:
            route.abort()

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium(), args=_CHROMIUM
        )
        page = launched.new_page(color_scheme="dark")
        page.route("**/*", answer)
        page.goto("http://site.invalid/report")
        paper = page.pdf(prefer_css_page_size=True)
        page.emulate_media(media="print")
        menus = [
            page.locator(which).first.is_visible()
            for which in (".masthead", ".tabs", ".filters", ".pager", ".footer")
        ]
        ground = page.locator("body").evaluate(
            "body => [getComputedStyle(body).backgroundColor,"
            " ...['a', 'td', 'p'].map(name =>"
            " getComputedStyle(body.querySelector(`.report ${name}`)).color)]"
        )
        launched.close()

    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1
    a4 = re.search(rb"/MediaBox \[0 0 (\d+)[\d.]* (\d+)", paper)
    assert a4.groups() == (b"594", b"841")
    assert menus == [False] * 5
    assert ground == ["rgb(255, 255, 255)", *["rgb(0, 0, 0)"] * 3]
