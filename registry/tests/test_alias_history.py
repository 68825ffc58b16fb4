"""Which version was what, at any time: on a page, and by a command."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.models import Preference, User
from registry.models import AliasMove, Comparison, Model, Version
from registry.promotion.history import champion_at, history, stays

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FIRST = datetime(2026, 11, 20, 8, tzinfo=UTC)
NOW = FIRST + 10 * DAY
PAGE = "/registry/history/"
SHIPPED = (
    "pulsar/1  2026-11-20T08:00:00Z to 2026-11-22T08:00:00Z  2 d 00 h  the site  "
    "shipped"
)


@pytest.fixture
def versions(person):
    """One from the first day, two from the third past the gate, one from the fourth."""
    model = Model.objects.create(name="pulsar")
    Model.objects.create(name="novelty")
    one, two = (
        Version.objects.create(model=model, number=n, sha256=f"{n:064}", card={})
        for n in (1, 2)
    )
    refused = Comparison.objects.create(
        candidate=two, champion=one, outcome=Comparison.Outcome.REFUSED
    )
    past = {"comparison": refused, "is_override": True, "by": person("admin", "ana")}
    for before, after, days, values in (
        (None, one, 0, {"reason": "shipped"}),
        (one, two, 2, {"reason": "J1 is noise", **past}),
        (two, one, 3, {"reason": "misses"}),
    ):
        move = AliasMove.objects.create(
            model=model, alias="champion", before=before, after=after, **values
        )
        AliasMove.objects.filter(pk=move.pk).update(at=FIRST + days * DAY)
    return one, two


@pytest.fixture
def reader(client, person):
    client.force_login(person("researcher"))
    return client


def ask(*arguments):
    with time_machine.travel(NOW, tick=False):
        call_command("registry_history", *arguments)


@pytest.mark.engines
def test_at_every_time_one_version_was_champion(versions):
    one, two = versions
    model = one.model
    moment = timedelta(microseconds=1)
    assert champion_at(model, FIRST - moment) is None
    assert champion_at(model, FIRST).after == one
    assert champion_at(model, FIRST + 2 * DAY - moment).after == one
    assert champion_at(model, FIRST + 2 * DAY).after == two
    assert champion_at(model, NOW).after == one
    assert champion_at(model, NOW, "shadow") is None


@pytest.mark.engines
def test_each_stays_until_the_next_and_parts_of_the_history_know_it_too(versions):
    one, two = versions
    moves = history(one.model, "champion")
    expected = [
        (one, None, 7 * DAY),
        (two, FIRST + 3 * DAY, DAY),
        (one, FIRST + 2 * DAY, 2 * DAY),
    ]
    for part in (slice(None), slice(1, 2), slice(2, 3)):
        assert [
            (stay.move.after, stay.until, stay.lasted)
            for stay in stays(moves[part], now=NOW)
        ] == expected[part]


def test_the_command_tells_all_of_it_the_newest_first(versions, capsys):
    ask()
    assert capsys.readouterr().out.splitlines() == [
        "pulsar/1  2026-11-23T08:00:00Z to now  7 d 00 h  the site  misses",
        (
            "pulsar/2  2026-11-22T08:00:00Z to 2026-11-23T08:00:00Z  1 d 00 h  ana  "
            "went past the gate: J1 is noise"
        ),
        SHIPPED,
    ]


def test_programs_get_times_with_their_offset(versions, capsys):
    ask("--json", "--at", "2026-11-22T12:00:00+02:00")
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "model": "pulsar",
        "alias": "champion",
        "version": "pulsar/2",
        "before": "pulsar/1",
        "since": "2026-11-22T08:00:00Z",
        "until": "2026-11-23T08:00:00Z",
        "seconds": 86_400,
        "by": "ana",
        "reason": "J1 is noise",
        "comparison": Comparison.objects.get().pk,
        "outcome": "refused",
        "override": True,
    }
    ask("--json")
    assert json.loads(capsys.readouterr().out)[1] == told
    ask("--json", "--at", "2026-11-20T07:59:59Z")
    ask("novelty", "--json")
    assert capsys.readouterr().out == "null\n[]\n"


def test_which_at_is_one_line(versions, capsys):
    ask("--at", "2026-11-20T08:00:00Z")
    ask("--at", "2026-11-20T07:59:59Z")
    assert capsys.readouterr().out.splitlines() == [
        SHIPPED,
        "pulsar@champion named nothing then",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["comet"], "There is no model comet."),
        (["--at", "2026-11-20T08:00:00"], "is no time with an offset"),
        (["--at", "2026-13-20T08:00:00Z"], "is no time with an offset"),
        (["--at", "yesterday"], "is no time with an offset"),
    ],
)
def test_what_it_cannot_answer_is_said(versions, arguments, words):
    with pytest.raises(CommandError, match=words):
        ask(*arguments)


def test_the_page_answers_which_at_in_the_zone_of_who_asks(versions, reader):
    # Two hours ahead: by then it was 07:59:59 in UTC, a second before the second move.
    Preference.objects.create(
        user=User.objects.get(username="researcher"), zone="Africa/Johannesburg"
    )
    with time_machine.travel(NOW, tick=False):
        before = reader.get(PAGE, {"at": "2026-11-22T09:59:59"})
        response = reader.get(PAGE, {"at": "2026-11-22T10:00:00"})
    assert before.context["found"].move.after == versions[0]
    page = response.content.decode()
    _, two = versions
    assert response.context["found"].move.after == two
    assert (
        f'<strong>pulsar@champion</strong> named <a href="{two.get_absolute_url()}"'
        in page
    )
    assert [stay.move.after.number for stay in response.context["stays"]] == [1, 2, 1]
    assert page.count("Went past the gate") == 1
    assert 'href="/registry/comparisons/' in page

    response = reader.get(PAGE, {"at": "2026-11-20T09:59:59"})
    assert "named no version." in response.content.decode()


def test_of_another_alias_the_page_says_that_there_is_nothing(versions, reader):
    response = reader.get(PAGE, {"alias": "challenger", "model": "pulsar"})
    assert "pulsar@challenger has never named a version." in response.content.decode()


def test_without_a_model_the_page_says_so(reader):
    response = reader.get(PAGE)
    assert response.status_code == 200
    assert "There is no model yet." in response.content.decode()


@pytest.mark.parametrize(
    "asked", [{"at": "yesterday"}, {"alias": "comet"}, {"model": "comet"}]
)
def test_what_is_no_question_is_answered_with_words(versions, reader, asked):
    response = reader.get(PAGE, asked)
    assert response.status_code == 422
    assert 'class="field-error"' in response.content.decode()


def test_a_long_history_costs_as_many_queries_as_a_short_one(
    versions, reader, django_assert_max_num_queries
):
    one, two = versions
    AliasMove.objects.bulk_create(
        AliasMove(model=one.model, alias="champion", before=two, after=one)
        for _ in range(120)
    )
    with django_assert_max_num_queries(12):
        response = reader.get(PAGE, {"page": "2"})
    assert len(response.context["stays"]) == 50
    assert "Older" in response.content.decode()
