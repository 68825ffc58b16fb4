"""What the night report says of the models."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.report.night import Night
from monitor.report.sections import Need
from registry.models import AliasMove, Model, Version
from registry.night import SHOWN, champion

pytestmark = pytest.mark.django_db

SINCE = datetime(2026, 11, 20, 8, tzinfo=UTC)
NIGHT = Night(SINCE, SINCE + timedelta(days=1))
HOUR = timedelta(hours=1)


@pytest.fixture
def version():
    """Make a version: version(2), version(1, "novelty")."""

    def make(number: int, model: str = "pulsar", hours: float = -99) -> Version:
        named, _ = Model.objects.get_or_create(name=model)
        made = Version.objects.create(
            model=named, number=number, sha256=f"{number:064}", card={}
        )
        Version.objects.filter(pk=made.pk).update(created_at=SINCE + hours * HOUR)
        return made

    return make


def move(after: Version, hours: float, before: Version | None = None, **values) -> None:
    wanted = {"alias": "champion", "reason": "better"} | values
    row = AliasMove.objects.create(
        model=after.model, before=before, after=after, **wanted
    )
    AliasMove.objects.filter(pk=row.pk).update(at=SINCE + hours * HOUR)


def test_the_champion_at_the_end_and_each_move_in_the_night(version, person):
    ana = person("admin", "ana")
    one, two, three = version(1), version(2, hours=1), version(3)
    other = version(1, "novelty")
    move(one, -50)
    move(two, 2, one, by=ana)
    move(two, 3, alias="challenger", reason="shipped")
    move(other, 4)
    move(three, 25, two)

    section = champion(NIGHT)

    assert section.facts == (
        ("Version", "pulsar/2"),
        ("Champion since", SINCE + 2 * HOUR),
        ("New versions", 1),
    )
    assert [tuple(cell.value for cell in row) for row in section.table.rows] == [
        (SINCE + 4 * HOUR, "Production", "–", "novelty/1", "the site", "better"),
        (SINCE + 3 * HOUR, "Staging", "–", "pulsar/2", "the site", "shipped"),
        (SINCE + 2 * HOUR, "Production", "1", "pulsar/2", "ana", "better"),
    ]
    assert section.told == "1 new champion"
    assert section.needs == ()
    assert section.url == two.get_absolute_url()


def test_a_champion_of_long_ago_needs_no_words(version):
    move(version(1), -50)
    section = champion(NIGHT)
    assert (section.told, section.table) == ("", None)
    assert section.note == "No alias was moved."


def test_without_a_champion_somebody_is_needed(version):
    section = champion(NIGHT)
    assert section.facts == (("Version", "none"), ("New versions", 0))
    assert section.needs == (Need("There is no champion", "/registry/"),)


def test_a_night_before_the_first_champion_needs_nobody_any_more(version):
    move(version(1), 30)
    section = champion(NIGHT)
    assert section.facts == (("Version", "none"), ("New versions", 0))
    assert section.needs == ()


def test_of_many_moves_the_rest_is_counted(version, django_assert_num_queries):
    one = version(1)
    for minute in range(SHOWN + 2):
        move(one, minute / 60)
    with django_assert_num_queries(5):
        section = champion(NIGHT)
    assert len(section.table.rows) == SHOWN
    assert section.table.more == "and 2 more moves"
