"""Who sees which button of a schedule; which addresses answer whom, is a table."""

import pytest

from dispatch.schedules.announce import announce
from dispatch.tests.pages import text
from monitor.crontab import lines

pytestmark = pytest.mark.django_db

ALL = {"researcher", "operator", "admin"}
OPERATORS = ALL - {"researcher"}
ADMINS = {"admin"}
BUTTONS = {
    "Edit": ADMINS,
    "Test": ADMINS,
    "Copy": ADMINS,
    "Remove…": ADMINS,
    "Run now": OPERATORS,
    "Pause": OPERATORS,
    "Skip the next slot": OPERATORS,
}


@pytest.mark.parametrize("role", sorted(ALL))
def test_what_a_role_may_not_do_is_not_shown(client, person, schedule, role):
    announce(schedule)
    lines.sync()
    client.force_login(person(role, "somebody"))
    page = text(client.get(schedule.get_absolute_url()))

    shown = {label: f">{label}<" in page for label in BUTTONS}
    assert shown == {label: role in who for label, who in BUTTONS.items()}
