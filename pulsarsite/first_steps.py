"""The way of a new group: from nothing to a judged candidate, and on from there."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from dispatch.models import Schedule
from registry.models import Dataset, TrainingRun
from showroom.models import Batch, Catalogue, Verdict
from showroom.vetting import listed

# What a group has not done in its first month, it does not want to be told of.
_FIRST = timedelta(days=30)


class Step(NamedTuple):
    """One thing to do once: by a button, or else by a command."""

    title: str
    words: str
    done: bool
    button: str = ""
    url: str = ""
    command: str = ""


def first_steps(user: User, at: datetime) -> list[tuple[str, Step]]:
    """Each step of this person as done, next or later; none when there is no more."""
    batches = Batch.objects.order_by("pk").values_list("created_at", flat=True)
    if (first := batches.first()) and first < at - _FIRST:
        return []
    steps = list(_steps(user))
    upcoming = next((step for step in steps if not step.done), None)
    return [(_state(step, upcoming), step) for step in steps] if upcoming else []


def _state(step: Step, upcoming: Step) -> str:
    if step.done:
        return "done"
    return "next" if step is upcoming else "later"


def _steps(user: User) -> Iterator[Step]:
    if user.has_perm("showroom.add_verdict"):
        yield from _to_a_judged_candidate(user)
    if user.has_perm("accounts.add_user"):
        yield from _for_the_group()
    if user.has_perm("dispatch.add_schedule"):
        yield Step(
            "Let the clock do it",
            "A schedule looks into a folder at its times and classifies what is new.",
            Schedule.objects.live().exists(),
            "New schedule",
            reverse("dispatch:new"),
        )
    if user.has_perm("registry.add_trainingrun"):
        yield _train()


def _to_a_judged_candidate(user: User) -> Iterator[Step]:
    batches = Batch.objects.visible_to(user)
    newest = batches.newest().first()
    yield Step(
        "Classify something",
        "One click on a ready case will do; or drop files and tables of your own.",
        newest is not None,
        "Try a ready case",
        reverse("showroom:index") + "#cases-title",
    )
    # Who classifies a single case is led to its page.
    looked_at = Q(shown_at__isnull=False) | Q(day__isnull=False)
    there = newest.get_absolute_url() if newest else ""
    yield Step(
        "Look at a candidate",
        "Its page has the plots, the score, and the reasons for it feature by feature.",
        batches.filter(looked_at).exists(),
        "Open the newest batch",
        there,
    )
    yield Step(
        "Judge it",
        "Say what it is, by button on its page or by key in the queue."
        " What you say can be trained on.",
        Verdict.objects.current().filter(candidate__batch__in=batches).exists(),
        "Judge candidates",
        reverse("showroom:vet") if listed.shown(user).exists() else there,
    )


def _for_the_group() -> Iterator[Step]:
    yield Step(
        "Bring in the known pulsars",
        "Candidates are then compared with the ATNF catalogue."
        " On the machine of this site:",
        Catalogue.objects.filter(active=True).exists(),
        command="manage.py catalogue_import",
    )
    yield Step(
        "Invite colleagues",
        "Researchers upload and judge; operators also watch; admins also manage.",
        User.objects.filter(is_active=True).count() > 1,
        "Add a person",
        reverse("admin:accounts_user_add"),
    )


def _train() -> Step:
    """Without a dataset there is nothing to train on yet."""
    has_data = Dataset.objects.exists()
    return Step(
        "Train on your own",
        "A labelled table becomes a dataset, and a training makes a version of it.",
        TrainingRun.objects.exists(),
        "Train a model" if has_data else "Import a dataset",
        reverse("registry:run-new" if has_data else "registry:dataset-import"),
    )
