"""Rules: when an alert is opened, and who is told."""

from typing import Self

from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from accounts.programs.needs import Needs
from accounts.programs.values import Key, Number, refusal
from accounts.requests import Request
from monitor.alerts import save
from monitor.alerts.forms import RuleForm
from monitor.models import Check, Rule, Severity

router = Router()
_looks = Needs("monitor.view_check")
_changes = Needs("monitor.change_rule")


class RuleOut(Schema):
    """A rule, in words and in parts."""

    id: int
    url: str
    name: str
    says: str
    on: bool
    condition: Rule.Condition
    # What is watched: all of a kind, one check, one figure, or everything.
    kind: Check.Kind | None
    slug: str
    figure: str
    value: Number
    for_seconds: int
    severity: Severity
    tells_all: bool
    # The numbers of those that it names.
    channels: list[int]
    # It came with the site: it can be switched off, not removed.
    is_shipped: bool
    revision: int

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return cls(
            id=rule.pk,
            url=rule.get_absolute_url(),
            name=rule.name,
            says=save.says(rule),
            on=rule.on,
            condition=Rule.Condition(rule.condition),
            kind=Check.Kind(rule.kind) if rule.kind else None,
            slug=rule.slug,
            figure=rule.figure,
            value=rule.value,
            for_seconds=rule.for_seconds,
            severity=Severity(rule.severity),
            tells_all=rule.tells_all,
            channels=[channel.pk for channel in rule.channels.all()],
            is_shipped=rule.shipped is not None,
            revision=rule.revision,
        )


class SwitchIn(Schema):
    """Whether a rule is held."""

    on: bool


class RuleIn(Schema):
    """A rule that is to be made, or as it is to be."""

    name: str = Field(min_length=1, max_length=100)
    condition: Rule.Condition
    # One of the three, or none: everything is watched.
    kind: Check.Kind | None = None
    slug: str = Field("", max_length=100)
    figure: str = Field("", max_length=64)
    # Of a figure, in its unit.
    value: float | None = Field(None, allow_inf_nan=False)
    for_seconds: int = Field(120, ge=0, le=7 * 86_400)
    severity: Severity = Severity.WARNING
    # Those that are told; without any, every channel is.
    channels: list[Key] = Field([], max_length=100)

    def filled(self, rule: Rule | None = None, revision: int | None = None) -> RuleForm:
        """As the page's form has it; what is wrong is an answer."""
        form = RuleForm(
            {
                "name": self.name,
                "watches": self.watches(),
                "condition": self.condition,
                "value": self.value,
                "minutes": self.for_seconds / 60,
                "severity": self.severity,
                "whom": "some" if self.channels else "all",
                "channels": self.channels,
                "revision": revision,
            },
            rule,
        )
        if form.is_valid():
            return form
        raise refusal(form)

    def watches(self) -> str:
        """What is watched, in the form's one word."""
        parts = {"figure": self.figure, "slug": self.slug, "kind": self.kind}
        named = [f"{name}:{what}" for name, what in parts.items() if what]
        return ",".join(named) or "everything"


class RuleChange(RuleIn):
    """A rule as it is to be, after it was at this revision."""

    revision: int = Field(ge=1, le=2**31 - 1)


@router.get("", auth=_looks, response=list[RuleOut])
def list_rules(request: Request) -> list[RuleOut]:
    """All of them."""
    found = Rule.objects.prefetch_related("channels").order_by("name", "pk")
    return [RuleOut.of(rule) for rule in found]


@router.post("", auth=Needs("monitor.add_rule"), response={201: RuleOut})
def create_rule(request: Request, given: RuleIn) -> Status[RuleOut]:
    """Make one; it is held from the next minute on."""
    form = given.filled()
    rule = save.create(form.values(), form.channels_chosen(), by=request.user)
    return Status(201, RuleOut.of(rule))


@router.get("/{rule}", auth=_looks, response=RuleOut)
def get_rule(request: Request, rule: int) -> RuleOut:
    """One of them."""
    return RuleOut.of(get_object_or_404(Rule, pk=rule))


@router.put("/{rule}", auth=_changes, response=RuleOut)
def change_rule(request: Request, rule: int, given: RuleChange) -> RuleOut:
    """Another wording of it; what it has opened stays."""
    found = get_object_or_404(Rule, pk=rule)
    form = given.filled(found, given.revision)
    chosen = form.channels_chosen()
    save.change(found, form.values(), chosen, given.revision, by=request.user)
    return get_rule(request, rule)


@router.post("/{rule}/switch", auth=_changes, response=RuleOut)
def switch_rule(request: Request, rule: int, given: SwitchIn) -> RuleOut:
    """Hold it, or not."""
    save.switch(get_object_or_404(Rule, pk=rule), on=given.on, by=request.user)
    return get_rule(request, rule)


@router.delete("/{rule}", auth=Needs("monitor.delete_rule"), response={204: None})
def remove_rule(request: Request, rule: int) -> Status[None]:
    """Forget it; its live alerts end at the next minute."""
    save.remove(get_object_or_404(Rule, pk=rule), by=request.user)
    return Status(204, None)
