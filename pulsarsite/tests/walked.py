"""Everybody asks every address, and what each answer gives away is noted."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.test import Client
from django.urls import reverse

from pulsarsite.tests.planted import EVIL
from pulsarsite.tests.world import SECRET, World, words_of
from pulsarsite.who_may.addresses import Address, addresses
from pulsarsite.who_may.rules import NOBODY, Rule
from pulsarsite.who_may.table import TABLE

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


ELSEWHERE = "//elsewhere.example/"
# As of a form in which nothing is filled in.
_FILLED = {"get": {}, "post": {"csrfmiddlewaretoken": "x"}}


class Asked(NamedTuple):
    """Who asked which address how; and of which kind its batch is."""

    name: str
    how: str
    who: str
    kind: str = ""
    also: str = ""


class Answered(NamedTuple):
    """What came back, and what is wrong with it."""

    status: int
    to: str
    headers: Mapping[str, str]
    # Whether what is private, or any hostile word, stands in it.
    gives_away: bool
    shows: bool
    runs: list[str]


def walk(world: World) -> Iterator[tuple[Asked, Answered]]:
    """Ask all; what a request changes is undone before the next one."""
    clients = {who: _client(user) for who, user in world.people.items()}
    for address in addresses():
        rule = TABLE.get(address.name)
        if rule is None:
            continue  # another test says that it is missing
        for kind in kinds(rule):
            where = _where(address, words_of(world, address.name)(kind))
            asked = Asked(address.name, "", "", kind)
            yield from _all_ask(clients, asked, where, rule)
    yield from _beside(clients, world)


def kinds(rule: Rule) -> tuple[str, ...]:
    """The kinds of batch that an address leads to; or none."""
    of_batch = rule.of_batch or any(who and who.hides for who in rule[:2])
    return ("open", "private") if of_batch else ("",)


def _beside(
    clients: Mapping[str, Client], world: World
) -> Iterator[tuple[Asked, Answered]]:
    """What leads from one's own batch to a private one of the same bytes."""
    pair = world.twin.pk, world.hidden.pk
    for name, numbers in (
        ("batch-again", pair[:1]),
        ("batch", pair[:1]),
        ("batch-against", pair),
        ("batch-against", pair[::-1]),
        ("batch-differing", pair),
        ("batch-differing", pair[::-1]),
    ):
        where = reverse(f"showroom:{name}", args=numbers)
        for who in ("researcher", "operator"):
            kind = "twin" if numbers[0] == pair[0] else "hidden"
            asked = Asked(f"showroom:{name}", "get", who, kind)
            yield asked, _ask(clients[who], "get", where)[0]


def _client(user: Any, **kwargs: Any) -> Client:
    client = Client(raise_request_exception=False, **kwargs)
    if user:
        client.force_login(user)
    return client


def _where(address: Address, words: Mapping[str, Any]) -> str:
    needed = address.pattern.pattern.regex.groupindex
    given = {name: words[name] for name in needed}
    name = address.name
    # What has no name of its own is found by its path.
    if "/" in name:
        path = address.path
        for word, value in given.items():
            path = path.replace(f"<{word}>", str(value))
        return path
    return reverse(name, kwargs=given)


def _all_ask(
    clients: Mapping[str, Client], asked: Asked, where: str, rule: Rule
) -> Iterator[tuple[Asked, Answered]]:
    for who, client in clients.items():
        if not _is_asked(who, asked.kind, rule):
            continue
        for how in ("get", "post"):
            one = asked._replace(how=how, who=who)
            answer, form = _ask(client, how, where, data=_FILLED[how])
            yield one, answer
            if who == "admin":
                for also, query in _hostile(how, form, rule):
                    client.handler.enforce_csrf_checks = also == "csrf"
                    answer, _ = _ask(client, how, where, **query)
                    yield one._replace(also=also), answer
                client.handler.enforce_csrf_checks = False


def _is_asked(who: str, kind: str, rule: Rule) -> bool:
    """Whether it can make a difference who asks, and of which kind the batch is."""
    if who in {"stranger", "guest"}:
        return kind != "private"
    if who != "owner":
        return True
    # Of an open batch its owner sees what everybody sees.
    return kind == "private" or bool(kind and any(w and w.others for w in rule[:2]))


def _hostile(how: str, form: Any, rule: Rule) -> Iterator[tuple[str, dict[str, Any]]]:
    is_taken = how == "post" and rule.post not in {None, NOBODY}
    fields = getattr(form, "fields", ())
    if is_taken:
        yield "csrf", {}
    if is_taken or fields:
        yield "words", {"data": dict.fromkeys(fields, EVIL) | {"next": ELSEWHERE}}


def _ask(client: Client, how: str, where: str, **query: Any) -> tuple[Answered, Any]:
    cookies = client.cookies.copy()
    with transaction.atomic(), transaction.atomic("events"):
        answer = getattr(client, how)(where, **query)
        body = b"".join(
            answer.streaming_content if answer.streaming else [answer.content]
        )
        answer.close()
        form = (answer.context or {}).get("form") if answer.context else None
        for alias in ("default", "events"):
            transaction.set_rollback(True, using=alias)
    client.cookies = cookies
    kind = answer.get("Content-Type", "").partition(";")[0]
    text = body.decode("utf-8", "replace")
    found = Answered(
        answer.status_code,
        answer.get("Location", ""),
        dict(answer.headers),
        SECRET in text,
        "pwn" in text,
        _runs(kind, text),
    )
    return found, form


def _runs(kind: str, text: str) -> list[str]:
    """What of the hostile words a browser or a spreadsheet would run."""
    if kind in {"text/html", "image/svg+xml"}:
        return [kind] * text.count("<img src=x")
    if kind == "text/csv":
        cells = (cell for row in csv.reader(io.StringIO(text)) for cell in row)
        return [cell for cell in cells if cell.startswith(_FORMULA) and "pwn" in cell]
    return []
