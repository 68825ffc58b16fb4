"""Connections to databases: which there are, and whether they answer."""

from typing import Self

from django.http import Http404
from ninja import Router, Schema

from accounts.programs.needs import Needs
from accounts.programs.values import Seconds
from accounts.requests import Request
from dispatch.connections.listed import Listed, listed
from dispatch.connections.look import look

router = Router()
_may_see = Needs("dispatch.add_run")


class ConnectionOut(Schema):
    """A connection by its name, and the schedules that read or write it."""

    name: str
    read_only: bool
    readers: list[str]
    writers: list[str]

    @classmethod
    def of(cls, one: Listed) -> Self:
        return cls(
            name=one.connection.name,
            read_only=one.connection.read_only,
            readers=[schedule.slug for schedule in one.readers],
            writers=[schedule.slug for schedule in one.writers],
        )


class LookStepOut(Schema):
    """One step of a look: it went well, it did not, or that could not be told."""

    name: str
    ok: bool | None
    words: str
    took: Seconds


@router.get("", auth=_may_see, response=list[ConnectionOut])
def list_connections(request: Request) -> list[ConnectionOut]:
    """All of them, as config.yaml names them."""
    return [ConnectionOut.of(one) for one in listed()]


@router.post("/{slug:connection}/test", auth=_may_see, response=list[LookStepOut])
def test_connection(request: Request, connection: str) -> list[LookStepOut]:
    """Try one now, step by step."""
    if connection not in {one.connection.name for one in listed()}:
        raise Http404
    return [
        LookStepOut(name=step.name, ok=step.ok, words=step.words, took=step.seconds)
        for step in look(connection)
    ]
