"""Let an alias name another version, and remember that it did."""

from django.db import IntegrityError, transaction

from accounts.models import User
from monitor.events import record
from registry.errors import AliasMoved
from registry.models import Alias, AliasMove, Version


def move_alias(
    name: str,
    version: Version,
    *,
    expected: Version | None,
    reason: str,
    by: User | None = None,
) -> None:
    """Move an alias from the expected version (None: from nowhere) to this one."""
    with transaction.atomic():
        if not _compare_and_set(name, version, expected):
            raise AliasMoved(
                f"{version.model.name}@{name} was moved by somebody else meanwhile."
            )
        AliasMove.objects.create(
            model=version.model,
            alias=name,
            before=expected,
            after=version,
            by=by,
            reason=reason,
        )
        record(
            "alias.moved",
            about=str(version),
            who=by,
            alias=name,
            before=expected.number if expected else None,
            reason=reason,
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
