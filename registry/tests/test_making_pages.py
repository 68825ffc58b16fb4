"""The pages on which a dataset is asked for, and how far it is."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from monitor import room
from monitor.work import State
from pulsar_ml.datasets import intake
from registry.models import Build, Dataset
from registry.tests.labels import text
from registry.tests.tables import asked, ended, table
from registry.tests.test_freeze import label

pytestmark = pytest.mark.django_db

IMPORT, FREEZE = "/registry/datasets/import/", "/registry/datasets/freeze/"
# The offered treatments, in their order.
STEPS = {"step0-place": "1", "step1-place": "2", "step2-place": "3"}
HOW = {"step1-rule": "newest", "step7-rule": "none", "step7-factor": "1"}
HOW |= {f"step{n}-how": "drop" for n in (4, 5, 6)}


@pytest.fixture
def admin(client, person):
    """An admin's browser."""
    client.force_login(person("admin"))
    return client


@pytest.fixture
def base(tmp_path) -> Dataset:
    dataset = ended(asked(table(tmp_path / "sky.csv"))).dataset
    assert dataset
    return dataset


def uploaded(path, name: str = "sky.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, path.read_bytes())


def test_a_file_is_kept_and_sent_and_its_page_follows_it(admin, tmp_path, mailbox):
    path = table(tmp_path / "sky.csv")
    beside = tmp_path / "sky_observations.csv"
    answer = admin.post(
        IMPORT,
        {"file": uploaded(path), "observations": uploaded(beside), "name": "The sky"},
    )
    build = Build.objects.get()
    assert (answer.status_code, answer.url) == (302, build.get_absolute_url())
    assert mailbox() == [(build.pk, "interactive")]
    assert (build.name, build.by.username, build.state) == (
        "The sky",
        "admin",
        "queued",
    )
    waiting = text(admin.get(build.get_absolute_url()))
    assert "Waiting for a worker" in waiting
    assert "Cancel" in waiting

    done = ended(build)
    assert (done.dataset.n_rows, done.dataset.created_by) == (40, build.by)
    page = text(admin.get(build.get_absolute_url()))
    assert "Open dataset 1" in page
    assert "Rejected</h2>" not in page


def test_the_part_that_changes_has_the_page_read_anew_at_the_end(admin, tmp_path):
    build = asked(table(tmp_path / "sky.csv"))
    Build.objects.filter(pk=build.pk).update(
        state=State.RUNNING, reason="Reading", n_done=30, n_of=40
    )
    htmx = {"HTTP_HX_REQUEST": "true"}
    part = admin.get(build.get_absolute_url(), **htmx)
    assert "<strong>Reading</strong> · 75 %" in text(part)
    assert "HX-Refresh" not in part

    Build.objects.filter(pk=build.pk).update(state=State.FAILED, reason="It broke.")
    part = admin.get(build.get_absolute_url(), **htmx)
    assert part["HX-Refresh"] == "true"
    assert "It broke." in text(part)


def test_rejects_are_shown_and_given_out_as_csv(admin, tmp_path):
    path = table(tmp_path / "sky.csv")
    path.write_text(path.read_text() + "<b>,2\n=1,2\n")
    build = ended(asked(path))

    page = text(admin.get(build.get_absolute_url()))
    assert "<code>&lt;b&gt;,2</code>" in page
    answer = admin.get(f"{build.get_absolute_url()}rejects.csv")
    assert answer["Content-Disposition"] == (
        f'attachment; filename="build-{build.pk}-rejects.csv"'
    )
    assert b"".join(answer.streaming_content).decode().splitlines() == [
        "row,file,line,column,value,reason,name",
        '41,sky.csv,42,,"<b>,2",has 2 columns; the table has 9,',
        '42,sky.csv,43,,"\'=1,2",has 2 columns; the table has 9,',
    ]


def test_the_page_says_how_many_columns_are_kept(admin):
    page = admin.get(IMPORT).content.decode()
    assert f"to see where a model is weak; the first {intake.MOST_COLUMNS}." in page


def test_htru2_is_fetched_for_who_asks_for_it(admin, mailbox):
    admin.post(IMPORT, {"preset": "htru2"})

    build = Build.objects.get()
    assert (build.name, build.order["preset"], build.order["files"]) == (
        "HTRU2",
        "htru2",
        {},
    )
    assert build.order["url"].startswith("https://archive.ics.uci.edu/")
    assert mailbox() == [(build.pk, "interactive")]


def test_without_a_file_or_without_room_nothing_is_made(
    admin, tmp_path, storage, reconfigured
):
    answer = admin.post(IMPORT, {"name": "x"})
    assert (answer.status_code, "Choose a file." in text(answer)) == (422, True)

    reconfigured("storage", reserve_bytes=room.free() + 2**30)
    answer = admin.post(IMPORT, {"file": uploaded(table(tmp_path / "sky.csv"))})
    assert answer.status_code == 503
    assert "The disk is full: " in text(answer)
    assert "Nothing was kept." in text(answer)
    assert Build.objects.count() == 0
    assert list((storage).glob("builds/*")) == []


def test_a_link_from_the_labels_has_chosen_them_already(admin, base, person):
    label(1, "RFI", person("researcher", "ana"))
    page = admin.get(f"{FREEZE}?parent=1&survey=HTRU-S&verdict=RFI&verdict=NOISE")
    form = page.context["form"]

    assert [form[name].value() for name in ("parent", "survey", "take")] == [
        "1",
        "HTRU-S",
        "chosen",
    ]
    assert form["verdict"].value() == ["RFI", "NOISE"]
    assert re.findall(r'value="(\d)" min="1"', page.content.decode()) == ["1", "2", "3"]
    assert admin.get(FREEZE).context["form"]["take"].value() == "none"


def test_a_preview_counts_and_makes_nothing(admin, base, person):
    label(1, "T1_CAND", person("researcher", "ana"))
    asked_for = {"parent": "1", "take": "chosen", "preview": "1", **STEPS, **HOW}
    page = admin.post(FREEZE, asked_for)

    counted = page.context["preview"]
    assert (counted.rows, counted.pulsars, counted.labels) == (41, 5, 1)
    assert "Of each candidate the first row stays." in text(page)
    assert Build.objects.filter(kind="freeze").count() == 0


def test_what_is_asked_for_is_frozen(admin, base, person, mailbox):
    label(1, "T1_CAND", person("researcher", "ana"))
    given = {"parent": "1", "take": "chosen", "name": "Next", **HOW}
    given |= {"step7-place": "1", "step7-rule": "balanced", "step4-place": "2"}
    given |= {"step4-column": "prof_mean", "step4-max": "500"}
    answer = admin.post(FREEZE, given)

    build = Build.objects.get(kind="freeze")
    assert answer.url == build.get_absolute_url()
    assert [step["name"] for step in build.order["treatments"]] == ["weights", "ranges"]
    assert mailbox() == [(build.pk, "interactive")]
    assert "frozen from" in text(admin.get(build.get_absolute_url()))
    assert (ended(build).dataset.number, ended(build).dataset.name) == (2, "Next")


def test_a_treatment_that_lacks_something_says_so_beside_it(admin, base):
    given = {"parent": "1", "take": "none", **HOW, "step3-place": "1"}
    given |= {"step4-place": "x", "since": "2026-02-02", "until": "2026-01-01"}
    page = admin.post(FREEZE, given)

    assert page.status_code == 422
    form = page.context["form"]
    assert form.errors == {"until": ["This is before the first day."]}
    assert [step.errors for step in form.steps[3:5]] == [
        {"columns": ["Say which."]},
        {"place": ["Enter a whole number."]},
    ]
    assert Build.objects.filter(kind="freeze").count() == 0


def test_without_a_dataset_there_is_nothing_to_freeze(admin):
    assert "There is no dataset yet" in text(admin.get(FREEZE))


def test_who_may_only_look_sees_builds_and_makes_none(client, person, tmp_path):
    build = asked(table(tmp_path / "sky.csv"))
    client.force_login(person("researcher"))

    page = client.get(build.get_absolute_url())
    assert (page.status_code, "Cancel" in text(page)) == (200, False)
    assert client.get(IMPORT).status_code == 403
    assert client.get(FREEZE).status_code == 403
    assert client.post(f"{build.get_absolute_url()}cancel/").status_code == 403
    assert client.get("/registry/datasets/builds/99/").status_code == 404


def test_an_admin_cancels(admin, tmp_path):
    build = asked(table(tmp_path / "sky.csv"))
    answer = admin.post(f"{build.get_absolute_url()}cancel/", follow=True)

    build.refresh_from_db()
    assert build.state == State.CANCELLED
    assert "Cancelled on request." in text(answer)
