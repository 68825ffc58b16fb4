"""Find the kind of source or sink that a schedule names, with its settings."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from dispatch.errors import DispatchError


class Settings(BaseModel):
    """Settings of one kind: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BadSettings(DispatchError):
    """Settings that no source or sink can work with; the message lists why."""


_Kind = TypeVar("_Kind", bound=Settings)


def choose(kinds: Sequence[type[_Kind]], values: object, what: str) -> _Kind:
    """The one of these kinds that the values name, made of them."""
    known = {kind.model_fields["kind"].default: kind for kind in kinds}
    named = values.get("kind") if isinstance(values, dict) else None
    if not isinstance(named, str) or named not in known:
        there = " or ".join(known)
        raise BadSettings(f"There is no {what} {named!r}; it is {there}.")
    try:
        return known[named].model_validate(values)
    except ValidationError as error:
        raise BadSettings(" ".join(_mistakes(error))) from error


def _mistakes(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors():
        name = ".".join(map(str, mistake["loc"]))
        yield f"{name}: {said(mistake)}."


def said(mistake: Any) -> str:
    if mistake["type"] == "value_error":
        return str(mistake["ctx"]["error"])
    if mistake["type"] == "extra_forbidden":
        return "there is no such setting"
    text: str = mistake["msg"]
    return text[0].lower() + text[1:]
