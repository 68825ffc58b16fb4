"""The groups are what accounts/roles.py says, however often and after whatever."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from accounts import roles
from accounts.models import User

pytestmark = pytest.mark.django_db


def said_by_sync_roles() -> str:
    output = StringIO()
    call_command("sync_roles", stdout=output)
    return output.getvalue()


def held() -> dict[str, set[str]]:
    return {
        group.name: {
            f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()
        }
        for group in Group.objects.all()
    }


def test_the_groups_hold_exactly_what_the_roles_say():
    said = said_by_sync_roles()

    assert held() == {name: set(rights) for name, rights in roles.ROLES.items()}
    assert said.splitlines()[0] == (
        "researcher: +dispatch.view_schedule +registry.view_dataset "
        "+registry.view_label +registry.view_sentinel +registry.view_trainingrun "
        "+registry.view_trigger +registry.view_version +showroom.add_batch "
        "+showroom.add_prediction +showroom.add_verdict +showroom.view_batch "
        "+showroom.view_verdict"
    )


def test_a_second_time_changes_nothing_and_says_so():
    said_by_sync_roles()

    assert said_by_sync_roles() == "All roles are as they should be.\n"


def test_what_was_changed_by_hand_is_repaired():
    said_by_sync_roles()
    researcher = Group.objects.get(name="researcher")
    researcher.permissions.add(Permission.objects.get(codename="change_user"))
    researcher.permissions.remove(Permission.objects.get(codename="add_batch"))

    said = said_by_sync_roles()

    assert said == "researcher: +showroom.add_batch -accounts.change_user\n"
    assert held()["researcher"] == roles.ROLES["researcher"]


def test_members_stay_in_their_groups(person):
    operator = person("operator")
    operator.groups.get().permissions.clear()

    said_by_sync_roles()

    assert User.objects.get(pk=operator.pk).has_perm("monitor.view_event")


def test_a_right_that_does_not_exist_is_told_in_words_and_nothing_is_done(db):
    Permission.objects.filter(codename="view_event").delete()

    with pytest.raises(CommandError) as told:
        said_by_sync_roles()

    assert str(told.value) == (
        "The roles name permissions that do not exist: monitor.view_event. "
        "Run `manage.py migrate` first."
    )
    assert held() == {}


def test_each_role_has_all_that_the_one_below_it_has():
    assert roles.ROLES["researcher"] < roles.ROLES["operator"] < roles.ROLES["admin"]
