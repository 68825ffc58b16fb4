"""Who finds the Monitor, and its buttons; which addresses answer whom, is a table."""

import pytest
from django.contrib.auth.models import Permission

from monitor.tests.pages import check, job, text

pytestmark = pytest.mark.django_db

OPERATORS = {"operator", "admin"}
ROLES = ("researcher", "operator", "admin")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("url", ["/", "/dispatch/", "/showroom/"])
def test_only_who_may_see_the_monitor_finds_the_way_to_it(client, person, role, url):
    client.force_login(person(role))
    page = text(client.get(url))

    assert ('href="/monitor/' in page) == (role in OPERATORS)


def test_who_may_only_see_is_offered_no_switch(client, django_user_model, storage):
    job("nightly")
    check("job-nightly")
    looker = django_user_model.objects.create_user("lou")
    looker.user_permissions.add(Permission.objects.get(codename="view_check"))
    client.force_login(looker)
    (storage / "crontab").write_text("")

    page = text(client.get("/monitor/jobs/nightly/"))
    for button in (">Pause<", ">Resume<", ">Run now<", ">Put it right<"):
        assert button not in page
    assert "Make this change" not in text(client.get("/monitor/crontab/"))
    for act in ("pause", "resume", "skip", "unskip", "run", "mend"):
        assert client.post(f"/monitor/jobs/nightly/{act}/").status_code == 403
    assert client.post("/monitor/crontab/mend/").status_code == 403
