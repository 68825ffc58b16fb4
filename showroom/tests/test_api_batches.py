"""Batches through the API: brought, followed, stopped, deleted and brought back."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils.timezone import now

from monitor.work import State
from pulsar_ml.features import FEATURES
from pulsar_ml.tests import raw_files
from registry import serving
from registry.models import Alias, Version
from showroom.models import Batch, Chunk
from showroom.tests.conftest import as_csv, simulate, upload

pytestmark = pytest.mark.django_db

BATCHES = "/api/v1/batches"


def send(program, *files, to=BATCHES, **fields):
    return program.post(to, {"files": list(files), **fields})


def table(rows=20, seed=0, name="sky.csv"):
    return upload(name, as_csv(simulate(rows, seed)))


def detail(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


@pytest.fixture
def ana(caller, champion):
    return caller("researcher", "ana")


def test_a_small_table_is_scored_in_the_request(ana, champion):
    answer = send(ana, table())

    batch = Batch.objects.get()
    assert answer.status_code == 201
    told = answer.json()
    times = {name: told.pop(name) for name in list(told) if name.endswith("_at")}
    assert told == {
        "id": batch.pk,
        "url": f"/showroom/batches/{batch.pk}/",
        "title": "sky.csv",
        "source": "upload",
        "state": "success",
        "reason": "",
        "owner": "ana",
        "private": False,
        "blind": False,
        "version": str(champion),
        "percent": 100,
        "n_rows": 20,
        "n_scored": 20,
        "n_pulsars": 2,
        "n_rejected": 0,
        "sha256": batch.sha256,
    }
    assert set(times) == {"created_at", "started_at", "finished_at"}
    assert all(time.endswith("Z") for time in times.values())


def test_what_takes_longer_is_accepted_and_tells_how_far_it_is(
    ana, champion, reconfigured, mailbox
):
    reconfigured("showroom", inline_rows=5)
    Batch.objects.create(version=champion, title="before")
    answer = send(ana, table())

    batch = Batch.objects.get(title="sky.csv")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert mailbox() == [(batch.pk, "interactive")]
    there = ana.get(f"{BATCHES}/{batch.pk}").json()
    assert (there["percent"], there["ahead"], there["pace"]) == (0, 1, None)

    Batch.objects.filter(pk=batch.pk).update(
        state=State.RUNNING,
        holder="w" * 32,
        bytes_read=batch.bytes_total // 2,
        n_rows=8,
    )
    for number, seconds in enumerate((0, 2)):
        line = Chunk.objects.create(
            batch=batch,
            number=number,
            first_row=1 + 4 * number,
            n_rows=4,
            n_scored=4,
            n_pulsars=0,
            histogram=[],
            part=f"part-{number:05d}-wwwwwwww.parquet",
        )
        at = now() + timedelta(seconds=seconds)
        Chunk.objects.filter(pk=line.pk).update(written_at=at)
    there = ana.get(f"{BATCHES}/{batch.pk}").json()
    assert there["pace"]["rows_per_second"] == 2
    assert there["pace"]["time_left"] in {"PT4S", "PT5S"}


def test_one_batch_tells_what_its_page_tells(ana, champion):
    content = as_csv(simulate(20), DM=["1.5"] * 20)
    number = send(ana, upload("sky.csv", content), table(seed=1)).json()["id"]
    batch = Batch.objects.get(pk=number)

    told = ana.get(f"{BATCHES}/{number}").json()
    assert {name: told[name] for name in told if name not in LISTED} == {
        "ahead": None,
        "pace": None,
        "threshold": champion.card["threshold"],
        "columns": ["DM"],
        "notes": batch.notes,
        "n_files": 2,
        "bytes_total": batch.bytes_total,
        "input_sha256": batch.input_sha256,
        "again_of": None,
        "run": None,
        "day": None,
    }
    files = ana.get(f"{BATCHES}/{number}/files").json()["results"]
    first = batch.files.get(position=0)
    assert len(files) == 2
    assert files[0] == {
        "name": "sky.csv",
        "sha256": first.sha256,
        "size": len(content),
        "removed_at": None,
    }


LISTED = {
    *("id", "url", "title", "source", "state", "reason", "owner", "private", "blind"),
    *("version", "percent", "n_rows", "n_scored", "n_pulsars", "n_rejected", "sha256"),
    *("created_at", "started_at", "finished_at"),
}


def test_raw_candidates_and_archives_are_files_like_others(ana):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("a.phcx", raw_files.phcx())
        opened.writestr("notes.txt", "dear diary")
    one = send(ana, upload("a.phcx", raw_files.phcx()), to="/api/v1/candidates")
    both = send(ana, upload("jar.zip", packed.getvalue()))

    assert (one.status_code, both.status_code) == (201, 201)
    assert [(a.json()["n_scored"], a.json()["title"]) for a in (one, both)] == [
        (1, "a.phcx"),
        (1, "jar.zip"),
    ]


def test_the_same_bytes_lead_to_the_batch_that_they_were(ana, caller):
    first = send(ana, table(), private="true")
    again = send(ana, table(name="other.csv"))
    bens = send(caller("researcher", "ben"), table())

    assert (again.status_code, again.json()) == (200, first.json())
    # What is private to her is not there for anybody else.
    assert bens.status_code == 201
    assert Batch.objects.count() == 2


def test_what_the_page_offers_at_an_upload_is_offered_here(ana, caller):
    told = send(ana, table(), private="true", blind="on").json()

    assert (told["private"], told["blind"]) == (True, True)
    ben = caller("researcher", "ben")
    assert ben.get(f"{BATCHES}/{told['id']}").status_code == 404
    assert ben.get(BATCHES).json()["results"] == []
    boss = caller("admin").get(BATCHES).json()["results"]
    assert [one["id"] for one in boss] == [told["id"]]


def test_a_file_without_a_usable_row_makes_a_batch_that_says_so(ana):
    told = send(ana, upload("notes.csv", b"dear diary\ntoday was cloudy\n")).json()

    assert told["state"] == "failed"
    assert told["reason"].startswith("No row could be used")


def test_what_is_no_upload_is_refused(ana, reconfigured):
    reconfigured("showroom", max_files=1)
    nothing, two = send(ana), send(ana, table(), table(seed=1))
    wrong = send(ana, table(), private="perhaps")
    text = ana.post(BATCHES, "[]", content_type="application/json")
    torn = ana.post(BATCHES, b"--x\r\n", content_type="multipart/form-data; boundary=y")

    assert two.status_code == 422
    assert two.json()["errors"] == [
        {"loc": ["body", "files"], "msg": "At most 1 files go into one batch."}
    ]
    for answer in (nothing, wrong, text, torn):
        assert 400 <= answer.status_code < 500
        assert answer["Content-Type"] == "application/problem+json"
    assert not Batch.objects.exists()


def test_without_room_nothing_is_kept(ana, reconfigured, storage):
    reconfigured("storage", reserve_bytes=2**62)
    status, why = detail(send(ana, table()))

    assert status == 507
    assert why.endswith("Nothing of this upload was kept.")
    assert not list((storage / "uploads").glob("*"))


def test_without_a_champion_it_is_the_site_that_cannot_answer(ana, champion):
    Alias.objects.all().delete()
    serving._at_alias.cache_clear()

    assert detail(send(ana, table())) == (503, "There is no version pulsar@champion.")
    assert not Batch.objects.exists()


def test_a_token_that_only_reads_changes_nothing(caller, ana):
    number = send(ana, table()).json()["id"]
    reader = caller("researcher", "ana", read_only=True)

    assert reader.get(f"{BATCHES}/{number}").status_code == 200
    answers = [
        send(reader, table(seed=1)),
        reader.delete(f"{BATCHES}/{number}"),
        *(
            reader.post(f"{BATCHES}/{number}/{verb}")
            for verb in ("cancel", "resume", "again", "publish", "blind", "restore")
        ),
    ]
    assert {detail(answer) for answer in answers} == {(403, "This token only reads.")}
    assert Batch.objects.get().deleted_at is None


def test_a_list_is_of_what_is_asked_for(ana, caller, champion, person):
    send(ana, table())
    send(caller("researcher", "ben"), table(seed=1, name="100% of M31.csv"))
    Batch.objects.create(version=champion, title="cases", source=Batch.Source.CASES)
    other = Version.objects.exclude(pk=champion.pk).get()

    def titles(**query):
        answer = ana.get(BATCHES, query)
        assert answer.status_code == 200
        return [one["title"] for one in answer.json()["results"]]

    assert titles() == ["cases", "100% of M31.csv", "sky.csv"]
    assert titles(owner="ben") == titles(text="% of m") == ["100% of M31.csv"]
    assert titles(state="success", text="SKY") == ["sky.csv"]
    assert titles(source="cases") == ["cases"]
    assert titles(version=str(champion)) == titles()
    same = Batch.objects.get(title="sky.csv").input_sha256
    assert titles(input_sha256=same) == ["sky.csv"]
    assert titles(version=str(other)) == titles(owner="nobody") == []


def test_a_filter_that_makes_no_sense_is_refused(ana):
    for query in (
        {"version": "pulsar/0x2"},
        {"version": "pulsar/" + "9" * 30},
        {"text": "a\x00b"},
        {"owner": "x" * 300},
        {"state": "tired"},
        {"input_sha256": "x"},
    ):
        answer = ana.get(BATCHES, query)
        assert answer.status_code == 422, query
        (wrong,) = answer.json()["errors"]
        assert wrong["loc"] == ["query", *query]


def test_a_number_that_no_batch_has_is_404(ana):
    for number in ("0", "-1", "9" * 30):
        assert ana.get(f"{BATCHES}/{number}").status_code == 404


def test_a_batch_that_waits_is_cancelled_and_goes_on(ana, reconfigured, mailbox):
    reconfigured("showroom", inline_rows=5)
    number = send(ana, table()).json()["id"]
    mailbox()

    stopped = ana.post(f"{BATCHES}/{number}/cancel").json()
    assert (stopped["state"], stopped["reason"]) == (
        "cancelled",
        "Cancelled on request.",
    )
    assert ana.post(f"{BATCHES}/{number}/cancel").json() == stopped
    assert ana.post(f"{BATCHES}/{number}/resume").json()["state"] == "queued"
    assert mailbox() == [(number, "interactive")]


def test_only_who_may_change_a_batch_stops_it(ana, caller, champion, person):
    number = send(ana, table()).json()["id"]
    run = Batch.objects.create(
        version=champion, title="night", source=Batch.Source.DISPATCH
    )
    ben, operator = caller("researcher", "ben"), caller("operator")

    for verb in ("cancel", "resume", "blind", "unblind"):
        assert ben.post(f"{BATCHES}/{number}/{verb}").status_code == 403
        assert operator.post(f"{BATCHES}/{number}/{verb}").status_code == 200
    assert ben.post(f"{BATCHES}/{number}/publish").status_code == 403
    assert detail(operator.delete(f"{BATCHES}/{number}")) == (
        403,
        "Only its owner or an admin may delete a batch.",
    )
    assert detail(operator.post(f"{BATCHES}/{run.pk}/cancel")) == (
        403,
        "It belongs to a run of a schedule: do that there.",
    )


def test_files_are_classified_again_by_a_version_that_is_named(ana, champion):
    number = send(ana, table()).json()["id"]
    other = Version.objects.exclude(pk=champion.pk).get()

    def again(**asked):
        address = f"{BATCHES}/{number}/again"
        return ana.post(address, asked, content_type="application/json")

    answer = again(version=str(other), private=True)
    told = answer.json()
    assert (answer.status_code, told["version"], told["private"]) == (
        201,
        str(other),
        True,
    )
    assert ana.get(f"{BATCHES}/{told['id']}").json()["again_of"] == number
    assert again().json()["version"] == str(champion)
    assert detail(again(version="pulsar/99")) == (
        404,
        "There is no version pulsar/99.",
    )
    assert again(version="\x00").status_code == 404
    assert again(version="x" * 101).status_code == 422
    Batch.objects.get(pk=number).files.get().path.unlink()
    status, why = detail(again())
    assert (status, why[:35]) == (409, "The site no longer has sky.csv. To ")


def test_without_room_nothing_is_classified_again(ana, reconfigured):
    number = send(ana, table()).json()["id"]
    reconfigured("storage", reserve_bytes=2**62)
    again = ana.post(f"{BATCHES}/{number}/again", {}, content_type="application/json")

    status, why = detail(again)
    assert (status, why[:18]) == (507, "The disk is full: ")
    assert Batch.objects.count() == 1


def test_what_is_classified_again_waits_where_the_storage_refuses(ana, storage):
    """It is made by then: an error would have it asked for, and made, once more."""
    number = send(ana, table()).json()["id"]
    (storage / "tmp").rmdir()
    (storage / "tmp").write_text("This is no folder.")
    again = ana.post(f"{BATCHES}/{number}/again", {}, content_type="application/json")

    assert (again.status_code, again.json()["state"]) == (202, "queued")


def test_which_batch_it_was_before_is_for_those_who_may_see_that(ana, caller):
    hidden = send(ana, table(), private="1").json()["id"]
    again = ana.post(f"{BATCHES}/{hidden}/again", {}, content_type="application/json")
    number = again.json()["id"]
    ana.post(f"{BATCHES}/{number}/publish")

    assert ana.get(f"{BATCHES}/{number}").json()["again_of"] == hidden
    ben = caller("researcher", "ben")
    assert ben.get(f"{BATCHES}/{number}").json()["again_of"] is None


def test_a_private_batch_is_published_once(ana, caller):
    number = send(ana, table(), private="1").json()["id"]

    assert ana.post(f"{BATCHES}/{number}/publish").json()["private"] is False
    assert detail(ana.post(f"{BATCHES}/{number}/publish")) == (
        409,
        "The batch is open to everybody already.",
    )
    ben = caller("researcher", "ben")
    assert ben.get(f"{BATCHES}/{number}").json()["id"] == number


def test_a_batch_is_made_blind_and_open_again(ana):
    number = send(ana, table()).json()["id"]

    assert ana.post(f"{BATCHES}/{number}/blind").json()["blind"] is True
    assert ana.post(f"{BATCHES}/{number}/unblind").json()["blind"] is False


def test_what_is_deleted_lies_in_the_bin_until_it_comes_back_or_goes(ana, caller):
    number = send(ana, table()).json()["id"]
    ben = caller("researcher", "ben")

    def deleted(program):
        answer = program.get(f"{BATCHES}/deleted").json()
        return [(one["id"], one["deleted_by"]) for one in answer["results"]]

    assert ana.delete(f"{BATCHES}/{number}").status_code == 204
    assert ana.get(f"{BATCHES}/{number}").status_code == 404
    assert ana.delete(f"{BATCHES}/{number}").status_code == 404
    assert (deleted(ana), deleted(ben)) == ([(number, "ana")], [])
    for verb in ("restore", "remove"):
        assert ben.post(f"{BATCHES}/{number}/{verb}").status_code == 404
    assert ana.post(f"{BATCHES}/{number}/restore").json()["id"] == number
    assert deleted(ana) == []

    ana.delete(f"{BATCHES}/{number}")
    freed = ana.post(f"{BATCHES}/{number}/remove").json()["freed_bytes"]
    assert freed > 1000
    assert not Batch.objects.exists()


def test_what_is_at_work_is_not_deleted(ana, reconfigured):
    reconfigured("showroom", inline_rows=5)
    number = send(ana, table()).json()["id"]

    assert detail(ana.delete(f"{BATCHES}/{number}")) == (
        409,
        "It is not at its end: cancel it first.",
    )


def test_the_eight_features_are_called_as_everywhere(ana):
    number = send(ana, table()).json()["id"]
    (row,) = ana.get(f"{BATCHES}/{number}/rows?page_size=1").json()["results"]
    assert tuple(row["features"]) == FEATURES


def test_everybody_learns_what_their_batches_take_and_operators_what_all_do(
    ana, caller
):
    send(ana, table())
    batch = Batch.objects.get()
    own = ana.get("/api/v1/storage").json()
    site = caller("operator").get("/api/v1/storage").json()

    scores, uploads = batch.chunks.get().n_bytes, batch.files.get().size
    assert own == {"scores": scores, "uploads": uploads, "site": None}
    assert (site["scores"], site["uploads"]) == (0, 0)
    assert site["site"]["owners"] == [
        {"owner": "ana", "batches": 1, "scores": scores, "uploads": uploads}
    ]
    kinds = {kind["name"]: kind["bytes"] for kind in site["site"]["kinds"]}
    assert (kinds["uploads"], kinds["scores"]) == (uploads, scores)
