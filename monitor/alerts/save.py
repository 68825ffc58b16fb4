"""Make a rule, change one that nobody else has changed meanwhile, switch and remove."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import User
from monitor.alerts.words import sentence
from monitor.events import record
from monitor.models import Channel, Rule


class RuleError(Exception):
    """The rule is as it was; the message says why."""


class Overtaken(RuleError):
    """Somebody has changed or removed the rule since it was looked at."""


def create(values: Mapping[str, Any], channels: Iterable[Channel], *, by: User) -> Rule:
    """Make a rule; it is held from the next minute on."""
    with transaction.atomic():
        rule = Rule.objects.create(**values)
        rule.channels.set(channels)
        record("rule.created", about=f"rule {rule}", who=by, says=says(rule))
    return rule


def change(
    rule: Rule,
    values: Mapping[str, Any],
    channels: Iterable[Channel],
    revision: int,
    *,
    by: User,
) -> None:
    """Change a rule as it was at this revision."""
    with transaction.atomic():
        mine = Rule.objects.filter(pk=rule.pk, revision=revision)
        if not mine.update(**values, revision=revision + 1):
            raise Overtaken("Somebody has changed this rule since you opened it.")
        after = Rule.objects.get(pk=rule.pk)
        after.channels.set(channels)
        record("rule.changed", about=f"rule {after}", who=by, says=says(after))


def switch(rule: Rule, *, on: bool, by: User) -> None:
    """Hold it, or not; switched twice the same way, it was so already."""
    with transaction.atomic():
        other = Rule.objects.filter(pk=rule.pk, on=not on)
        if other.update(on=on, revision=F("revision") + 1):
            said = "on" if on else "off"
            record("rule.changed", about=f"rule {rule}", who=by, switched=said)


def remove(rule: Rule, *, by: User) -> None:
    """Forget it; its live alerts end at the next minute."""
    if rule.shipped:
        raise RuleError("It came with the site: it can be switched off, not removed.")
    with transaction.atomic():
        removed, _ = Rule.objects.filter(pk=rule.pk, shipped=None).delete()
        if removed:
            record("rule.removed", about=f"rule {rule}", who=by)


def says(rule: Rule) -> str:
    """Its sentence, with the channels that it names."""
    return sentence(rule, [channel.name for channel in rule.channels.all()])
