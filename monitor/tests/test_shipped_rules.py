"""The rules that come with the site fit what the site looks at."""

import pytest

from monitor.alerts import shipped
from monitor.alerts.forms import RuleForm
from monitor.alerts.words import condition
from monitor.models import Check, Rule, Sample

pytestmark = pytest.mark.django_db


def test_they_are_made_once_and_what_people_changed_stays():
    shipped.sync()
    assert set(Rule.objects.values_list("shipped", flat=True)) == set(shipped.RULES)
    Rule.objects.filter(shipped="host-down").update(on=False, for_seconds=600)
    Rule.objects.filter(shipped="job-down").delete()
    mine = Rule.objects.create(name="Mine", condition="down")
    gone = Rule.objects.create(name="Gone", condition="down", shipped="of-old")
    shipped.sync()
    changed = Rule.objects.get(shipped="host-down")
    assert (changed.on, changed.for_seconds) == (False, 600)
    assert Rule.objects.filter(shipped="job-down").count() == 1
    assert Rule.objects.filter(shipped=None).count() == 2
    assert {mine.name, gone.name} == {"Mine", "Gone"}


def test_every_kind_of_thing_is_watched():
    shipped.sync()
    watched = Rule.objects.filter(condition="down").values_list("kind", "slug")
    kinds = [(kind, "") for kind in Check.Kind if kind != Check.Kind.CLOCK]
    assert set(watched) == {*kinds, ("", "clock"), ("", "tick")}


@pytest.mark.parametrize("name", shipped.RULES)
def test_each_could_have_been_made_on_the_page(name):
    shipped.sync()
    rule = Rule.objects.get(shipped=name)
    if rule.slug:
        Check.objects.create(slug=rule.slug, kind="clock")
    if rule.figure:
        Sample.objects.create(name=rule.figure, value=1)
    again = RuleForm({k: v for k, v in RuleForm(None, rule).initial.items() if v})
    minutes = {"minutes": "0"} if not rule.for_seconds else {}
    form = RuleForm(again.data | minutes)
    assert form.is_valid(), form.errors
    stored = {name: getattr(rule, name) for name in form.values()}
    assert form.values() == stored


def test_they_read_as_sentences():
    shipped.sync()
    said = {rule.shipped: condition(rule) for rule in Rule.objects.all()}
    assert said["host-down"] == "a host is down for 2 min"
    assert said["clock-down"] == "clock is down"
    assert said["tick-down"] == "tick is down for 2 min"
    assert said["stale"] == (
        "anything that is looked at has no fresh reading for 10 min"
    )
    assert (
        said["batch-rejects"] == "the figure “Rejected rows of a batch” is above 50 %"
    )
