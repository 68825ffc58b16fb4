"""The page of labels: found, counted, taken back, and given again."""

from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest
from django.db import connection
from django.db.models import Count

from conftest import require
from registry.labels.filed import COUNTED
from registry.labels.withdraw import Overtaken, restore, withdraw
from registry.models import Label
from registry.tests.labels import digest, events, features, said, text

pytestmark = pytest.mark.django_db

PAGE = "/registry/labels/"
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def label(n: int, person=None, verdict: str = "T1_CAND", **values) -> Label:
    return Label.objects.create(
        **{
            "name": f"J{n:04}",
            "hash": digest(n),
            "features": features(n),
            "verdict": verdict,
            "drawn": "import",
            "survey": "HTRU-S",
            "person": person,
            "at": AT + timedelta(minutes=n),
        }
        | values
    )


@pytest.fixture
def ana(person, client):
    ana = person("researcher", "ana")
    client.force_login(ana)
    return ana


@pytest.fixture
def ben(person):
    return person("researcher", "ben")


@pytest.fixture
def labels(ana, ben):
    return [
        label(1, ana),
        label(2, ana, "RFI", survey="SUPERB"),
        label(3, ben, "RFI", drawn="audit", probability=0.01),
        label(4, ben, "KNOWN_PSR", at=AT - timedelta(days=9)),
        label(5, None, "NOISE"),
        label(6, ana, "NOISE", current=None),
    ]


def shown(answer) -> list[str]:
    return [label.name for label in answer.context["page"].labels]


def counts(answer, kind: str) -> list[tuple]:
    return [(line.label, line.n) for line in getattr(answer.context["filed"], kind)]


def test_the_newest_come_first_with_how_many_there_are(client, labels):
    page = client.get(PAGE)
    assert shown(page) == ["J0005", "J0003", "J0002", "J0001", "J0004"]
    filed = page.context["filed"]
    assert (filed.n, filed.n_pulsars) == (5, 2)
    assert counts(page, "verdicts") == [
        ("T1_CAND", 1),
        ("KNOWN_PSR", 1),
        ("RFI", 2),
        ("NOISE", 1),
    ]
    assert sorted(counts(page, "people")) == [("ana", 2), ("ben", 2), ("erased", 1)]
    assert counts(page, "surveys") == [("HTRU-S", 4), ("SUPERB", 1)]
    assert counts(page, "drawn") == [("imported", 4), ("drawn for audit", 1)]
    assert "with probability 0.01" in text(page)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"survey": "SUPERB"}, ["J0002"]),
        ({"verdict": ["RFI", "NOISE"]}, ["J0005", "J0003", "J0002"]),
        ({"drawn": "audit"}, ["J0003"]),
        ({"since": "2026-11-12"}, ["J0005", "J0003", "J0002", "J0001"]),
        ({"until": "2026-11-11"}, ["J0004"]),
        ({"since": "2026-11-11", "until": "2026-11-11"}, ["J0004"]),
        ({"gone": "on"}, ["J0006"]),
        ({"survey": "SUPERB", "drawn": "audit"}, []),
    ],
)
def test_a_filter_shows_and_counts_what_was_asked_for(client, labels, asked, names):
    page = client.get(PAGE, asked)
    assert (shown(page), page.context["filed"].n) == (names, len(names))


def test_a_person_is_found_and_leads_to_their_own(client, labels, ben):
    page = client.get(PAGE, {"person": ben.pk, "verdict": "RFI"})
    assert shown(page) == ["J0003"]
    people = dict(page.context["groups"])["By survey"]
    assert [counted.url for counted in people] == [
        f"?person={ben.pk}&verdict=RFI&survey=HTRU-S"
    ]


@pytest.mark.parametrize(
    "asked", [{"since": "soon"}, {"survey": "none"}, {"person": "9" * 30}]
)
def test_what_cannot_be_asked_for_is_said(client, labels, asked):
    page = client.get(PAGE, asked)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == set(asked)


def test_pages_follow_each_other_without_a_gap(client, ana, settings):
    Label.objects.bulk_create(
        Label(
            name=f"J{n:04}",
            hash=digest(n),
            features=features(n),
            verdict="RFI",
            drawn="import",
            person=ana,
            # Many at the same moment: an import has one.
            at=AT + timedelta(minutes=n % 2),
        )
        for n in range(120)
    )
    first = client.get(PAGE)
    second = client.get(PAGE, {"before": str(first.context["page"].older)})
    third = client.get(PAGE, {"before": str(second.context["page"].older)})
    pages = [shown(page) for page in (first, second, third)]
    assert [len(names) for names in pages] == [50, 50, 20]
    assert third.context["page"].older is None
    assert len({name for names in pages for name in names}) == 120


@pytest.mark.parametrize("before", ["x", "2026-11-20,1", "2026-11-20T12:00:00Z,0"])
def test_a_place_that_cannot_be_is_not_found(client, ana, before):
    assert client.get(PAGE, {"before": before}).status_code == 404


def test_without_labels_the_page_says_where_they_come_from(client, ana, person):
    assert "Nobody has labelled anything yet." in text(client.get(PAGE))
    assert "No label fits." in text(client.get(PAGE, {"verdict": "RFI"}))


def test_an_admin_freezes_what_is_seen(client, labels, person):
    link = "/registry/datasets/freeze/?survey=SUPERB"
    assert link not in text(client.get(PAGE, {"survey": "SUPERB"}))
    client.force_login(person("admin"))
    assert link in text(client.get(PAGE, {"survey": "SUPERB"}))


def test_ones_own_label_is_withdrawn_and_given_again(client, labels, ana):
    own = labels[0]
    answer = client.post(
        f"{PAGE}{own.pk}/withdraw/", {"survey": "HTRU-S", "verdict": "T1_CAND"}
    )
    assert answer.url == f"{PAGE}?survey=HTRU-S&verdict=T1_CAND&withdrawn={own.pk}"
    page = client.get(answer.url)
    assert shown(page) == []
    assert f'action="{PAGE}{own.pk}/restore/"' in text(page)
    back = client.post(f"{PAGE}{own.pk}/restore/", {"survey": "HTRU-S"})
    assert back.url == f"{PAGE}?survey=HTRU-S"
    assert "J0001" in shown(client.get(PAGE))
    told = {"verdict": "T1_CAND", "candidate": "J0001"}
    about, who = f"label {own.pk}", str(ana.pk)
    assert events("label.withdrawn", "label.restored") == [
        ("label.withdrawn", about, who, told),
        ("label.restored", about, who, told),
    ]


def test_nobody_withdraws_the_label_of_another(client, labels):
    other = labels[2]
    for verb in ("withdraw", "restore"):
        assert client.post(f"{PAGE}{other.pk}/{verb}/").status_code == 403
    assert f"{PAGE}{other.pk}/withdraw/" not in text(client.get(PAGE))
    other.refresh_from_db()
    assert other.current


def test_an_admin_withdraws_any_and_the_erased_ones_too(client, labels, person):
    client.force_login(person("admin"))
    for number in (2, 4):
        client.post(f"{PAGE}{labels[number].pk}/withdraw/")
    assert shown(client.get(PAGE)) == ["J0002", "J0001", "J0004"]


def test_who_comes_second_changes_nothing(client, labels, ana):
    own = labels[0]
    assert withdraw(own, by=ana)
    assert not withdraw(own, by=ana)
    answer = client.post(f"{PAGE}{own.pk}/withdraw/")
    assert said(answer) == ["It was withdrawn or replaced before."]
    assert len(events("label.withdrawn")) == 1
    assert restore(own, by=ana)
    assert not restore(own, by=ana)
    assert len(events("label.restored")) == 1


def test_a_replaced_word_does_not_come_back_beside_the_newer_one(client, labels, ana):
    old = labels[0]
    withdraw(old, by=ana)
    label(1, ana, "NOISE", at=AT)
    with pytest.raises(Overtaken):
        restore(old, by=ana)
    answer = client.post(f"{PAGE}{old.pk}/restore/")
    assert said(answer) == [
        "ana has labelled this candidate again since, as NOISE: withdraw that first."
    ]
    assert list(
        Label.objects.current().filter(name="J0001").values_list("verdict")
    ) == [("NOISE",)]


def test_a_label_of_a_batch_leads_to_its_row(client, ana):
    label(1, ana, batch=7, row=12)
    assert "/showroom/batches/7/rows/12/" in text(client.get(PAGE))


def test_the_page_asks_no_more_of_the_database_for_more_labels(
    client, ana, ben, django_assert_max_num_queries
):
    people = cycle([ana, ben])
    for n in range(40):
        label(n, next(people))
    with django_assert_max_num_queries(24):
        client.get(PAGE)


def test_strangers_see_no_labels(client, db):
    assert client.get(PAGE).status_code == 302


def test_a_hundred_thousand_labels_are_counted_and_listed_by_indexes(labels):
    require(connection.vendor == "sqlite", "the plan is told in SQLite's words")
    held = Label.objects.current()
    page = held.order_by("-at", "-pk")[:51].explain()
    assert "USING INDEX label_at (current=?)" in page
    assert "TEMP B-TREE" not in page
    counted = held.values_list(*COUNTED).annotate(n=Count("pk")).explain()
    assert "USING COVERING INDEX label_filed (current=?)" in counted
    assert "TEMP B-TREE" not in counted
