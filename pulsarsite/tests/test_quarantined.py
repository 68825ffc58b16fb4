"""A quarantined version is offered nowhere, and nothing can be asked of it."""

import pytest

from dispatch.errors import DispatchError
from dispatch.rehearse import rehearse
from dispatch.schedules.versions import offered
from dispatch.sources import of as source_of
from registry.models import Version
from registry.sentinels.uses import _standing
from registry.ship import register_shipped
from showroom.again import offer
from showroom.forms import AgainForm

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions():
    """One that is ready, and one that is not, though it is the champion."""
    shipped = register_shipped()
    (champion,) = [version for version in shipped if version.card["champion"]]
    (other,) = [version for version in shipped if version != champion]
    Version.objects.filter(pk=champion.pk).update(
        registration=Version.Registration.QUARANTINED
    )
    return other, champion


def test_no_choice_has_it(versions):
    ready, quarantined = versions
    fixed = dict(offered())["Always this one"]
    assert fixed == [(str(ready), str(ready))]
    assert offer([]).fresh == [ready]
    assert AgainForm({"version": ready.pk}).is_valid()
    assert not AgainForm({"version": quarantined.pk}).is_valid()
    assert _standing() == []


def test_a_schedule_that_names_it_is_told_why_it_cannot(versions, storage):
    _, quarantined = versions
    inbox = storage / "inbox"
    inbox.mkdir()
    source = source_of(
        {
            "kind": "folder",
            "folder": str(inbox),
            "patterns": ["*.csv"],
            "settle_seconds": 0,
        }
    )
    words = f"{quarantined} is quarantined and never loaded"
    with pytest.raises(DispatchError, match=words):
        rehearse(source, "pulsar@champion")
