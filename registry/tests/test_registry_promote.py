"""`manage.py registry_promote` and `registry_rollback`: the same verbs at a prompt."""

import pytest
from django.core.management import CommandError, call_command

from monitor.work import State
from registry.management.commands import registry_promote
from registry.models import AliasMove, Comparison
from registry.tests.promoted import aliases, judged, versions

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(tmp_path):
    return versions(tmp_path)


def refusal(*command):
    with pytest.raises(CommandError) as refused:
        call_command(*command)
    return str(refused.value)


def test_what_has_passed_is_promoted_and_rolled_back(three, capsys):
    old, new, _ = three
    comparison = judged(new, old)
    call_command("registry_promote", str(new), "--reason", "finds more")
    assert aliases() == {"champion": new, "rollback": old}
    move = AliasMove.objects.filter(alias="champion").latest("pk")
    assert (move.reason, move.comparison, move.by) == ("finds more", comparison, None)

    call_command("registry_rollback", "--reason", "misses")
    assert aliases() == {"champion": old, "rollback": new}
    assert capsys.readouterr().out.splitlines() == [
        f"{new} is in production",
        f"{old} is in production again, {new} is not",
    ]


def test_a_version_that_nobody_has_judged_is_given_to_the_gate(three):
    old, new, _ = three
    words = refusal("registry_promote", str(new))
    comparison = Comparison.objects.get()
    assert words == (
        f"The gate was asked: {comparison.get_absolute_url()}. Promote {new} when it "
        "has judged, or give --wait."
    )
    assert aliases() == {"champion": old}


@pytest.mark.parametrize(
    ("state", "values", "words"),
    [
        (State.SUCCESS, {"outcome": "passed"}, ""),
        (
            State.SUCCESS,
            {"outcome": "refused", "findings": {"reasons": ["J1 is lost."]}},
            "The gate refused {}. J1 is lost.",
        ),
        (
            State.FAILED,
            {"reason": "No rows are left."},
            "The gate could not judge {}: No rows are left.",
        ),
        (State.CANCELLED, {}, "The gate has not judged {} yet."),
    ],
)
def test_who_waits_is_told_what_the_gate_says(three, monkeypatch, state, values, words):
    old, new, _ = three

    def time_passes(_: float) -> None:
        assert Comparison.objects.update(state=state, **values) == 1

    monkeypatch.setattr(registry_promote.time, "sleep", time_passes)
    command = "registry_promote", str(new), "--wait"
    if not words:
        call_command(*command)
        assert aliases() == {"champion": new, "rollback": old}
        return
    assert refusal(*command) == words.format(new)
    assert aliases() == {"champion": old}


def test_a_written_reason_goes_past_the_gate_without_asking_it(three):
    old, new, _ = three
    call_command("registry_promote", str(new), "--override", "the gate is ill")

    assert aliases() == {"champion": new, "rollback": old}
    assert AliasMove.objects.filter(is_override=True).get().reason == "the gate is ill"
    assert not Comparison.objects.exists()


def test_what_cannot_be_done_is_said(three):
    old, *_ = three
    assert refusal("registry_promote", "pulsar/9") == "There is no version pulsar/9."
    assert refusal("registry_promote", str(old)) == (f"{old} is in production already.")
    roll_back = "registry_rollback", "--reason", "misses"
    assert refusal(*roll_back) == "pulsar has no earlier version to roll back to."
    assert refusal(*roll_back, "comet") == "There is no model comet."
    old.model.aliases.all().delete()
    assert refusal(*roll_back) == "pulsar has no version in production."
    assert refusal("registry_rollback").startswith("Error: the following arguments")
