"""/api/v1/comparisons: what the gate says of two versions."""

import pytest

from registry.models import Comparison
from registry.tests.promoted import judged, versions

pytestmark = pytest.mark.django_db

URL = "/api/v1/comparisons"
UNUSABLE = "What was sent cannot be used."


@pytest.fixture
def three(tmp_path):
    return versions(tmp_path)


@pytest.fixture
def admin(caller, mailbox):
    return caller("admin", "ana")


def ask(client, **sent):
    return client.post(URL, sent, content_type="application/json")


def test_the_gate_is_asked_once_and_can_be_stopped(admin, three, mailbox):
    old, new, _ = three
    answer = ask(admin, candidate=str(new))
    made = Comparison.objects.get()
    told = {
        "id": made.pk,
        "url": f"/registry/comparisons/{made.pk}/",
        "candidate": str(new),
        "champion": str(old),
        "dataset": None,
        "state": "queued",
        "reason": "",
        "outcome": "",
        "by": "ana",
        "created_at": answer.json()["created_at"],
        "started_at": None,
        "finished_at": None,
    }
    whole = told | {"findings": {}, "is_outdated": None}
    assert (answer.status_code, answer.json()) == (202, whole)
    assert mailbox() == [(made.pk, "interactive")]
    again = ask(admin, candidate=f"models:/{new}", champion="models:/pulsar@champion")
    assert (again.status_code, again.json()) == (202, whole)
    assert admin.get(f"{URL}/{made.pk}").json() == whole
    assert admin.get(URL).json()["results"] == [told]
    assert admin.get(URL, {"state": "success"}).json()["results"] == []

    stopped = admin.post(f"{URL}/{made.pk}/cancel").json()
    assert (stopped["state"], stopped["reason"]) == (
        "cancelled",
        "Cancelled on request.",
    )


def test_what_was_found_with_the_same_inputs_is_given_at_once(admin, three, mailbox):
    old, new, _ = three
    comparison = judged(new, old, Comparison.Outcome.REFUSED, reasons=["J1 is lost."])
    answer = ask(admin, candidate=str(new))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["id"], told["outcome"], told["findings"], told["is_outdated"]) == (
        comparison.pk,
        "refused",
        {"reasons": ["J1 is lost."]},
        False,
    )
    Comparison.objects.update(inputs_sha256="0" * 64)
    assert admin.get(f"{URL}/{comparison.pk}").json()["is_outdated"] is True
    assert mailbox() == []


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        ({"candidate": "champion"}, 409, "pulsar/2 cannot be held against itself."),
        ({"candidate": "pulsar/9"}, 404, "There is no version pulsar/9."),
        ({"candidate": ""}, 422, UNUSABLE),
        ({"candidate": "a\0"}, 422, UNUSABLE),
        ({"candidate": 3}, 422, UNUSABLE),
        ({}, 422, UNUSABLE),
    ],
)
def test_what_cannot_be_compared_is_refused(admin, three, sent, status, why):
    answer = ask(admin, **sent)
    assert (answer.status_code, answer.json()["detail"]) == (status, why)


def test_researchers_read_and_admins_ask(caller, three):
    old, new, _ = three
    comparison = judged(new, old)
    for role in ("researcher", "operator"):
        asking = caller(role)
        assert ask(asking, candidate=str(new)).status_code == 403
        assert asking.post(f"{URL}/{comparison.pk}/cancel").status_code == 403
        assert asking.get(f"{URL}/{comparison.pk}").status_code == 200
    assert caller("admin").get(f"{URL}/99").status_code == 404
