"""How it is written down whom an address answers."""

from typing import NamedTuple


class Who(NamedTuple):
    """Whom a method of an address answers, and on what terms."""

    # A right of accounts.roles, or one of the words below.
    right: str
    # The right that it takes besides, for what is somebody else's.
    others: str = ""
    # Whether without that right it is not there at all, where it would be shut.
    hides: bool = False


ANYBODY = Who("anybody")
PERSON = Who("person")
TOKEN = Who("token")
NOBODY = Who("nobody")


class Rule(NamedTuple):
    """Who may look at an address, and who may send it something; None is nobody."""

    get: Who | None
    post: Who | None = None
    # It leads to a batch or to what hangs on one: not there for all of a private one.
    of_batch: bool = False


def see(right: str) -> Rule:
    """A page."""
    return Rule(Who(right))


def fill(right: str) -> Rule:
    """A form, and what it sends."""
    return Rule(Who(right), Who(right))


def do(right: str) -> Rule:
    """A button."""
    return Rule(None, Who(right))


def see_batch(right: str = "showroom.view_batch") -> Rule:
    """A page of a batch."""
    return Rule(Who(right), of_batch=True)


def fill_batch(right: str, others: str = "") -> Rule:
    """A form about a batch, and what it sends."""
    return Rule(Who(right, others), Who(right, others), of_batch=True)


def do_batch(right: str, others: str = "") -> Rule:
    """A button at a batch."""
    return Rule(None, Who(right, others), of_batch=True)
