"""Verdicts through the API: given, undone, listed, queued, and as CandyJar's files."""

import csv

import pytest

from monitor.models import Outbox
from monitor.work import State
from pulsar_ml.features import candidate_hash
from registry.models import Label
from showroom.models import Batch, Verdict
from showroom.tests.conftest import simulate, upload
from showroom.tests.test_api_rows import address

pytestmark = pytest.mark.django_db

VERDICTS = "/api/v1/verdicts"


@pytest.fixture
def ana(caller, researcher):
    return caller("researcher", "ana")


@pytest.fixture
def ben(caller):
    return caller("researcher", "ben")


def give(program, batch, row, word, **more):
    path = address(batch, "rows", row, "verdicts")
    return program.post(path, {"word": word, **more}, content_type="application/json")


def words(answer) -> list[tuple[str, str, str]]:
    assert answer.status_code == 200, answer.content
    return [
        (one["candidate"], one["person"], one["word"])
        for one in answer.json()["results"]
    ]


def test_a_verdict_is_kept_and_told_whole(ana, listed):
    Outbox.objects.all().delete()
    answer = give(ana, listed, 3, "KNOWN_PSR", note="bright", pulsar="J0332+5434")

    verdict = Verdict.objects.get()
    own = answer.json()["own"]
    assert answer.status_code == 201
    assert answer.json() == {
        "own": {
            "id": verdict.pk,
            "candidate": f"{listed.pk}-3",
            "url": f"/showroom/batches/{listed.pk}/rows/3/",
            "word": "KNOWN_PSR",
            "note": "bright",
            "pulsar": "J0332+5434",
            "harmonic": False,
            "person": "ana",
            "at": own["at"],
            "drawn": "picked",
            "order": None,
            "current": True,
            "undone_at": None,
        },
        "became": "It is a label, from which versions may learn.",
        "others": [],
        "hidden": 0,
        "earlier": [],
    }
    assert Label.objects.get().verdict == "KNOWN_PSR"
    assert [event.kind for event in Outbox.objects.all()] == ["verdict.given"]
    assert ana.get(address(listed, "rows/3/verdicts")).json() == answer.json()


def test_the_same_word_again_is_no_other_verdict(ana, listed):
    first = give(ana, listed, 3, "RFI")
    again = give(ana, listed, 3, "RFI")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Verdict.objects.count() == 1


def test_a_change_of_mind_and_taking_back_stay_readable(ana, listed):
    give(ana, listed, 3, "RFI", order="uncertain")
    give(ana, listed, 3, "NOISE")
    told = give(ana, listed, 3, "UNCAT").json()

    assert told["own"] is None
    earlier = [(one["word"], one["current"]) for one in told["earlier"]]
    assert earlier == [("UNCAT", True), ("NOISE", False), ("RFI", False)]
    first = told["earlier"][-1]
    assert (first["drawn"], first["order"]) == ("queue", "uncertain")


def test_what_was_said_last_is_undone_and_said_again(ana, listed):
    give(ana, listed, 3, "RFI")
    give(ana, listed, 4, "NOISE")

    def step(what):
        answer = ana.post(f"{VERDICTS}/{what}")
        assert answer.status_code == 200
        return answer.json()

    undone = {
        "words": f"NOISE on row 4 of batch {listed.pk}",
        "n_rows": 1,
        "url": f"/showroom/batches/{listed.pk}/rows/4/",
    }
    nothing = {"words": "", "n_rows": 0, "url": None}
    assert step("undo") == undone
    assert words(ana.get(address(listed, "verdicts"))) == [
        (f"{listed.pk}-3", "ana", "RFI")
    ]
    assert step("redo") == undone
    assert step("redo") == nothing
    assert [step("undo")["n_rows"] for _ in range(3)] == [1, 1, 0]


def test_verdicts_are_listed_by_word_and_person(ana, ben, listed):
    give(ana, listed, 1, "RFI")
    give(ana, listed, 1, "NOISE")
    give(ben, listed, 1, "RFI")
    give(ben, listed, 2, "T1_CAND")

    def found(**query):
        return [
            (row.partition("-")[2], person, word)
            for row, person, word in words(ana.get(address(listed, "verdicts"), query))
        ]

    all_now = [("2", "ben", "T1_CAND"), ("1", "ben", "RFI"), ("1", "ana", "NOISE")]
    assert found() == all_now
    assert found(earlier="true") == [*all_now, ("1", "ana", "RFI")]
    assert found(judge="me") == found(judge="ana") == all_now[2:]
    assert found(judge="ben", verdict="RFI") == all_now[1:2]
    assert found(judge="nobody") == []
    page = ana.get(address(listed, "verdicts"), {"page_size": 2}).json()
    assert words(ana.get(page["next"])) == [(f"{listed.pk}-1", "ana", "NOISE")]
    for query in ({"verdict": "given"}, {"judge": "\x00"}, {"earlier": "perhaps"}):
        assert ana.get(address(listed, "verdicts"), query).status_code == 422


def test_the_summary_counts_what_one_sees(ana, ben, listed):
    give(ana, listed, 1, "RFI")
    give(ben, listed, 1, "RFI")
    give(ben, listed, 2, "T1_CAND")

    assert ana.get(address(listed, "verdicts/summary")).json() == {
        "n": 3,
        "hidden": 0,
        "words": {"RFI": 2, "T1_CAND": 1},
        "people": {"ben": 2, "ana": 1},
        "listed": 10,
        "judged": 2,
        "judged_by_me": 1,
    }


def test_a_blind_batch_hides_others_words_until_one_has_judged_the_row(
    ana, ben, listed
):
    Batch.objects.filter(pk=listed.pk).update(blind=True)
    give(ben, listed, 2, "RFI", note="a secret")
    give(ben, listed, 4, "RFI", note="a secret")

    row = ana.get(address(listed, "rows/2/verdicts"))
    summary = ana.get(address(listed, "verdicts/summary")).json()
    assert row.json() == {
        "own": None,
        "became": "",
        "others": [],
        "hidden": 1,
        "earlier": [],
    }
    assert (summary["n"], summary["hidden"], summary["people"]) == (0, 2, {})
    whole = {"earlier": "true", "judge": "ben"}
    for query in ({}, whole):
        assert words(ana.get(address(listed, "verdicts"), query)) == []
    said = ana.get(address(listed, "classification.csv"), {"person": "ben"})
    assert len(b"".join(said.streaming_content).splitlines()) == 1

    told = give(ana, listed, 2, "NOISE").json()
    assert [(one["person"], one["word"]) for one in told["others"]] == [("ben", "RFI")]
    assert [row for row, *_ in words(ana.get(address(listed, "verdicts")))] == [
        f"{listed.pk}-2",
        f"{listed.pk}-2",
    ]


def test_what_is_no_verdict_is_refused_by_its_field(ana, listed):
    for body, where in (
        ({"word": "STAR"}, "word"),
        ({}, "word"),
        ({"word": "RFI", "note": "x" * 2001}, "note"),
        ({"word": "RFI", "note": "a\x00b"}, "note"),
        ({"word": "RFI", "pulsar": 5}, "pulsar"),
        ({"word": "RFI", "order": "random"}, "order"),
        ({"word": "RFI", "harmonic": "perhaps"}, "harmonic"),
    ):
        path = address(listed, "rows/3/verdicts")
        answer = ana.post(path, body, content_type="application/json")
        assert answer.status_code == 422, body
        (wrong,) = answer.json()["errors"]
        assert wrong["loc"] == ["body", "said", where]
    assert not Verdict.objects.exists()


def test_what_is_no_body_or_no_row_is_refused(ana, listed):
    path = address(listed, "rows/3/verdicts")
    for body in ("", "[]", "{", '"RFI"', '{"word": "RFI", "note": "\\ud800"}'):
        answer = ana.post(path, body, content_type="application/json")
        assert answer.status_code in {400, 422}
    assert give(ana, listed, 0, "RFI").status_code == 422
    assert give(ana, listed, 11, "RFI").status_code == 404
    assert give(ana, listed, 2**63 - 1, "RFI").status_code == 404


def test_who_only_reads_or_may_not_see_says_nothing(caller, ben, listed):
    reader = caller("researcher", "ana", read_only=True)
    refused = [
        give(reader, listed, 3, "RFI"),
        reader.post(f"{VERDICTS}/undo"),
        reader.post(f"{VERDICTS}/redo"),
        reader.post(address(listed, "verdicts/import")),
    ]
    assert {answer.status_code for answer in refused} == {403}
    Batch.objects.filter(pk=listed.pk).update(private=True)
    assert give(ben, listed, 3, "RFI").status_code == 404
    assert ben.post(address(listed, "verdicts/import")).status_code in {404, 422}
    assert not Verdict.objects.exists()


def test_the_queue_brings_what_one_has_not_judged(ana, ben, listed):
    give(ana, listed, 1, "RFI")

    def queue(program, **query):
        answer = program.get(f"{VERDICTS}/next", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    first = queue(ana, order="score", batch=listed.pk)
    assert first == {
        "results": [{"candidate": f"{listed.pk}-2", "batch": listed.pk, "row": 2}],
        "again": False,
        "left": 9,
        "more": False,
    }
    after = queue(ana, order="score", after=f"{listed.pk}-9", n=3)
    assert [one["row"] for one in after["results"]] == [10, 2, 3]
    assert queue(ben)["left"] == 10
    Batch.objects.filter(pk=listed.pk).update(private=True)
    assert queue(ben)["results"] == []
    assert ben.get(f"{VERDICTS}/next", {"batch": listed.pk}).status_code == 404


def test_the_queue_goes_along_a_filtered_table(ana, batch):
    survey = batch(20, name=[f"J{n:02}" for n in range(20)])
    give(ana, survey, 11, "RFI")

    asked = {"order": "table", "batch": survey.pk, "text": "J1", "sort": "row", "n": 3}
    told = ana.get(f"{VERDICTS}/next", asked).json()
    assert [one["row"] for one in told["results"]] == [12, 13, 14]
    assert told["left"] == 9
    for wrong in (
        {"order": "table"},
        {"order": "table", "batch": survey.pk, "sort": "meta_9"},
        {"order": "random"},
        {"after": "x"},
        {"n": "51"},
        {"batch": "0"},
    ):
        assert ana.get(f"{VERDICTS}/next", wrong).status_code == 422


def lines(answer) -> list[list[str]]:
    assert answer.status_code == 200, answer.content
    text = b"".join(answer.streaming_content).decode()
    return list(csv.reader(text.splitlines()))


def bring(program, batch, content, **fields):
    file = upload("classification.csv", content.encode())
    return program.post(address(batch, "verdicts/import"), {"file": file, **fields})


def test_candyjars_file_goes_out_and_comes_in(ana, ben, batch):
    survey = batch(5, name=[f"cand_{n}.png" for n in range(5)])
    give(ana, survey, 1, "RFI")
    give(ana, survey, 2, "T1_CAND")
    heading = ["beamid", "utc", "png", "classification"]
    said = [["", "", "cand_0.png", "RFI"], ["", "", "cand_1.png", "T1_CAND"]]
    path = address(survey, "classification.csv")

    assert lines(ana.get(path)) == [heading, *said]
    assert lines(ben.get(path, {"person": "ana"})) == [heading, *said]
    assert lines(ben.get(path)) == lines(ben.get(path, {"person": "nobody"}))
    assert len(lines(ben.get(path, {"all": "true", "form": "old"}))) == 6
    assert len(lines(ben.get(address(survey, "candidates.csv"), {"all": "1"}))) == 6

    given_out = "\n".join(
        ",".join(line) for line in [heading, *said, ["", "", "?", ""]]
    )
    looked = bring(ben, survey, given_out, look="true")
    assert looked.json() == {
        "n_given": 0,
        "n_new": 2,
        "n_changed": 0,
        "n_same": 0,
        "n_uncat": 1,
        "n_refused": 0,
        "refused": [],
    }
    assert lines(ben.get(path)) == [heading]
    done = bring(ben, survey, given_out + "\n,,star.png,RFI")
    assert done.json() == {
        **looked.json(),
        "n_given": 2,
        "n_refused": 1,
        "refused": [
            {
                "line": 5,
                "name": "star.png",
                "word": "RFI",
                "reason": "is no row of this batch",
            }
        ],
    }
    assert lines(ben.get(path)) == [heading, *said]
    assert bring(ben, survey, given_out).json()["n_same"] == 2


def test_a_file_of_no_verdicts_is_refused_in_words(ana, listed):
    answer = bring(ana, listed, "dear diary\n")
    assert (answer.status_code, answer.json()["detail"][:48]) == (
        422,
        "classification.csv has no column classification:",
    )
    Batch.objects.filter(pk=listed.pk).update(state=State.RUNNING)
    assert bring(ana, listed, "x").status_code == 409
    assert bring(ana, listed, "", look="perhaps").status_code == 422


def test_the_same_candidate_elsewhere_is_not_put_before_one_again(
    ana, listed, champion
):
    other = Batch.objects.create(
        owner=listed.owner, version=champion, title="again", state=State.SUCCESS
    )
    same = listed.candidates.get(row=1)
    same.pk, same.batch = None, other
    same.save()
    assert same.hash == candidate_hash(simulate(10)[0])
    give(ana, listed, 1, "RFI")

    told = ana.get(f"{VERDICTS}/next", {"batch": other.pk}).json()
    assert told["results"] == []
