"""Every operation of the API, asked by everybody, answers whom the table says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.utils.timezone import now

from accounts.roles import ROLES
from accounts.tokens.make import make
from monitor.processes import detached
from pulsarsite.api import api
from pulsarsite.schema_connections import Connection
from pulsarsite.tests import world
from pulsarsite.tests.operations import filled, words
from pulsarsite.tests.world import SECRET, World
from pulsarsite.who_may.operations import OPERATIONS

pytestmark = pytest.mark.django_db

ROLE_OF = {"owner": "researcher"} | {role: role for role in ROLES}
AWAY = Connection(name="survey", file=Path("/nowhere/survey.sqlite"))
# Nobody wants a schedule left out.
NOT_THERE = {"unskip_slot"}
OF_BATCH = {"batch", "prediction", "download"}


class Operation(NamedTuple):
    """How it is asked, and what it takes."""

    name: str
    method: str
    path: str
    right: str

    @property
    def parts(self) -> set[str]:
        """What stands in its address."""
        return set(re.findall(r"{(\w+)}", self.path))


class Asked(NamedTuple):
    """Who asked which operation about a batch of which kind."""

    name: str
    who: str
    kind: str


class Answered(NamedTuple):
    """What came back."""

    status: int
    kind: str
    gives_away: bool


def operations() -> Iterator[Operation]:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    for path, methods in paths.items():
        for method, one in methods.items():
            yield Operation(one["operationId"], method, path, one["x-right"])


def test_every_operation_stands_in_the_table_with_its_right():
    found = [(one.name, one.right) for one in operations()]
    assert sorted(found) == sorted(OPERATIONS.items())


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker, tmp_path_factory):
    """What came back to whom; asked once for all tests, in a site of its own."""
    root = tmp_path_factory.mktemp("storage")
    storage = settings.PULSAR.storage.model_copy(update={"root": root})
    ours = override_settings(
        PULSAR=settings.PULSAR.model_copy(
            update={"storage": storage, "connections": [AWAY]}
        ),
        FILE_UPLOAD_TEMP_DIR=root,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    both = transaction.atomic(), transaction.atomic("events")
    # What is pressed there would go on beside the tests.
    idle = mock.patch.object(detached, "start")
    with django_db_blocker.unblock(), ours, idle, both[0], both[1]:
        found = dict(walk(world.build()))
        for alias in ("default", "events"):
            transaction.set_rollback(True, using=alias)
    return found


def walk(site: World) -> Iterator[tuple[Asked, Answered]]:
    """Ask all; what a request changes is undone before the next one."""
    clients = {who: program(user) for who, user in site.people.items()}
    for one in operations():
        kinds = ("open", "private") if one.parts & OF_BATCH else ("",)
        for kind in kinds:
            there = words(site, kind or "open")
            where = filled(one.path, there)
            for who, client in clients.items():
                asked = Asked(one.name, who, kind)
                yield asked, ask(client, one.method, where)


def program(user) -> Client:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    if user:
        key = make(user, name="", read_only=False, at=now()).key
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def ask(client: Client, method: str, where: str) -> Answered:
    with transaction.atomic(), transaction.atomic("events"):
        # As of somebody who does not know what it wants.
        body = {} if method == "get" else {"data": "{}"}
        kind = {} if method == "get" else {"content_type": "application/json"}
        answer = getattr(client, method)(where, **body, **kind)
        streamed = answer.streaming_content if answer.streaming else [answer.content]
        text = b"".join(streamed).decode("utf-8", "replace")
        answer.close()
        for alias in ("default", "events"):
            transaction.set_rollback(True, using=alias)
    return Answered(answer.status_code, answer["Content-Type"], SECRET in text)


def test_everybody_is_answered_as_the_table_says(answers):
    wrong = [
        f"{' '.join(filter(None, asked))}: {answer.status}"
        for asked, answer in answers.items()
        if not is_as_it_should(asked, answer.status)
    ]
    assert wrong == []
    assert {asked.name for asked in answers} == set(OPERATIONS)


def is_as_it_should(asked: Asked, status: int) -> bool:
    if asked.who == "stranger":
        return status == 401
    if OPERATIONS[asked.name] not in ROLES.get(ROLE_OF.get(asked.who, ""), ()):
        return status == 403
    if asked.kind == "private" and asked.who in {"researcher", "operator"}:
        # What was sent is looked at before what it is about.
        return status in {404, 422}
    return status < 500 and status not in {401, 405}


def test_whoever_may_is_answered(answers):
    """Or the last test would hold for an API that refuses everything."""
    refused = {
        asked.name
        for asked, answer in answers.items()
        if asked.who == "admin" and asked.kind != "private"
        if answer.status in {403, 404}
    }
    assert refused == NOT_THERE


def test_nothing_of_a_private_batch_is_seen_by_others(answers):
    seen = {asked for asked, answer in answers.items() if answer.gives_away}
    assert {asked for asked in seen if asked.who not in {"owner", "admin"}} == set()
    # What its owner and the admins see shows that there is something to be seen.
    assert {asked.name for asked in seen if asked.who == "owner"} > {
        "list_batches",
        "get_batch",
        "list_rows",
        "download_scores",
        "list_rejects",
    }


def test_every_refusal_is_a_problem(answers):
    kinds = {answer.kind for answer in answers.values() if answer.status >= 400}
    assert kinds == {"application/problem+json"}
