"""Verdicts for tests: said as a page says them, or at once."""

from django.test import Client
from django.urls import reverse

from registry.models import Label
from showroom.models import Batch, Verdict
from showroom.verdicts.give import Said, give
from showroom.verdicts.judged import judged


def say(batch: Batch, row: int, word: str, person, **more) -> list[Verdict]:
    """Let somebody judge a row; no word takes it back."""
    return give([judged(batch, [row])[row]], Said(word, **more), by=person)


def post(client: Client, batch: Batch, row: int, word: str, **more):
    """Press a button of the form."""
    address = reverse("showroom:row-verdict", args=[batch.pk, row])
    return client.post(address, {"word": word, **more})


def says(person) -> list[tuple[int, str]]:
    """What a person says now, by row."""
    said = Verdict.objects.current().filter(person=person).order_by("candidate__row")
    return list(said.values_list("candidate__row", "word"))


def taught(person) -> list[tuple[int | None, str]]:
    """The person's labels that hold."""
    held = Label.objects.current().filter(person=person).order_by("row")
    return list(held.values_list("row", "verdict"))
