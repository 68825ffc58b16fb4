"""/api/v1/models/pulsar/versions: what is known of each, its card and its files."""

import json
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pulsar_ml.examine import order
from pulsar_ml.tests.hostile_models import bytes_of, good
from registry.models import AliasMove, Push, Retraining, Version
from registry.tests.evaluated import evaluated, older
from registry.tests.triggered import trigger_row, version_row

pytestmark = pytest.mark.django_db

URL = "/api/v1/models/pulsar/versions"
MADE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def asking(caller):
    return caller("researcher")


def card(**metrics) -> dict:
    return {
        "algorithm": "random_forest",
        "threshold": 0.3,
        "metrics": {"holdout": {"recall": {"value": 0.9}, "rows": 10}} | metrics,
    }


def numbers(answer) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [version["number"] for version in answer.json()["results"]]


def test_a_version_is_told_with_its_card(asking, person):
    made = version_row(
        1,
        "champion",
        card=card(),
        source=Version.Source.TRAINED,
        created_by=person("admin", "ana"),
    )
    AliasMove.objects.create(model=made.model, alias="champion", after=made)
    Version.objects.update(created_at=MADE)
    told = {
        "name": "pulsar/1",
        "model": "pulsar",
        "number": 1,
        "url": "/registry/pulsar/1/",
        "registration": "READY",
        "reason": "",
        "approval": "Approved",
        "stage": "Production",
        "aliases": ["champion"],
        "source": "trained",
        "algorithm": "random forest",
        "threshold": 0.3,
        "metrics": {"holdout.recall": 0.9},
        "sha256": f"{1:064}",
        "damaged_at": None,
        "created_at": "2026-06-01T00:00:00Z",
        "created_by": "ana",
    }
    assert asking.get(URL).json()["results"] == [told]
    assert asking.get(f"{URL}/1").json() == told | {"card": card()}


@pytest.fixture
def four() -> None:
    """In production, its challenger, one that was in production, one put aside."""
    first, second = version_row(1, card=card()), version_row(2, "champion", card=card())
    third = version_row(3, "challenger", card=card())
    version_row(
        4, card=card(), registration=Version.Registration.QUARANTINED, reason="No."
    )
    for version in (first, second):
        AliasMove.objects.create(model=version.model, alias="champion", after=version)
    trigger = trigger_row()
    Retraining.objects.create(
        trigger=trigger,
        decision=trigger.decisions.create(
            at=MADE, last_at=MADE, outcome="fired", reason="r"
        ),
        model="pulsar",
        policy="approve",
        stage=Retraining.Stage.DECLINED,
        open=None,
        version=third,
    )


@pytest.mark.engines
def test_stages_and_approvals_follow_from_what_was_done(asking, four):
    told = asking.get(URL).json()["results"]
    assert [(one["number"], one["stage"], one["approval"]) for one in told] == [
        (4, "None", "Rejected"),
        (3, "Staging", "Rejected"),
        (2, "Production", "Approved"),
        (1, "Archived", "Approved"),
    ]
    fresh = version_row(5, card=card())
    assert asking.get(f"{URL}/{fresh.number}").json()["approval"] == (
        "PendingManualApproval"
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"stage": "Production"}, [2]),
        ({"stage": "Staging"}, [3]),
        ({"stage": "Archived"}, [1]),
        ({"stage": "None"}, [4]),
        ({"registration": "QUARANTINED"}, [4]),
        ({"registration": "READY", "stage": "Archived"}, [1]),
    ],
)
def test_versions_are_found_by_stage_and_registration(asking, four, asked, found):
    assert numbers(asking.get(URL, asked)) == found


def test_a_list_is_read_page_by_page(asking, four):
    first = asking.get(URL, {"page_size": 3})
    assert numbers(first) == [4, 3, 2]
    assert numbers(asking.get(first.json()["next"])) == [1]


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    asking, django_assert_max_num_queries
):
    for number in range(1, 12):
        version_row(number, f"alias-{number}", card=card())
    with django_assert_max_num_queries(9):
        assert numbers(asking.get(URL)) == [*range(11, 0, -1)]


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("models:/pulsar@champion", 2),
        ("models:/pulsar/Production", 2),
        ("models:/pulsar/Staging", 3),
        ("pulsar/1", 1),
        ("champion", 2),
        ("1", 1),
    ],
)
def test_a_reference_finds_its_version(asking, four, reference, number):
    answer = asking.get("/api/v1/versions", {"reference": reference})
    assert answer.json() == asking.get(f"{URL}/{number}").json()


@pytest.mark.parametrize(
    ("reference", "status", "why"),
    [
        ("pulsar/9", 404, "There is no version pulsar/9."),
        ("pulsar@shadow", 404, "There is no version pulsar@shadow."),
        ("pulsar/4", 409, "pulsar/4 is quarantined and never loaded: No."),
        ("²", 404, "'²' is no reference; write pulsar/2 or pulsar@champion."),
        ("1\n", 404, "'1\\n' is no reference; write pulsar/2 or pulsar@champion."),
        ("9" * 60, 404, f"There is no version pulsar/{'9' * 60}."),
        ("9" * 100, 404, None),
        ("a\0", 422, "What was sent cannot be used."),
        ("", 422, "What was sent cannot be used."),
    ],
)
def test_what_no_reference_names_is_said(asking, four, reference, status, why):
    answer = asking.get("/api/v1/versions", {"reference": reference})
    assert answer.status_code == status
    assert why in (None, answer.json()["detail"])


def test_card_text_curves_and_files_are_those_of_the_page(asking, tmp_path):
    version = evaluated(tmp_path)
    page = version.get_absolute_url()
    here = f"{URL}/{version.number}"
    for ours, theirs in (
        ("card.json", "card.json"),
        ("card.md", "card.md"),
        ("curves.json?threshold=0.4", "curves-light.json?threshold=0.4"),
        ("curves.json?theme=dark", "curves-dark.json"),
        ("files/card.json", "files/card.json"),
    ):
        answer = asking.get(f"{here}/{ours}")
        assert answer.status_code == 200, ours
        assert answer.content == asking.get(f"{page}{theirs}").content
    assert json.loads(asking.get(f"{here}/card.json").content)["version"]["name"] == (
        str(version)
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("9", 404),
        ("9" * 40, 404),
        ("x", 422),
        ("-1", 404),
        ("9/card.json", 404),
        ("1/files/passwd", 404),
        ("1/files/..%2fcard.json", 404),
        ("1/files/a%00", 422),
        ("1/curves.json", 404),
        ("1/curves.json?threshold=nan", 422),
        ("1/curves.json?threshold=2", 422),
        ("1/curves.json?theme=pink", 422),
    ],
)
def test_what_is_not_there_is_not_found(asking, tmp_path, address, status):
    older(tmp_path)
    assert asking.get(f"{URL}/{address}").status_code == status


@pytest.fixture
def pushing(caller, reconfigured, mailbox):
    """An admin's program where pushes are allowed."""
    reconfigured("push", allowed="yes")
    return caller("admin", "ana")


def model(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("ours.onnx", content or bytes_of(good()))


def test_a_model_is_pushed_and_can_be_followed_and_stopped(pushing, mailbox):
    answer = pushing.post(
        URL, {"file": model(), "threshold": "0.4", "note": "of the reading group"}
    )
    push = Push.objects.get()
    told = {
        "id": push.pk,
        "url": f"/registry/pushes/{push.pk}/",
        "model": "pulsar",
        "name": "ours.onnx",
        "sha256": push.sha256,
        "size": push.size,
        "state": "queued",
        "reason": "",
        "registration": "PENDING_REGISTRATION",
        "version": None,
        "dataset": None,
        "note": "of the reading group",
        "findings": [],
        "by": "ana",
        "created_at": answer.json()["created_at"],
        "started_at": None,
        "finished_at": None,
    }
    assert (answer.status_code, answer.json()) == (202, told)
    assert (push.told["threshold"], push.told["trained_on"]) == (0.4, "unknown")
    assert mailbox() == [(push.pk, "heavy")]
    assert pushing.get(f"/api/v1/pushes/{push.pk}").json() == told
    assert pushing.get("/api/v1/pushes?state=queued").json()["results"] == [told]
    assert pushing.get("/api/v1/pushes?state=failed").json()["results"] == []

    stopped = pushing.post(f"/api/v1/pushes/{push.pk}/cancel").json()
    assert (stopped["state"], stopped["reason"], stopped["registration"]) == (
        "cancelled",
        "Cancelled on request.",
        "FAILED_REGISTRATION",
    )


def test_what_a_lost_row_has_left_is_in_nobodys_way(pushing):
    pushing.post(URL, {"file": model()})
    lost = Push.objects.get()
    Push.objects.all().delete()
    (lost.folder.parent / str(lost.pk + 1)).mkdir()
    (lost.folder.parent / str(lost.pk + 1) / "old").write_text("x")

    assert pushing.post(URL, {"file": model()}).status_code == 202
    push = Push.objects.get()
    assert push.pk == lost.pk + 1
    assert [path.name for path in push.folder.iterdir()] == [order.CAME]


def test_what_a_push_lacks_is_said(pushing):
    def refused(**sent):
        answer = pushing.post(URL, sent)
        assert answer.status_code == 422
        return [tuple(one["loc"]) for one in answer.json()["errors"]]

    assert refused()[0][-1] == "file"
    assert refused(file=model(), trained_on="list") == [("body", "listed")]
    assert refused(file=model(), dataset="7") == [("body", "dataset")]
    assert refused(file=model(), threshold="nan")[0][-1] == "threshold"
    assert refused(file=model(), note="\0")[0][-1] == "note"
    assert Push.objects.count() == 0


def test_where_pushes_are_not_allowed_the_reason_is_given(pushing, reconfigured):
    reconfigured("push", allowed="no")
    answer = pushing.post(URL, {"file": model()})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "The configuration of this site does not allow it (push.allowed).",
    )


def test_only_an_admin_pushes(caller):
    for role in ("researcher", "operator"):
        assert caller(role).post(URL, {"file": model()}).status_code == 403
    reading = caller("admin", read_only=True)
    assert reading.post(URL, {"file": model()}).status_code == 403
    assert Push.objects.count() == 0
