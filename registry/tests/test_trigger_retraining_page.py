"""A retraining on its page: its steps, and what an admin says to its version."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from monitor.work import State
from registry.attention import attention
from registry.models import Alias, Build, Comparison, Retraining, Version
from registry.ship import register_shipped
from registry.tests.labels import said, text
from registry.tests.run_rows import dataset_row, run_row
from registry.tests.triggered import stages, trigger_row
from registry.triggers.advance import advance
from registry.triggers.fire import fire
from registry.triggers.look import fires
from registry.triggers.show import steps

pytestmark = pytest.mark.django_db
FINDINGS = {
    "rows": 200,
    "pulsars": 100,
    "fpr": 0.01,
    "thresholds": {"champion": 0.5, "candidate": 0.4},
    "recall": {
        "champion": 0.9,
        "candidate": 0.95,
        "difference": 0.05,
        "low": 0.01,
        "high": 0.09,
        "margin": 0.01,
        "lost": False,
    },
    "slices": [],
    "sentinels": {
        "found_by_both": 0,
        "found_by_neither": 0,
        "won": [],
        "lost": [],
        "not_comparable": [],
    },
    "reasons": [],
    "why": "",
}


@pytest.fixture
def retraining() -> Retraining:
    trigger = trigger_row("labels", name="Labels", policy="approve")
    return fire(trigger, fires("3 labels are new; 3 were wanted."), now(), by=None)


@pytest.fixture
def candidate() -> Version:
    """What is in no production."""
    register_shipped()
    return Version.objects.exclude(aliases__name="champion").get()


@pytest.fixture
def waiting(retraining, candidate) -> Retraining:
    """Judged, and it passed."""
    Retraining.objects.update(stage="training", run=run_row(version=candidate))
    advance(retraining)
    Comparison.objects.update(
        state=State.SUCCESS, outcome="passed", findings=FINDINGS, finished_at=now()
    )
    advance(retraining)
    retraining.refresh_from_db()
    assert retraining.stage == "waiting"
    return retraining


@pytest.fixture
def admin(client, person):
    client.force_login(person("admin", "ana"))
    return client


def looks(retraining: Retraining) -> list[tuple[str, str]]:
    retraining = Retraining.objects.get(pk=retraining.pk)
    return [(step.name, step.state) for step in steps(retraining)]


def test_its_steps_are_told_with_what_each_has_made(retraining, client, person):
    client.force_login(person("researcher"))
    shown = text(client.get(retraining.get_absolute_url()))
    assert looks(retraining) == [
        ("Fire", "done"),
        ("Freeze", "now"),
        ("Train", "waiting"),
        ("Compare", "waiting"),
        ("Decide", "waiting"),
    ]
    assert "3 labels are new; 3 were wanted." in shown
    assert 'hx-trigger="every 5s"' in shown

    run = run_row("running")
    Retraining.objects.update(stage="training", run=run)
    shown = text(client.get(retraining.get_absolute_url()))
    assert looks(retraining)[1:3] == [("Freeze", "done"), ("Train", "now")]
    assert "no label is new: the newest dataset as it is" in shown
    assert f'href="{run.get_absolute_url()}"' in shown


@pytest.mark.parametrize(
    ("broke", "states"),
    [
        ("build", ["done", "broken", "never", "never", "never"]),
        ("run", ["done", "done", "broken", "never", "never"]),
        ("", ["done", "done", "broken", "never", "never"]),
        ("version", ["done", "done", "done", "broken", "never"]),
    ],
)
def test_it_is_seen_where_it_broke(retraining, candidate, broke, states):
    made = {
        "build": lambda: {"build": Build.objects.create(kind="freeze", state="failed")},
        "run": lambda: {"run": run_row("failed")},
        "version": lambda: {"run": run_row(), "version": candidate},
        "": dict,
    }
    Retraining.objects.update(stage="failed", open=None, **made[broke]())

    assert [state for _, state in looks(retraining)] == states


def test_the_steps_alone_are_looked_at_until_it_waits(retraining, client, person):
    client.force_login(person("researcher"))
    asked = {"headers": {"HX-Request": "true"}}
    alone = client.get(retraining.get_absolute_url(), **asked)
    assert text(alone).startswith('<section id="progress"')
    assert "HX-Refresh" not in alone

    Retraining.objects.update(stage="waiting")
    assert client.get(retraining.get_absolute_url(), **asked)["HX-Refresh"] == "true"


def test_an_admin_promotes_what_waits(waiting, admin, candidate):
    shown = text(admin.get(waiting.get_absolute_url()))
    assert f"{candidate} waits for an admin" in shown
    assert f"The gate: {candidate} against" in shown
    assert "Why it may go past the gate" not in shown
    answer = admin.post(reverse("registry:retraining-approve", args=[waiting.pk]))

    assert said(answer) == [f"{candidate} is in production."]
    assert stages() == [("promoted", f"{candidate} is in production.", None)]
    assert Alias.objects.get(name="champion").version == candidate
    shown = text(admin.get(waiting.get_absolute_url()))
    assert f"by ana: {candidate} is in production." in shown
    again = admin.post(reverse("registry:retraining-approve", args=[waiting.pk]))
    words = f"Retraining {waiting.pk} does not wait any more: promoted."
    assert said(again)[-1] == words


def test_past_the_gate_a_reason_is_asked_for(waiting, admin, candidate):
    refused = FINDINGS | {"reasons": ["J1046-58 would be lost."]}
    Comparison.objects.update(outcome="refused", findings=refused)
    assert "Why it may go past the gate" in text(admin.get(waiting.get_absolute_url()))
    address = reverse("registry:retraining-approve", args=[waiting.pk])
    answer = admin.post(address)
    assert "J1046-58 would be lost." in said(answer)[0]
    assert stages()[0][0] == "waiting"

    admin.post(address, {"override": "It is not in our sky."})
    assert Alias.objects.get(name="champion").version == candidate


def test_an_admin_declines_with_a_reason(waiting, admin):
    address = reverse("registry:retraining-decline", args=[waiting.pk])
    answer = admin.post(address, {"reason": ""})
    assert said(answer) == ["Say why it is declined: others read it here."]

    admin.post(address, {"reason": "Wait for the survey."})
    assert stages() == [("declined", "Wait for the survey.", None)]
    assert "by ana: Wait for the survey." in text(admin.get(waiting.get_absolute_url()))


def test_who_may_not_promote_sees_that_it_waits(waiting, client, person):
    client.force_login(person("operator"))
    shown = text(client.get(waiting.get_absolute_url()))

    assert "An admin promotes or declines it here." in shown
    assert "into production" not in shown
    for name in ("approve", "decline"):
        address = reverse(f"registry:retraining-{name}", args=[waiting.pk])
        assert client.post(address).status_code == 403


def test_the_first_page_tells_what_waits_and_how_others_have_ended(
    waiting, candidate, admin
):
    told = attention(now())
    assert (told.waiting, told.ended) == ([waiting], [])
    shown = text(admin.get("/"))
    assert f"{candidate} of the trigger Labels</a> <small>since" in shown

    for stage in ("offered", "refused", "failed"):
        Retraining.objects.update(
            stage=stage, open=None, ended_at=now(), reason="So it is."
        )
        assert (attention(now()).waiting, attention(now()).ended) == ([], [waiting])
    assert "So it is.</small>" in text(admin.get("/"))
    for stage in ("declined", "promoted"):
        Retraining.objects.update(stage=stage)
        assert not attention(now()).is_needed


def test_an_offer_that_was_taken_is_no_news(retraining, candidate):
    Retraining.objects.update(
        stage="offered", open=None, ended_at=now(), version=candidate
    )
    assert attention(now()).ended == [retraining]

    Alias.objects.filter(name="champion").update(version=candidate)
    assert not attention(now()).is_needed


def test_what_was_offered_is_promoted_through_its_own_page(
    retraining, candidate, admin
):
    dataset_row()
    Retraining.objects.update(
        stage="offered", open=None, ended_at=now(), version=candidate, reason="Well."
    )
    shown = text(admin.get(retraining.get_absolute_url()))

    address = reverse("registry:promote", args=["pulsar", candidate.number])
    assert f'<a class="button" href="{address}">Promote {candidate}</a>' in shown
