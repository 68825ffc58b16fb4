"""The tables of docs/security.md and docs/rights.md."""

from collections.abc import Iterator

from accounts.roles import ROLES
from pulsarsite.api import api
from pulsarsite.who_may.addresses import Address, addresses
from pulsarsite.who_may.operations import OPERATIONS
from pulsarsite.who_may.rules import ANYBODY, NOBODY, PERSON, TOKEN, Rule, Who
from pulsarsite.who_may.table import TABLE
from pulsarsite.who_may.words import RIGHTS

# Between these two lines of docs/security.md stands what is written here.
BEGIN = "<!-- who may what: manage.py rights_docs -->"
END = "<!-- end -->"
PAGE = """\
# Every address, and whom it answers

Written by `manage.py rights_docs` from `pulsarsite/who_may/`. A test asks each address
as a stranger, as somebody without a role, as each role and as the owner, and fails for
one that does not stand here.

Who asks without the right is answered 403, a stranger is sent to the log-in, and what
an address has no use for is answered 405. "Own" is what somebody brought or made. An
address with a cross leads to a batch: where that is private, it answers its owner and
admins, and everybody else 404.

| address | look (GET) | send (POST) | batch |
| --- | --- | --- | --- |
"""
OPERATIONS_TOO = """
## Operations of the API

A stranger is answered 401, whoever lacks the right 403; what belongs to a private batch
of somebody else is not there (404). On their own things people may do what the pages
let them.

| operation | answers |
| --- | --- |
"""


def by_role() -> str:
    """What each role may do."""
    lines = [f"| may | {' | '.join(ROLES)} |", "| --- |" + " --- |" * len(ROLES)]
    for right, words in RIGHTS.items():
        held = ("yes" if right in rights else "no" for rights in ROLES.values())
        lines.append(f"| {words} | {' | '.join(held)} |")
    return "\n".join(lines)


def inserted(page: str) -> str:
    """The page with the table of roles as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{by_role()}\n\n{END}{after}"


def by_address() -> str:
    """docs/rights.md."""
    known = (address for address in addresses() if address.name in TABLE)
    lines = (_line(address, TABLE[address.name]) for address in known)
    return PAGE + "".join(lines) + OPERATIONS_TOO + "".join(_operations())


def _operations() -> Iterator[str]:
    for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        for method, one in methods.items():
            who = _holders(OPERATIONS.get(one["operationId"], ""))
            yield f"| {method.upper()} `{path}` | {who} |\n"


def _line(address: Address, rule: Rule) -> str:
    cross = "×" if rule.of_batch else ""
    cells = f"`{address.path}`", _asked(rule.get), _asked(rule.post), cross
    return f"| {' | '.join(cells)} |\n"


def _asked(who: Who | None) -> str:
    if who is None:
        return "–"
    if not who.others:
        return _holders(who.right)
    return f"own: {_holders(who.right)}; others': {_holders(who.others)}"


def _holders(right: str) -> str:
    words = {
        ANYBODY.right: "everybody",
        PERSON.right: "who is logged in",
        TOKEN.right: "who has the token",
        NOBODY.right: "nobody",
    }
    held = [f"{role}s" for role, rights in ROLES.items() if right in rights]
    return words.get(right) or ", ".join(held) or "superusers"
