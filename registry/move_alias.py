"""Let an alias name another version, and remember that it did."""

from django.db import IntegrityError, transaction

from accounts.models import User
from monitor.events import record
from registry.errors import AliasMoved
from registry.models import Alias, AliasMove, Comparison, Version

REASON_LENGTH = 500


def move_alias(
    name: str,
    version: Version,
    *,
    expected: Version | None,
    reason: str,
    by: User | None = None,
    comparison: Comparison | None = None,
    is_override: bool = False,
) -> None:
    """Move an alias from the expected version (None: from nowhere) to this one."""
    with transaction.atomic():
        if not _compare_and_set(name, version, expected):
            raise AliasMoved(_what_happened(name, version))
        AliasMove.objects.create(
            model=version.model,
            alias=name,
            before=expected,
            after=version,
            by=by,
            reason=reason[:REASON_LENGTH],
            comparison=comparison,
            is_override=is_override,
        )
        record(
            "alias.moved",
            about=str(version),
            who=by,
            alias=name,
            before=expected.number if expected else None,
            reason=reason,
            comparison=comparison.pk if comparison else None,
            override=is_override or None,
        )


def _compare_and_set(name: str, version: Version, expected: Version | None) -> bool:
    aliases = Alias.objects.filter(model=version.model, name=name)
    if expected:
        return aliases.filter(version=expected).update(version=version) == 1
    try:
        with transaction.atomic():
            Alias.objects.create(model=version.model, name=name, version=version)
    except IntegrityError:
        return False
    return True


def _what_happened(name: str, version: Version) -> str:
    """Who moved it, and to what, for whoever came second."""
    alias = f"{version.model.name}@{name}"
    moves = AliasMove.objects.filter(model=version.model, alias=name)
    last = moves.select_related("after__model", "by").order_by("pk").last()
    if last is None:
        return f"{alias} is not where it was expected. Nothing was changed."
    who = last.by.username if last.by else "the site"
    return (
        f"{alias} was moved meanwhile: by {who} to {last.after} ({last.reason}). "
        "Nothing was changed; look again, then decide."
    )
