"""Make a trigger, change one, switch it, take it away and bring it back."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from registry.errors import CannotTrigger, Overtaken
from registry.models import Trigger
from registry.triggers.words import sentence

# With another of these it is another reason: what came before is none.
_ANEW = ("kind", "model", "condition")


def create(values: Mapping[str, Any], *, by: User) -> Trigger:
    """Make a trigger; the clock looks at it from the next minute on."""
    try:
        with transaction.atomic():
            trigger = Trigger.objects.create(**values, by=by, since=now())
            record("trigger.created", about=_about(trigger), who=by, **_told(trigger))
    except IntegrityError as error:
        raise CannotTrigger(_taken(values["name"])) from error
    return trigger


def change(
    trigger: Trigger, values: Mapping[str, Any], revision: int, *, by: User
) -> list[str]:
    """Change a trigger as it was at this revision; which fields are others now."""
    changed = [name for name in values if getattr(trigger, name) != values[name]]
    if not changed:
        return changed
    anew = {"since": now()} if set(changed) & set(_ANEW) else {}
    mine = Trigger.objects.filter(pk=trigger.pk, removed_at=None, revision=revision)
    theirs = {name: values[name] for name in changed} | {"revision": revision + 1}
    try:
        with transaction.atomic():
            if not mine.update(**theirs, **anew):
                raise Overtaken(_overtaken(trigger))
            after = Trigger.objects.get(pk=trigger.pk)
            told = {"changed": changed} | _told(after)
            record("trigger.changed", about=_about(after), who=by, **told)
    except IntegrityError as error:
        raise CannotTrigger(_taken(values["name"])) from error
    return changed


def switch(trigger: Trigger, *, on: bool, by: User) -> None:
    """Look at it, or not; what came while it was off is no reason."""
    with transaction.atomic():
        other = Trigger.objects.filter(pk=trigger.pk, is_on=not on, removed_at=None)
        anew = {"since": now()} if on else {}
        if other.update(is_on=on, **anew):
            said = "on" if on else "off"
            record("trigger.switched", about=_about(trigger), who=by, switched=said)


def remove(trigger: Trigger, *, by: User) -> None:
    """Take it away; what it decided stays, and what it started goes on."""
    with transaction.atomic():
        live = Trigger.objects.filter(pk=trigger.pk, removed_at=None)
        if live.update(removed_at=now()):
            record("trigger.removed", about=_about(trigger), who=by)


def restore(trigger: Trigger, *, by: User) -> None:
    """Bring it back, switched as it was."""
    with transaction.atomic():
        gone = Trigger.objects.filter(pk=trigger.pk, removed_at__isnull=False)
        if gone.update(removed_at=None, since=now()):
            record("trigger.restored", about=_about(trigger), who=by)


def _about(trigger: Trigger) -> str:
    return f"trigger {trigger}"


def _overtaken(trigger: Trigger) -> str:
    live = Trigger.objects.filter(pk=trigger.pk, removed_at=None).first()
    if live is None:
        return "Somebody has removed this trigger meanwhile."
    return (
        "Somebody has changed this trigger since you opened it. As they left it: "
        f"{live.name}, {sentence(live)}, then {live.get_policy_display()}. Saved once "
        "more, what stands here takes the place of theirs."
    )


def _taken(name: str) -> str:
    return f"There is a trigger {name} already, or a removed one; choose another name."


def _told(trigger: Trigger) -> dict[str, object]:
    return {
        "model": trigger.model,
        "fires": sentence(trigger),
        "policy": trigger.policy,
        "cool_down_hours": trigger.cool_down_hours,
        "daily_cap": trigger.daily_cap,
    }
