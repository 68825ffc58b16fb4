"""Files of rows through the API: at once, or followed until a worker has them."""

import hashlib
import io

import pytest
from astropy.table import Table

from monitor.work import State
from pulsar_ml.features import FEATURES
from pulsar_ml.writers.write import FORMATS
from showroom.downloads import prepare
from showroom.models import Batch, Download
from showroom.tests.test_api_rows import address, table

pytestmark = pytest.mark.django_db

DOWNLOADS = "/api/v1/downloads"


@pytest.fixture
def survey(batch) -> Batch:
    return batch(40, name=[f"J{n % 7}" for n in range(40)])


@pytest.fixture
def program(caller):
    return caller("researcher", "ben")


@pytest.fixture
def queued(survey, reconfigured, program, mailbox) -> Download:
    """A file of pulsars that waits for its worker."""
    reconfigured("showroom", download_rows=3)
    program.get(address(survey, "scores"), {"predicted": "1", "format": "fits"})
    mailbox()
    return Download.objects.get()


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_a_file_holds_the_wanted_rows_in_every_format(program, survey, kind):
    asked = {"predicted": "0", "sort": "-dm_mean"}
    answer = program.get(address(survey, "scores"), {"format": kind.name, **asked})

    suffix = kind.suffixes[0]
    assert answer.status_code == 200
    assert answer["Content-Type"] == kind.media_type
    assert answer["Content-Disposition"] == (
        f'attachment; filename="batch-{survey.pk}-scores-selected{suffix}"'
    )
    astropys = {"csv": "ascii.csv"}.get(kind.name, kind.name)
    if kind.name == "parquet":
        assert (sent := content(answer))[:4] == sent[-4:] == b"PAR1"
        return
    found = Table.read(io.BytesIO(content(answer)), format=astropys)
    assert list(found["row"]) == [row["row"] for row in table(survey, **asked)]
    assert set(FEATURES) < set(found.colnames)


def test_csv_is_what_is_sent_when_no_format_is_asked_for(program, survey):
    lines = content(program.get(address(survey, "scores"))).decode().splitlines()

    assert len(lines) == 41
    assert lines[0].startswith("row,name,")
    with_verdicts = program.get(address(survey, "scores"), {"verdicts": "on"})
    heading = content(with_verdicts).decode().splitlines()[0]
    assert {"verdict", "verdict_agreed"} < set(heading.split(","))


def test_many_rows_are_followed_until_their_file_is_there(
    program, caller, survey, reconfigured, mailbox
):
    reconfigured("showroom", download_rows=3)
    asked = {"predicted": "1", "format": "votable"}
    answer = program.get(address(survey, "scores"), asked)

    waiting = Download.objects.get()
    told = answer.json()
    assert answer.status_code == 202
    assert told == {
        "id": waiting.pk,
        "url": f"/showroom/downloads/{waiting.pk}/",
        "batch": survey.pk,
        "format": "votable",
        "name": f"batch-{survey.pk}-scores-selected.vot",
        "words": "pulsars; by probability, falling",
        "state": "queued",
        "reason": "",
        "is_there": False,
        "n_rows": 4,
        "n_written": 0,
        "time_left": None,
        "size": 0,
        "sha256": "",
        "by": "ben",
        "created_at": told["created_at"],
        "finished_at": None,
    }
    assert mailbox() == [(waiting.pk, "heavy")]
    assert program.get(f"{DOWNLOADS}/{waiting.pk}/file").status_code == 404
    # The same wish is prepared once, for everybody.
    again = caller("researcher", "cleo").get(address(survey, "scores"), asked)
    assert again.json() == told

    prepare.prepare(waiting)
    done = program.get(f"{DOWNLOADS}/{waiting.pk}").json()
    file = program.get(f"{DOWNLOADS}/{waiting.pk}/file")
    sent = content(file)
    assert (done["state"], done["is_there"], done["n_written"]) == ("success", True, 4)
    assert done["size"] == len(sent)
    assert done["sha256"] == hashlib.sha256(sent).hexdigest()
    assert file["Content-Type"] == "application/x-votable+xml"
    listed = program.get(address(survey, "downloads")).json()
    assert listed == [done]


def test_who_asked_stops_it_and_others_do_not(program, caller, queued):
    path = f"{DOWNLOADS}/{queued.pk}/cancel"
    reader = caller("researcher", "ben", read_only=True)

    assert caller("researcher", "cleo").post(path).status_code == 403
    assert reader.post(path).status_code == 403
    assert program.post(path).json()["state"] == "cancelled"


def test_what_depends_on_verdicts_is_for_who_asked(
    program, caller, survey, reconfigured
):
    reconfigured("showroom", download_rows=3)
    number = program.get(address(survey, "scores"), {"verdict": "none"}).json()["id"]
    cleo = caller("researcher", "cleo")

    assert program.get(f"{DOWNLOADS}/{number}").status_code == 200
    assert cleo.get(f"{DOWNLOADS}/{number}").status_code == 404
    assert cleo.get(address(survey, "downloads")).json() == []


@pytest.mark.parametrize("personal", [{"verdict": "none"}, {"verdicts": "on"}])
def test_what_depends_on_verdicts_is_prepared_once_at_a_time_for_each(
    program, caller, survey, reconfigured, personal
):
    reconfigured("showroom", download_rows=3)
    cleo = caller("researcher", "cleo")

    def asked(who):
        answer = who.get(address(survey, "scores"), personal)
        assert answer.status_code == 202
        return answer.json()["id"]

    first = asked(program)
    assert asked(program) == first != asked(cleo)
    # Of one that is there other verdicts may have been given since.
    prepare.prepare(Download.objects.get(pk=first))
    assert Download.objects.get(pk=first).state == State.SUCCESS
    assert asked(program) != first


def test_nobody_keeps_all_workers_busy(
    program, caller, survey, reconfigured, monkeypatch
):
    reconfigured("showroom", download_rows=3)
    monkeypatch.setattr("showroom.downloads.download.MOST", 2)

    def asked(sort, who=program):
        return who.get(address(survey, "scores"), {"sort": sort})

    first, second, third = map(asked, ("row", "-row", "name"))
    assert (first.status_code, second.status_code) == (202, 202)
    assert (third.status_code, third.json()["detail"]) == (
        409,
        "2 downloads of yours are not ready yet: wait, or cancel some.",
    )
    assert asked("row").json() == first.json()
    assert asked("name", caller("researcher", "cleo")).status_code == 202
    program.post(f"{DOWNLOADS}/{first.json()['id']}/cancel")
    assert asked("name").status_code == 202


def test_a_file_of_a_batch_that_became_private_is_not_there(program, queued):
    Batch.objects.filter(pk=queued.batch_id).update(private=True)
    for path in ("", "/file"):
        assert program.get(f"{DOWNLOADS}/{queued.pk}{path}").status_code == 404
    assert program.post(f"{DOWNLOADS}/{queued.pk}/cancel").status_code == 404


def test_what_cannot_be_written_is_refused(program, listed):
    for query in ({"format": "xlsx"}, {"sort": "color"}, {"verdicts": "yes"}):
        answer = program.get(address(listed, "scores"), query)
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["loc"] == ["query", *query]
