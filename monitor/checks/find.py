"""A check by its name, whether anybody has looked at it yet or not."""

from monitor.checks.unseen import unseen
from monitor.models import Check


def find(slug: str) -> Check | None:
    """Its row; of what nobody has looked at yet, the one that it will have."""
    return Check.objects.filter(slug=slug).first() or unseen(slug)


def kept(check: Check) -> Check:
    """Its row, for who will write into it."""
    known = {"kind": check.kind, "name": check.name, "depends": check.depends}
    # What nobody has looked at has no row yet, unless somebody makes it just now.
    row, _made = Check.objects.get_or_create(slug=check.slug, defaults=known)
    return row
