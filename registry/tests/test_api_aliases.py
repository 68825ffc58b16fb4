"""/api/v1/models/pulsar/aliases: which version each names, named, and is to name."""

import pytest
import time_machine

from registry.models import Alias, AliasMove, Comparison
from registry.tests.promoted import aliases, judged, versions
from registry.tests.test_alias_history import DAY, FIRST, NOW
from registry.tests.test_alias_history import versions as moved  # noqa: F401  # fixture

pytestmark = pytest.mark.django_db

MODEL = "/api/v1/models/pulsar"
URL = f"{MODEL}/aliases"
REFUSED = Comparison.Outcome.REFUSED


@pytest.fixture
def three(tmp_path):
    """In production, and two others."""
    return versions(tmp_path)


@pytest.fixture
def admin(caller):
    return caller("admin", "ana")


def put(client, alias, **sent):
    return client.put(f"{URL}/{alias}", sent, content_type="application/json")


def back(client, **sent):
    return client.post(f"{MODEL}/roll-back", sent, content_type="application/json")


def why(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def test_aliases_are_listed_by_name(caller, three):
    old, new, _ = three
    Alias.objects.create(model=new.model, name="challenger", version=new)
    assert caller("researcher").get(URL).json() == [
        {
            "alias": name,
            "stage": stage,
            "version": str(version),
            "number": version.number,
        }
        for name, stage, version in (
            ("challenger", "Staging", new),
            ("champion", "Production", old),
        )
    ]


@pytest.mark.parametrize(
    ("at", "number", "since", "until", "lasted"),
    [
        (FIRST, 1, FIRST, FIRST + 2 * DAY, "P2D"),
        (FIRST + 2 * DAY, 2, FIRST + 2 * DAY, FIRST + 3 * DAY, "P1D"),
        (None, 1, FIRST + 3 * DAY, None, "P7D"),
    ],
)
def test_at_every_time_one_version_was_champion(
    caller,
    moved,  # noqa: F811
    at,
    number,
    since,
    until,
    lasted,
):
    with time_machine.travel(NOW, tick=False):
        asked = {"at": at.isoformat()} if at else {}
        told = caller("researcher").get(f"{URL}/champion", asked).json()
    is_second = number == 2
    assert told == {
        "alias": "champion",
        "version": f"pulsar/{number}",
        "number": number,
        "since": since.isoformat().replace("+00:00", "Z"),
        "until": until and until.isoformat().replace("+00:00", "Z"),
        "lasted": lasted,
        "by": "ana" if is_second else None,
        "reason": {None: "misses", FIRST: "shipped"}.get(at, "J1 is noise"),
        "comparison": Comparison.objects.get().pk if is_second else None,
        "is_override": is_second,
    }


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("champion?at=2026-11-20T07:59:59Z", 404),
        ("shadow", 404),
        ("champion?at=2026-11-20T07:59:59", 422),
        ("champion?at=yesterday", 422),
        ("champion?at=0001-01-01T00:00:00%2B14:00", 422),
        ("champion?at=9999-12-31T23:59:59-14:00", 422),
        ("champion?at=99999999999999999999", 422),
        ("a%00", 422),
        ("champion%20", 422),
    ],
)
def test_what_an_alias_never_named_is_not_there(
    caller,
    moved,  # noqa: F811
    address,
    status,
):
    assert caller("researcher").get(f"{URL}/{address}").status_code == status


def test_each_move_tells_until_when_it_held_on_every_page(caller, moved):  # noqa: F811
    asking = caller("researcher")
    first = asking.get(f"{URL}/champion/moves", {"page_size": 2}).json()
    rest = asking.get(first["next"]).json()
    told = [*first["results"], *rest["results"]]
    assert [
        (one["before"], one["after"], one["until"], one["reason"]) for one in told
    ] == [
        ("pulsar/2", "pulsar/1", None, "misses"),
        ("pulsar/1", "pulsar/2", "2026-11-23T08:00:00Z", "J1 is noise"),
        (None, "pulsar/1", "2026-11-22T08:00:00Z", "shipped"),
    ]
    move = AliasMove.objects.get(is_override=True)
    assert told[1] == {
        "id": move.pk,
        "alias": "champion",
        "before": "pulsar/1",
        "after": "pulsar/2",
        "at": "2026-11-22T08:00:00Z",
        "until": "2026-11-23T08:00:00Z",
        "by": "ana",
        "reason": "J1 is noise",
        "comparison": move.comparison_id,
        "is_override": True,
    }


def test_what_the_gate_lets_pass_is_promoted(admin, three):
    old, new, _ = three
    comparison = judged(new, old)
    answer = put(admin, "champion", version=new.number, reason="finds more")
    assert answer.status_code == 200
    move = AliasMove.objects.get(alias="champion", after=new)
    assert answer.json() | {"lasted": ""} == {
        "alias": "champion",
        "version": str(new),
        "number": new.number,
        "since": move.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "lasted": "",
        "until": None,
        "by": "ana",
        "reason": "finds more",
        "comparison": comparison.pk,
        "is_override": False,
    }
    assert aliases() == {"champion": new, "rollback": old}


def test_before_it_is_promoted_one_can_ask_what_the_gate_says(admin, caller, three):
    old, new, _ = three
    here = f"{MODEL}/versions/{new.number}/prospect"
    move = AliasMove.objects.get()
    told = {
        "version": str(new),
        "champion": str(old),
        "since": move.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "rollback": None,
        "comparison": None,
        "attempt": None,
        "against": f"{new} was not compared with {old}. Ask the gate first.",
        "may_be_overridden": False,
    }
    assert admin.get(here).json() == told
    comparison = judged(new, old)
    assert admin.get(here).json() == told | {
        "comparison": comparison.pk,
        "against": "",
    }
    assert caller("researcher").get(here).status_code == 403
    assert admin.get(f"{MODEL}/versions/99/prospect").status_code == 404


def test_what_the_gate_refuses_stays_out_but_for_a_reason(admin, three):
    old, new, _ = three
    assert why(put(admin, "champion", version=new.number)) == (
        409,
        f"{new} was not compared with {old}. Ask the gate first.",
    )
    judged(new, old, REFUSED, reasons=["J1 is lost."])
    refused = f"The gate refused {new}. J1 is lost."
    assert why(put(admin, "champion", version=new.number, reason="x")) == (409, refused)
    assert why(put(admin, "champion", version=new.number, override=True)) == (
        422,
        "Say why: it stays in the history.",
    )
    assert aliases() == {"champion": old}

    told = put(
        admin, "champion", version=new.number, override=True, reason="J1 is noise"
    ).json()
    assert (told["version"], told["reason"], told["is_override"]) == (
        str(new),
        "J1 is noise",
        True,
    )


def test_who_expected_another_in_production_changes_nothing(admin, three):
    old, new, third = three
    judged(new, old)
    judged(new, third)
    status, words = why(
        put(admin, "champion", version=new.number, expected=third.number)
    )
    assert status == 409
    assert words.startswith("pulsar@champion was moved meanwhile: by the site to")
    assert why(put(admin, "champion", version=old.number)) == (
        409,
        f"{old} is in production already.",
    )
    assert aliases() == {"champion": old}


def test_a_challenger_needs_no_gate(admin, three):
    old, new, _ = three
    told = put(admin, "challenger", version=new.number).json()
    assert (told["alias"], told["version"], told["reason"]) == (
        "challenger",
        str(new),
        "Made the challenger.",
    )
    assert why(put(admin, "challenger", version=old.number)) == (
        409,
        f"{old} is in production, and cannot challenge itself.",
    )
    for more in ({"override": True}, {"expected": old.number}):
        answer = put(admin, "challenger", version=new.number, **more)
        assert why(answer) == (422, "Only the champion is moved past a gate.")


def test_production_goes_back_to_the_version_before(admin, three):
    old, new, third = three
    assert why(back(admin)) == (409, "pulsar has no earlier version to roll back to.")
    judged(new, old)
    put(admin, "champion", version=new.number)
    assert back(admin, expected=third.number).status_code == 409
    assert aliases() == {"champion": new, "rollback": old}

    told = back(admin, reason="misses J2").json()
    assert (told["version"], told["reason"]) == (str(old), "misses J2")
    assert aliases() == {"champion": old, "rollback": new}


def test_where_nothing_is_in_production_nothing_goes_back(admin, three):
    Alias.objects.all().delete()
    assert why(back(admin)) == (409, "No version of pulsar is in production.")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"version": 0},
        {"version": 10**30},
        {"version": None},
        {"version": "x"},
        {"version": 1, "reason": "x" * 501},
        {"version": 1, "reason": "\0"},
        {"version": 1, "reason": "\ud800"},
        {"version": 1, "expected": -1},
        [],
        7,
    ],
)
def test_what_cannot_be_meant_is_refused(admin, three, sent):
    answer = admin.put(f"{URL}/champion", sent, content_type="application/json")
    assert answer.status_code == 422
    assert aliases() == {"champion": three[0]}


@pytest.mark.parametrize(
    ("alias", "version", "status"),
    [("champion", 99, 404), ("shadow", 1, 422), ("latest", 1, 422)],
)
def test_nothing_else_is_moved(admin, three, alias, version, status):
    assert put(admin, alias, version=version).status_code == status


def test_only_an_admin_moves_an_alias(caller, three):
    for asking in (
        caller("researcher"),
        caller("operator"),
        caller("admin", read_only=True),
    ):
        assert put(asking, "champion", version=1).status_code == 403
        assert back(asking).status_code == 403
