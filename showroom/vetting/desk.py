"""What lies before somebody who vets: the candidate, and what is around it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from monitor.work import State
from showroom.chips import chips
from showroom.models import Batch, Verdict
from showroom.verdicts.judging import judging
from showroom.verdicts.steps import Step, steps
from showroom.verdicts.undo import last_done, last_undone
from showroom.vetting.asked import Asked
from showroom.vetting.card import Card, card
from showroom.vetting.keys import Keys, keys_of
from showroom.vetting.listed import count
from showroom.vetting.place import Place

_BATCHES_OFFERED = 30


class Stepping(NamedTuple):
    """The button that undoes, or redoes."""

    does: str
    label: str
    url: str
    key: str
    # What it would do, in words; empty where there is nothing.
    words: str
    # Where one is led: to the candidate that it is about.
    next: str


def shown(user: User, asked: Asked, place: Place) -> dict[str, Any] | None:
    """A candidate, its form, and the addresses around it; None if there is none."""
    found = card(user, place)
    if found is None:
        return None
    onward = asked.address(after=place)
    context: dict[str, Any] = {
        "card": found,
        "address": asked.address(at=place),
        "onward": onward,
        "back": asked.address(before=place),
    }
    if not isinstance(found, Card):
        return context
    # Who knows what the model says is soon of its opinion.
    is_audit = asked.order == Verdict.Order.AUDIT
    context["hides"] = is_audit and not found.said.own
    keys = keys_of(user)
    form = judging(
        found.batch,
        place.row,
        found.said.own,
        matches=found.known.matches,
        keys=keys.by_action,
        next=onward if keys.advance else context["address"],
        order=asked.order,
    )
    return context | {"judging": form}


def around(user: User, asked: Asked) -> dict[str, Any]:
    """What stands on the page beside the candidate."""
    keys, query = keys_of(user), QueryDict(asked.query)
    own = {"order", "batch"}
    return {
        "asked": asked,
        "keys": keys,
        "orders": Verdict.Order.choices,
        "batches": _offered(user, asked.batch),
        "filters": [(k, v) for k, v in query.items() if k not in own],
        "chips": chips(query),
        "n_judged": _n_judged(user),
        "audit": count(user, order=Verdict.Order.AUDIT),
        "stepping": list(_stepping(user, asked, keys)),
    }


def _stepping(user: User, asked: Asked, keys: Keys) -> Iterator[Stepping]:
    found = steps(user)
    both: tuple[tuple[str, Step | None, Verdict | None], ...] = (
        ("undo", found.undo, last_done(user)),
        ("redo", found.redo, last_undone(user)),
    )
    for does, step, verdict in both:
        yield Stepping(
            does,
            does.capitalize(),
            reverse(f"showroom:verdict-{does}"),
            keys.by_action.get(does, ""),
            step.words if step else "",
            _address_of(asked, verdict) if verdict else asked.address(),
        )


def _address_of(asked: Asked, verdict: Verdict) -> str:
    candidate = verdict.candidate
    return asked.address(at=Place(candidate.batch_id, candidate.row))


def _n_judged(user: User) -> int:
    """Of how many candidates the person said something since they logged in."""
    since = user.last_login or user.date_joined
    return Verdict.objects.current().filter(person=user, at__gte=since).count()


def _offered(user: User, wanted: Batch | None) -> list[Batch]:
    """The newest batches, and the one that is asked for."""
    ended = Batch.objects.visible_to(user).filter(state=State.SUCCESS, n_scored__gt=0)
    found = list(ended.order_by("-pk")[:_BATCHES_OFFERED])
    return [*found, wanted] if wanted and wanted not in found else found
