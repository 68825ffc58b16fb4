"""Sentinels: put in from files and datasets, taken out, put back; where each stands."""

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from pulsar_ml import parquet
from pulsar_ml.features import FEATURES
from pulsar_ml.tests.test_archive import zipped
from registry import serving
from registry.datasets import ask, bring_in
from registry.datasets.build import build as work_on
from registry.models import Build, Dataset, Sentinel
from registry.sentinels import read
from registry.sentinels.add import Known, add, put_back
from registry.sentinels.remove import remove
from registry.sentinels.search import search
from registry.sentinels.uses import uses
from registry.ship import register_shipped
from registry.tests.labels import digest, events, features, said, text, written

pytestmark = pytest.mark.django_db

PAGE = "/registry/sentinels/"
ADD = f"{PAGE}add/"


def known(n: int, name: str = "") -> Known:
    return Known(name or f"J{n:04}", digest(n), features(n), "", f"a.csv, row {n}")


def present() -> list[tuple[str, str]]:
    """Name and origin of those that are in the set."""
    found = Sentinel.objects.filter(removed_at=None).order_by("name")
    return list(found.values_list("name", "origin"))


@pytest.fixture
def admin(client, person):
    admin = person("admin", "ada")
    client.force_login(admin)
    return admin


@pytest.fixture
def dataset(tmp_path) -> Dataset:
    """A few rows: 1 to 4 are pulsars, of which some are in the hold-out."""
    lines = dict.fromkeys(range(1, 5), "1") | {5: "0"}
    return imported(written(tmp_path / "known.csv", lines, "class"))


def imported(file: Path) -> Dataset:
    asked = ask.ask(
        Build.Kind.IMPORT,
        name=file.name,
        order={"url": "", "preset": ""},
        files={bring_in.TABLE: ask.Brought(file.name, file)},
        by=None,
        send_it=False,
    )
    work_on(asked)
    asked.refresh_from_db()
    assert asked.dataset, asked.reason
    return asked.dataset


def post(client, file: Path, **values):
    with file.open("rb") as opened:
        return client.post(ADD, {"file": opened, **values})


def test_the_pulsars_of_a_file_come_in_and_the_others_are_told(client, admin, tmp_path):
    file = written(
        tmp_path / "group.csv",
        {1: "KNOWN_PSR,2010-05-14", 2: "RFI,", 3: "1,"},
        "verdict,pointing_utc",
    )
    answer = post(client, file, note="bright ones")
    assert answer.url == PAGE
    assert said(answer) == [
        "group.csv: 2 came under the sentinels.",
        "1 row was not taken. Row 2, verdict 'RFI' is not the label of a pulsar.",
    ]
    first, second = Sentinel.objects.order_by("name")
    assert (first.name, first.hash, first.features) == ("J0001", digest(1), features(1))
    assert (first.pointing, first.origin) == ("2010-05-14", "group.csv, row 1")
    assert (first.note, first.added_by) == ("bright ones", admin)
    assert (second.name, second.origin) == ("J0003", "group.csv, row 3")
    assert events("sentinel.added") == [
        ("sentinel.added", name, str(admin.pk), {"origin": f"group.csv, row {row}"})
        for name, row in (("J0001", 1), ("J0003", 3))
    ]


def test_the_same_again_changes_nothing_and_says_so(client, admin, tmp_path):
    # Without labels each row is a pulsar.
    file = written(tmp_path / "a.csv", {1: "4", 2: "5"}, "beam")
    post(client, file)
    assert said(post(client, file))[1:] == ["a.csv: 2 there already."]
    assert len(present()) == 2
    assert len(events("sentinel.added")) == 2


@pytest.mark.parametrize(
    ("lines", "columns", "reason"),
    [
        ({1: "0"}, "class", "Row 1, class '0' is not the label of a pulsar."),
        ({}, "class", "has no pulsar that can be used"),
    ],
)
def test_a_file_without_pulsars_is_refused_in_words(
    client, admin, tmp_path, lines, columns, reason
):
    answer = post(client, written(tmp_path / "a.csv", lines, columns))
    assert answer.status_code == 422
    assert reason in answer.context["form"].errors["file"][0]
    assert not Sentinel.objects.exists()


def test_a_file_of_very_many_is_refused(client, admin, tmp_path, monkeypatch):
    monkeypatch.setattr(read, "MOST", 2)
    file = written(tmp_path / "a.csv", dict.fromkeys(range(1, 4), ""), "beam")
    errors = post(client, file).context["form"].errors
    assert errors == {"file": ["a.csv has more than 2 pulsars."]}
    assert not Sentinel.objects.exists()


def test_of_very_many_other_rows_the_first_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "MOST", 2)
    labels = {1: "1", 2: "0", 3: "0", 4: "0"}
    found = read.read_file(written(tmp_path / "a.csv", labels, "class"), "a.csv")
    assert [reject.row for reject in found.rejects] == [2, 3]
    assert found.n_rejected == 3


def test_one_is_taken_out_and_put_back(client, admin):
    add([known(1, "Vela"), known(2)], by=None)
    vela = Sentinel.objects.get(name="Vela")
    client.post(f"{PAGE}{vela.pk}/remove/")
    client.post(f"{PAGE}{vela.pk}/remove/")
    assert present() == [("J0002", "a.csv, row 2")]
    assert f"{PAGE}{vela.pk}/restore/" in text(client.get(PAGE))
    client.post(f"{PAGE}{vela.pk}/restore/")
    client.post(f"{PAGE}{vela.pk}/restore/")
    assert [name for name, _ in present()] == ["J0002", "Vela"]
    who = str(admin.pk)
    assert events("sentinel.added", "sentinel.removed")[2:] == [
        ("sentinel.removed", "Vela", who, {}),
        ("sentinel.added", "Vela", who, {"how": "put back"}),
    ]


def test_one_that_was_taken_out_comes_back_with_its_file(client, admin):
    add([known(1)], by=None)
    client.post(f"{PAGE}{Sentinel.objects.get().pk}/remove/")
    assert str(add([known(1), known(2)], by=None)) == (
        "1 came under the sentinels, 1 put back"
    )


def test_pulsars_of_a_dataset_are_found_by_name_and_by_hash(client, admin, dataset):
    assert [f.pulsar.name for f in search(dataset, "j000")] == sorted(
        ["J0001", "J0002", "J0003", "J0004"],
        key=lambda name: (not held_out(dataset, name), name),
    )
    found = client.get(ADD, {"dataset": dataset.number, "text": digest(2)[:10]})
    ((pulsar, _, is_sentinel),) = found.context["found"]
    assert pulsar == Known(
        "J0002", digest(2), features(2), "", f"dataset {dataset.number}, row 2"
    )
    assert not is_sentinel
    # The fifth row is none.
    assert search(dataset, "J0005") == []
    nothing = client.get(ADD, {"dataset": dataset.number, "text": "J0005"})
    assert "No pulsar fits." in text(nothing)


def held_out(dataset: Dataset, name: str) -> bool:
    ((_, side, _),) = search(dataset, name)
    return side


def test_those_that_are_ticked_come_in(client, admin, dataset):
    ticked = [digest(1), digest(3), digest(5), "none"]
    answer = client.post(
        ADD, {"dataset": dataset.number, "hash": ticked, "note": "known for long"}
    )
    assert said(answer) == [f"{dataset}: 2 came under the sentinels."]
    assert present() == [("J0001", f"{dataset}, row 1"), ("J0003", f"{dataset}, row 3")]
    ((_, _, is_sentinel),) = search(dataset, "J0003")
    assert is_sentinel


def test_nothing_ticked_adds_nothing(client, admin, dataset):
    answer = client.post(ADD, {"dataset": dataset.number})
    assert answer.status_code == 422
    assert said(answer) == ["Tick at least one pulsar."]


def test_a_note_that_no_column_holds_is_refused(client, admin, dataset):
    asked = {"dataset": dataset.number, "hash": ["0" * 64], "note": "a\0b"}
    answer = client.post(ADD, asked)
    assert answer.status_code == 422
    assert "Note: Null characters are not allowed." in text(answer)


@pytest.mark.parametrize("number", ["", "99", "9" * 30, "²"])
def test_a_dataset_that_is_not_there_is_not_found(client, admin, number):
    assert client.post(ADD, {"dataset": number}).status_code == 404


def test_a_dataset_without_its_files_is_told(client, admin, dataset):
    (dataset.folder / "rows.parquet").unlink()
    page = client.get(ADD, {"dataset": dataset.number})
    assert said(page) == [f"The rows of {dataset} are not where they were stored."]
    assert client.get(PAGE).status_code == 200


def test_the_page_says_where_each_is_used(client, admin, dataset):
    register_shipped()
    champion = serving.find("pulsar@champion")
    seen = min(serving.serve(champion).scorer.trained_on())
    add([known(1)], by=None)
    Sentinel.objects.create(name="Old", hash=seen, features=features(9))
    lines = {
        sentinel.name: (found.datasets, found.versions)
        for sentinel, found in client.get(PAGE).context["lines"]
    }
    assert lines == {"J0001": ([dataset], []), "Old": ([], [champion])}


def test_all_datasets_are_asked_at_once(dataset, tmp_path, monkeypatch):
    other = imported(written(tmp_path / "more.csv", {2: "1", 6: "1", 7: "0"}, "class"))
    sentinels = [Sentinel(name=f"J{n}", hash=digest(n)) for n in (1, 2, 6)]
    opened = []
    connection = parquet.connection

    def counted(*given, **named):
        opened.append(given)
        return connection(*given, **named)

    monkeypatch.setattr(parquet, "connection", counted)
    found = uses(sentinels)

    stands = [found[sentinel.hash].datasets for sentinel in sentinels]
    assert stands == [[dataset], [dataset, other], [other]]
    assert len(opened) == 1


def test_very_many_are_shown_page_by_page(client, admin):
    Sentinel.objects.bulk_create(
        Sentinel(name=f"J{n:04}", hash=digest(n), features=features(n))
        for n in range(201)
    )
    first, second = (client.get(PAGE, {"page": n}) for n in (1, 2))
    assert "201 pulsars" in text(first)
    assert [sentinel.name for sentinel, _ in second.context["lines"]] == ["J0200"]
    assert len(first.context["lines"]) == 200


@pytest.mark.parametrize("role", ["researcher", "operator"])
def test_others_see_them_and_change_nothing(client, person, role):
    add([known(1)], by=None)
    client.force_login(person(role))
    page = client.get(PAGE)
    assert page.status_code == 200
    assert ADD not in text(page)
    sentinel = Sentinel.objects.get()
    assert client.get(ADD).status_code == 403
    assert f"{PAGE}{sentinel.pk}/" not in text(page)
    for verb in ("remove", "restore"):
        assert client.post(f"{PAGE}{sentinel.pk}/{verb}/").status_code == 403


def test_without_sentinels_the_page_says_what_they_are_for(client, admin):
    assert "There are no sentinels." in text(client.get(PAGE))
    assert "There are no datasets." in text(client.get(ADD))


def test_the_command_adds_lists_and_takes_out(tmp_path, capsys):
    file = written(tmp_path / "a.csv", {1: "1", 2: "0"}, "class")
    call_command("registry_sentinels", add=file)
    told = capsys.readouterr()
    assert told.out == f"{digest(1)[:12]}  J0001  (a.csv, row 1)\n"
    assert told.err == (
        "a.csv: 1 came under the sentinels.\n"
        "Not taken: Row 2, class '0' is not the label of a pulsar.\n"
    )
    call_command("registry_sentinels", "--json")
    assert json.loads(capsys.readouterr().out) == [
        {
            "name": "J0001",
            "hash": digest(1),
            "origin": "a.csv, row 1",
            "note": "",
        }
    ]
    call_command("registry_sentinels", remove="J0001")
    assert capsys.readouterr().out == "There are no sentinels.\n"


def test_the_command_takes_none_out_whose_name_two_have(capsys):
    add([known(1, "same"), known(2, "same")], by=None)
    with pytest.raises(CommandError, match="2 are called same: give its hash"):
        call_command("registry_sentinels", remove="same")
    with pytest.raises(CommandError, match="None is called other: give its hash"):
        call_command("registry_sentinels", remove="other")
    call_command("registry_sentinels", remove=digest(2))
    assert [origin for _, origin in present()] == ["a.csv, row 1"]


def test_the_command_says_which_file_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("registry_sentinels", add=tmp_path / "no.csv")


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_do_each_thing_once(person):
    people = [person("admin", name) for name in ("ada", "eve")]
    pulsars = [known(n) for n in range(10)]
    orders = {people[0]: pulsars, people[1]: pulsars[::-1]}
    together(lambda who: add(orders[who], by=who), *people)
    assert [name for name, _ in present()] == [pulsar.name for pulsar in pulsars]
    assert len(events("sentinel.added")) == 10

    first = Sentinel.objects.earliest("name")
    together(lambda who: remove(first, by=who), *people)
    assert len(present()) == 9
    assert len(events("sentinel.removed")) == 1
    together(lambda who: put_back(first, by=who), *people)
    assert len(present()) == 10
    assert len(events("sentinel.added")) == 11


def together(work: Callable[[User], object], *people: User) -> None:
    """Have each of them do it in a thread and with a connection of their own."""
    start = threading.Barrier(len(people))

    def alone(who: User) -> object:
        start.wait()
        try:
            return work(who)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(alone, people))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\0\0",
        b"\xff\xfe",
        b"PK\x03\x04broken",
        b"SIMPLE  =                    T",
        b"name\n",
        b"\x93NUMPY",
        b"PAR1",
        b"," * 100_000,
        b'"' * 100_000,
    ],
)
def test_no_file_is_too_odd_to_be_refused_in_words(client, admin, content):
    for name in ("a.csv", "a.fits", "a.parquet", "a.zip", "../a\u202e.arff"):
        file = SimpleUploadedFile(name, content)
        answer = client.post(ADD, {"file": file})
        assert answer.status_code == 422
        assert answer.context["form"].errors["file"]
    assert not Sentinel.objects.exists()


NOISE = random.Random(1).randbytes(2**20)  # noqa: S311  # the same each time
# As many as tell how a table is written.
ROWS = [
    ",".join(map(str, row)).encode() for row in (FEATURES, *map(features, range(120)))
]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\n" * (16 * 2**20 + 1), "a.zip is larger than 16.0\xa0MB."),
        (
            zipped({"a.csv": NOISE, "b.csv": bytes(70 * 2**20)}),
            "It cannot be read: more than 64.0\xa0MB would be unpacked.",
        ),
        (
            b"\n".join([*ROWS, *[b"x"] * 100_001]),
            "a.zip has more than 100,000 rows.",
        ),
    ],
    ids=["large", "unpacked", "long"],
)
def test_no_file_is_read_for_longer_than_somebody_waits(client, admin, content, says):
    answer = client.post(ADD, {"file": SimpleUploadedFile("a.zip", content)})

    assert answer.status_code == 422
    assert answer.context["form"].errors["file"] == [says]
