"""Labels come in from a file: once, by one person each, whatever goes wrong."""

import json
import threading
from itertools import count
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from monitor.sweep import sweep
from monitor.work import State
from registry.datasets import rejects
from registry.datasets.ask import Brought
from registry.datasets.beat import BuildBeat
from registry.datasets.build import build as work_on
from registry.labels.ask import ask
from registry.models import Build, Label
from registry.tests.killed import CRASHED, killed_at
from registry.tests.labels import digest, events, features, text, written

pytestmark = pytest.mark.django_db

IMPORT = "/registry/labels/import/"


def brought(file: Path, person, survey: str = "HTRU-S") -> Build:
    """The build of a file, ended."""
    asked = ask(
        Brought(file.name, file), survey=survey, person=person, by=None, send_it=False
    )
    work_on(asked)
    asked.refresh_from_db()
    return asked


def words() -> list[tuple]:
    """Every word that holds: whose, of which candidate, what."""
    held = Label.objects.current().order_by("person__username", "name", "pk")
    return list(held.values_list("person__username", "name", "verdict"))


@pytest.fixture
def ana(person):
    return person("researcher", "ana")


@pytest.fixture
def ben(person):
    return person("researcher", "ben")


def test_each_row_becomes_a_label_with_what_was_observed(tmp_path, ana):
    file = written(
        tmp_path / "night.csv",
        {
            1: "T1_CAND,2010-05-14T17:16:32Z,4,0.0042,",
            2: "rfi,,5,nan,a note",
            3: "1,,,,",
            4: "0,,,,",
        },
        "label,pointing_utc,Beam,P (s),Remark",
    )
    build = brought(file, ana)
    assert (build.state, build.n_rows, build.n_rejected) == (State.SUCCESS, 4, 0)
    assert build.notes == ["4 labels were brought in."]
    labels = list(Label.objects.order_by("name"))
    assert [
        (x.name, x.verdict, x.pointing, x.observed, x.is_pulsar) for x in labels
    ] == [
        (
            "J0001",
            "T1_CAND",
            "2010-05-14T17:16:32Z",
            {"beam": 4.0, "p_s": 0.0042},
            True,
        ),
        ("J0002", "RFI", "", {"beam": 5.0, "remark": "a note"}, False),
        ("J0003", "KNOWN_PSR", "", {}, True),
        ("J0004", "RFI", "", {}, False),
    ]
    first = labels[0]
    assert (first.hash, first.features) == (digest(1), features(1))
    assert (first.person, first.survey, first.drawn) == (ana, "HTRU-S", "import")
    assert (first.at, first.build, first.current) == (build.created_at, build, True)
    told = {"survey": "HTRU-S", "person": ana.pk, "rows": 4, "labels": 4}
    assert events("labels.imported") == [("labels.imported", str(build), "", told)]


def test_the_same_file_again_replaces_nothing_and_says_so(tmp_path, ana):
    file = written(tmp_path / "a.csv", {1: "T1_CAND", 2: "RFI"})
    brought(file, ana)
    before = list(Label.objects.values_list("pk", "current", "build"))
    again = brought(file, ana)
    assert again.notes == [
        "Nothing is new.",
        "2 were there already, and stay as they were.",
    ]
    assert list(Label.objects.values_list("pk", "current", "build")) == before


def test_another_word_of_the_same_person_takes_the_place_of_the_first(tmp_path, ana):
    brought(written(tmp_path / "a.csv", {1: "T1_CAND", 2: "RFI"}), ana)
    build = brought(written(tmp_path / "b.csv", {1: "NOISE", 2: "RFI", 3: "RFI"}), ana)
    assert build.notes == [
        "2 labels were brought in.",
        "1 of them takes the place of what ana had said before.",
        "1 was there already, and stays as it was.",
    ]
    assert words() == [
        ("ana", "J0001", "NOISE"),
        ("ana", "J0002", "RFI"),
        ("ana", "J0003", "RFI"),
    ]
    gone = Label.objects.gone().values_list("name", "verdict")
    assert list(gone) == [("J0001", "T1_CAND")]


def test_another_survey_corrects_the_first(tmp_path, ana):
    file = written(tmp_path / "a.csv", {1: "T1_CAND"})
    brought(file, ana, "SUPERD")
    brought(file, ana, "SUPERB")
    assert list(Label.objects.current().values_list("survey", flat=True)) == ["SUPERB"]


def test_what_candyjar_calls_classification_is_the_label(tmp_path, ana):
    file = written(
        tmp_path / "a.csv", {1: "4,T1_CAND", 2: "5,UNCAT"}, "beamid,classification"
    )
    assert (brought(file, ana).n_rejected, words()) == (
        1,
        [("ana", "J0001", "T1_CAND")],
    )
    assert Label.objects.get().observed == {"beamid": 4.0}


def test_two_people_may_disagree(tmp_path, ana, ben):
    brought(written(tmp_path / "a.csv", {1: "T1_CAND"}), ana)
    brought(written(tmp_path / "b.csv", {1: "RFI"}), ben)
    assert words() == [("ana", "J0001", "T1_CAND"), ("ben", "J0001", "RFI")]


def test_of_a_candidate_twice_in_a_file_the_first_row_counts(tmp_path, ana):
    file = written(tmp_path / "a.csv", {1: "T1_CAND", 2: "RFI"})
    lines = file.read_text().splitlines()
    other = lines[1].replace("T1_CAND", "NOISE")
    file.write_text("\n".join([*lines, lines[2], other, ""]))
    build = brought(file, ana)
    assert (build.n_rows, build.n_rejected) == (4, 1)
    assert build.notes == [
        "2 labels were brought in.",
        "1 row repeats another one of the file.",
    ]
    assert [(r.row, r.value, r.reason) for r in rejects.first(build, 9)] == [
        (4, "NOISE", "is T1_CAND in row 1, of the same candidate")
    ]
    assert words() == [("ana", "J0001", "T1_CAND"), ("ana", "J0002", "RFI")]
    brought(file, ana)
    assert Label.objects.count() == 2


def test_who_has_not_looked_yet_has_said_nothing(tmp_path, ana):
    build = brought(written(tmp_path / "a.csv", {1: "UNCAT", 2: "", 3: "RFI"}), ana)
    assert (build.state, build.n_rejected) == (State.SUCCESS, 2)
    assert [(r.row, r.column, r.value) for r in rejects.first(build, 9)] == [
        (1, "label", "UNCAT"),
        (2, "label", ""),
    ]
    assert words() == [("ana", "J0003", "RFI")]


@pytest.mark.parametrize(
    ("lines", "columns", "reason"),
    [
        ({1: "4"}, "beam", "has no column of labels"),
        ({1: "pulsar"}, "label", "row 1, label is no label"),
    ],
)
def test_a_file_without_labels_says_what_is_wrong(
    tmp_path, ana, lines, columns, reason
):
    build = brought(written(tmp_path / "a.csv", lines, columns), ana)
    assert build.state == State.FAILED
    assert build.reason.startswith("No row could be used: a.csv")
    assert reason in build.reason
    assert not Label.objects.exists()


def test_whose_person_is_gone_fails_in_words(tmp_path, ana):
    asked = ask(
        Brought("a.csv", written(tmp_path / "a.csv", {1: "RFI"})),
        survey="S",
        person=ana,
        by=None,
        send_it=False,
    )
    ana.delete()
    work_on(asked)
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == (
        State.FAILED,
        "The person whose labels these are is no longer here.",
    )


@pytest.mark.parametrize("stops_at", [1, 2, 3])
def test_begun_anew_it_ends_as_if_nothing_had_been(tmp_path, ana, stops_at):
    brought(written(tmp_path / "a.csv", {1: "NOISE", 2: "RFI"}), ana)
    many = dict.fromkeys(range(1, 1201), "RFI")
    file = written(tmp_path / "b.csv", many)
    asked = ask(
        Brought(file.name, file), survey="HTRU-S", person=ana, by=None, send_it=False
    )
    looks = count(1)
    work_on(asked, stopping=lambda: next(looks) == stops_at)
    asked.refresh_from_db()
    assert asked.state == State.QUEUED
    work_on(asked)
    asked.refresh_from_db()
    assert asked.state == State.SUCCESS
    assert asked.notes[0] == "1,199 labels were brought in."
    assert asked.notes[-1] == "1 was there already, and stays as it was."
    held = Label.objects.current()
    assert held.count() == held.values("hash").distinct().count() == 1200
    assert set(held.values_list("verdict", flat=True)) == {"RFI"}
    assert len(events("labels.imported")) == 2


def test_one_that_is_cancelled_changes_nothing(client, tmp_path, ana):
    client.force_login(ana)
    brought(written(tmp_path / "b.csv", {1: "T1_CAND"}), ana, "S")
    file = written(tmp_path / "a.csv", dict.fromkeys(range(1, 601), "RFI"))
    asked = ask(
        Brought(file.name, file), survey="S", person=ana, by=None, send_it=False
    )
    looks = count(1)

    def cancelled() -> bool:
        if next(looks) == 1:
            Build.objects.update(cancel_requested=True)
        return False

    with pytest.MonkeyPatch.context() as patch:
        # Each sign of life is given, however short the last one's age.
        patch.setattr(BuildBeat, "__call__", _at_once)
        work_on(asked, stopping=cancelled)
    asked.refresh_from_db()
    assert (asked.state, asked.labels.count()) == (State.CANCELLED, 500)
    assert words() == [("ana", "J0001", "T1_CAND")]
    assert not Label.objects.gone().exists()
    assert "Nothing was changed." in text(client.get(asked.get_absolute_url()))
    call_command("sweep_registry")
    assert [label.name for label in Label.objects.all()] == ["J0001"]
    assert brought(file, ana, "S").notes[0] == "600 labels were brought in."


def _at_once(beat: BuildBeat, *_done: int) -> None:
    beat.stopping()
    beat.now()


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("point", "holds", "freed"),
    [
        ("labels.kept", 0, True),
        ("build.done", 0, True),
        ("labels.landed", 600, False),
        ("labels.settled", 600, False),
    ],
)
def test_killed_anywhere_a_file_holds_as_a_whole_or_not_at_all(
    client, tmp_path, ana, point, holds, freed
):
    brought(written(tmp_path / "a.csv", {1: "NOISE", 700: "RFI"}), ana)
    file = written(tmp_path / "b.csv", dict.fromkeys(range(1, 601), "T1_CAND"))
    asked = ask(
        Brought(file.name, file), survey="HTRU-S", person=ana, by=None, send_it=False
    )
    assert killed_at(point, work_on, asked) == CRASHED
    pulsars, others = [], [("ana", "J0700", "RFI")]
    if holds:
        pulsars = [("ana", f"J{n:04}", "T1_CAND") for n in range(1, holds + 1)]
    else:
        others = [("ana", "J0001", "NOISE"), *others]
    assert words() == pulsars + others
    client.force_login(ana)
    page = client.get("/registry/labels/")
    assert (page.context["filed"].n, page.context["filed"].n_pulsars) == (
        len(pulsars + others),
        len(pulsars),
    )

    Build.objects.filter(lease_until__gt=now()).update(lease_until=now())
    freed_now = sweep(Build)
    call_command("sweep_registry")
    assert freed_now == ([asked] if freed else [])
    work_on(Build.objects.get(pk=asked.pk))
    assert words() == [
        *(("ana", f"J{n:04}", "T1_CAND") for n in range(1, 601)),
        ("ana", "J0700", "RFI"),
    ]
    assert not Label.objects.filter(coming=True).exists()
    assert [label.verdict for label in Label.objects.gone()] == ["NOISE"]
    told = [detail["labels"] for *_, detail in events("labels.imported")]
    assert told == [2, 600]


@pytest.mark.engines
def test_a_person_has_one_word_that_holds_of_a_candidate(tmp_path, ana):
    brought(written(tmp_path / "a.csv", {1: "NOISE"}), ana)
    label = Label.objects.get()
    label.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        label.save()
    label.current = None
    label.save()
    assert Label.objects.count() == 2


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_leave_one_word_a_candidate(tmp_path, ana):
    many = range(1, 601)
    files = [
        written(tmp_path / "a.csv", dict.fromkeys(many, "T1_CAND")),
        written(tmp_path / "b.csv", dict.fromkeys(reversed(many), "RFI")),
    ]
    start = threading.Barrier(2)

    def bring(file: Path) -> None:
        start.wait()
        brought(file, ana)
        connection.close()

    threads = [threading.Thread(target=bring, args=[file]) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = Build.objects.values_list("state", "n_rejected")
    assert list(states) == [(State.SUCCESS, 0)] * 2
    held = Label.objects.current()
    assert held.count() == held.values("hash").distinct().count() == 600


def test_the_command_answers_in_words_and_in_json(tmp_path, ana, capsys):
    file = written(tmp_path / "a.csv", {1: "T1_CAND", 2: "?"})
    arguments = ["--file", str(file), "--survey", "S", "--person", "ana"]
    call_command("registry_labels", *arguments)
    build = Build.objects.get()
    assert capsys.readouterr().out == (
        f"{build}: 2 rows, 1 rejected\n1 label was brought in.\n"
    )
    call_command("registry_labels", *arguments, "--json")
    again = Build.objects.latest("pk")
    assert json.loads(capsys.readouterr().out) == {
        "build": again.pk,
        "state": "success",
        "reason": "",
        "rows": 2,
        "rejected": 1,
        "notes": ["Nothing is new.", "1 was there already, and stays as it was."],
        "dataset": None,
        "labels": 0,
    }


@pytest.mark.parametrize(
    ("file", "name", "reason"),
    [("no.csv", "ana", "There is no file"), ("a.csv", "eve", "There is no user eve.")],
)
def test_the_command_refuses_what_is_not_there(tmp_path, ana, file, name, reason):
    written(tmp_path / "a.csv", {1: "RFI"})
    path = tmp_path / file
    with pytest.raises(CommandError, match=reason):
        call_command("registry_labels", file=path, survey="S", person=name)


def test_an_admin_brings_a_file_in_for_somebody(client, person, ana, tmp_path):
    admin = person("admin", "ada")
    client.force_login(admin)
    page = client.get(IMPORT)
    assert page.status_code == 200
    assert page.context["form"]["person"].value() == admin.pk
    file = written(tmp_path / "a.csv", {1: "RFI"})
    with file.open("rb") as opened:
        answer = client.post(IMPORT, {"file": opened, "survey": "S", "person": ana.pk})
    build = Build.objects.get()
    assert answer.url == build.get_absolute_url()
    assert (build.kind, build.by, build.name) == (Build.Kind.LABELS, admin, "a.csv")
    assert {k: v for k, v in build.order.items() if k != "files"} == {
        "survey": "S",
        "person": ana.pk,
    }


def test_what_is_missing_is_asked_for(client, person):
    client.force_login(person("admin"))
    answer = client.post(IMPORT, {"survey": ""})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"file", "survey", "person"}


@pytest.mark.parametrize("role", ["researcher", "operator"])
def test_others_may_not_bring_labels_in(client, person, role):
    client.force_login(person(role))
    assert client.get(IMPORT).status_code == 403
    assert IMPORT not in text(client.get("/registry/labels/"))
