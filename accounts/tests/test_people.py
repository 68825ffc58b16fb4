"""Who manages people under /admin/, and what even they cannot do."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import User

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


@pytest.fixture
def admin(client, person):
    admin = person("admin", "ada")
    client.force_login(admin)
    return admin


def form(user: User, **changes) -> dict:
    return {
        "username": user.username,
        "email": user.email,
        "is_active": "on" if user.is_active else "",
        "groups": [group.pk for group in user.groups.all()],
        **changes,
    }


def test_an_admin_sees_people_without_being_staff(client, admin):
    assert not admin.is_staff
    for address in ("/admin/", LIST, f"{LIST}add/", f"{LIST}{admin.pk}/change/"):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("role", ["researcher", "operator"])
def test_others_are_refused_even_with_the_staff_flag(client, person, role):
    somebody = person(role)
    User.objects.update(is_staff=True)
    client.force_login(somebody)

    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get(LIST, follow=True).status_code == 403


def test_a_stranger_comes_in_by_the_sites_own_log_in(client):
    page = client.get(LIST, follow=True)

    assert page.templates[0].name == "registration/login.html"
    assert page.context["next"] == LIST


def test_an_admin_makes_a_person_with_a_role(client, admin):
    researcher = Group.objects.get(name="researcher")
    made = client.post(
        f"{LIST}add/",
        {
            "username": "rex",
            "email": "rex@example.org",
            "password1": "a long pass phrase",
            "password2": "a long pass phrase",
            "usable_password": "true",
            "groups": [researcher.pk],
        },
    )

    assert made.status_code == 302
    rex = User.objects.get(username="rex")
    assert rex.has_perm("showroom.add_batch")
    assert (rex.is_staff, rex.is_superuser) == (False, False)


def test_an_admin_gives_a_new_password(client, admin, person):
    rex = person("researcher", "rex")

    done = client.post(
        f"{LIST}{rex.pk}/password/",
        {
            "password1": "another phrase here",
            "password2": "another phrase here",
            "usable_password": "true",
        },
    )

    rex.refresh_from_db()
    assert done.status_code == 302
    assert rex.check_password("another phrase here")


def test_nobody_becomes_superuser_or_staff_by_page(client, admin):
    rights = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1"]}
    answer = client.post(f"{LIST}{admin.pk}/change/", form(admin, **rights))

    admin = User.objects.get(pk=admin.pk)
    assert answer.status_code == 302
    assert (admin.is_superuser, admin.is_staff) == (False, False)
    assert not admin.user_permissions.exists()


def test_an_admin_cannot_change_a_superuser(client, admin):
    root = User.objects.create_superuser("root", password="a long pass phrase")

    changed = client.post(f"{LIST}{root.pk}/change/", form(root, is_active=""))
    reset = client.post(f"{LIST}{root.pk}/password/", {"usable_password": "false"})

    root.refresh_from_db()
    assert (changed.status_code, reset.status_code) == (403, 403)
    assert root.is_active
    assert root.check_password("a long pass phrase")


@pytest.mark.parametrize("change", [{"is_active": ""}, {"groups": []}])
def test_the_last_admin_stays(client, admin, change):
    page = client.post(f"{LIST}{admin.pk}/change/", form(admin, **change))

    assert page.context["errors"] == [
        ["This is the last admin who can log in. Make another one first."]
    ]
    admin = User.objects.get(pk=admin.pk)
    assert admin.is_active
    assert admin.has_perm("accounts.change_user")


def test_one_of_two_admins_may_go(client, admin, person):
    other = person("admin", "other")

    client.post(f"{LIST}{other.pk}/change/", form(other, is_active=""))

    assert not User.objects.get(pk=other.pk).is_active


def test_roles_are_not_changed_by_page(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root"))

    assert client.get("/admin/auth/group/").status_code == 404
