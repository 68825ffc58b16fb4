"""The page that says what takes room, and whose it is."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from monitor.work import State
from showroom.models import Batch, BatchFile, Chunk, Download
from showroom.start import start
from showroom.storage import usage
from showroom.tests.conftest import as_csv, simulate, stored

pytestmark = pytest.mark.django_db

ADDRESS = "/showroom/storage/"


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def made(champion, researcher):
    def make(rows, *names, owner=researcher, **how):
        files = [stored(name, as_csv(simulate(rows))) for name in names or ["a.csv"]]
        return start(files, owner=owner, **how)

    return make


def test_one_s_own_batches_stand_there_by_size(ana, made, person):
    small, large = made(5, "small.csv"), made(300, "large.csv")
    made(10, "other.csv", owner=person("researcher"))
    answer = ana.get(ADDRESS)

    lines = answer.context["lines"]
    assert [line.batch for line in lines] == [large, small]
    assert [(line.shares, line.kept) for line in lines] == [(False, "")] * 2
    (shown,) = [line.batch for line in lines if line.batch == large]
    assert shown.scores_bytes == sum(
        file.stat().st_size for file in large.folder.iterdir()
    )
    assert shown.uploads_bytes == large.files.get().path.stat().st_size
    assert shown.bytes == shown.scores_bytes + shown.uploads_bytes
    assert reverse("showroom:batch-delete", args=[large.pk]) in text(answer)
    assert "kinds" not in answer.context
    assert "By owner" not in text(answer)


def test_bytes_that_two_batches_share_count_once_and_it_is_said(ana, made, person):
    made(5)
    made(5)
    alone = made(6)
    # Nobody learns from it what others have brought.
    made(6, owner=person("researcher"), private=True)
    answer = ana.get(ADDRESS)

    shared = {line.batch.pk: line.shares for line in answer.context["lines"]}
    assert sorted(shared.values()) == [False, True, True]
    assert not shared[alone.pk]
    sizes = {file.sha256: file.size for file in BatchFile.objects.all()}
    assert answer.context["uploads"] == sum(sizes.values())
    assert text(answer).count("<small>shared</small>") == 2


def test_what_was_removed_takes_nothing(ana, made):
    made(5)
    BatchFile.objects.update(removed_at=now())
    answer = ana.get(ADDRESS)

    assert answer.context["uploads"] == 0
    assert [line.batch.uploads_bytes for line in answer.context["lines"]] == [0]


def test_it_says_which_batches_are_kept_and_which_are_not_at_their_end(
    ana, made, researcher, champion
):
    waits = made(5)
    Batch.objects.update(state=State.QUEUED)
    cases = Batch.objects.create(
        source=Batch.Source.CASES, version=champion, day="2026-11-21", owner=researcher
    )
    page = text(ana.get(ADDRESS))

    assert "Kept. A day&#x27;s single cases belong to everybody" in page
    assert "<small>not yet</small>" in page
    for batch in (waits, cases):
        assert reverse("showroom:batch-delete", args=[batch.pk]) not in page


def test_many_batches_are_shown_by_pages(ana, made):
    one = made(5)
    for _ in range(20):
        Batch.objects.create(owner=one.owner, version=one.version, title="more")
    first, second = (ana.get(ADDRESS, {"page": page}) for page in (1, 2))

    assert (len(first.context["lines"]), len(second.context["lines"])) == (20, 1)
    assert "Page 1 of 2" in text(first)


def test_who_has_no_batches_is_told_so(client, person):
    client.force_login(person("researcher"))

    assert "You have no batches." in text(client.get(ADDRESS))


def test_an_operator_sees_the_whole_site(
    client, made, person, keep, reconfigured, storage, researcher
):
    keep(uploads={"bytes": 10**9, "days": 90})
    reconfigured("storage", reserve_bytes=7 * 1024**2)
    ours, theirs = made(5), made(5, owner=person("researcher", "ben"))
    for name, size in {"plots/a.png": 11, "tmp/b": 12, "incoming/c": 13}.items():
        path = storage / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * size)
    for name in ("default.sqlite3", "default.sqlite3-wal"):
        (storage / name).write_bytes(b"x" * 100)
    Download.objects.create(batch=ours, format="csv", size=17)
    client.force_login(person("operator"))
    answer = client.get(ADDRESS)

    scores = [sum(b.chunks.values_list("n_bytes", flat=True)) for b in (ours, theirs)]
    size = ours.bytes_total
    models = sum(
        f.stat().st_size for f in (storage / "models").rglob("*") if f.is_file()
    )
    assert [tuple(kind) for kind in answer.context["kinds"]] == [
        ("uploads", size, 10**9, 90, True),
        ("scores", sum(scores), 0, 0, True),
        ("models", models, 0, 0, False),
        ("downloads", 17, 0, 0, True),
        ("pictures", 11, 0, 0, True),
        ("databases", 200, 0, 0, False),
        ("temporary files", 25, 0, 0, False),
    ]
    owners = {one.owner.username: tuple(one)[1:] for one in answer.context["owners"]}
    assert owners == {"ana": (1, scores[0], size), "ben": (1, scores[1], size)}
    assert "of which 7.0 MB must stay" in text(answer)
    assert "no limit" in text(answer)


def listed(answer):
    return [line.batch for line in answer.context["lines"]]


def test_an_operator_sees_which_batch_fills_the_disk_and_an_admin_the_private_too(
    client, made, person, researcher, champion
):
    ben = person("researcher", "ben")
    small, large = made(5), made(300, owner=ben)
    secret = made(400, owner=ben, private=True)
    sites = Batch.objects.create(version=champion, title="site", state="success")
    client.force_login(person("operator"))
    answer = client.get(ADDRESS)

    assert listed(answer) == [large, small, sites]
    page = text(answer)
    assert "Batches of everybody" in page
    assert "<td>ben</td>" in page
    assert "Private batches of others are not listed." in page
    assert reverse("showroom:batch-delete", args=[large.pk]) not in page
    assert f'<a href="?owner={ben.pk}#batches-title">ben</a>' in page
    assert '<a href="?owner=0#batches-title">the site</a>' in page

    client.force_login(person("admin"))
    assert listed(client.get(ADDRESS)) == [secret, large, small, sites]
    of_ben = client.get(ADDRESS, {"owner": ben.pk})
    assert listed(of_ben) == [secret, large]
    assert "Batches of ben" in text(of_ben)
    assert reverse("showroom:batch-delete", args=[large.pk]) in text(of_ben)
    assert listed(client.get(ADDRESS, {"owner": 0})) == [sites]
    assert client.get(ADDRESS, {"owner": 10**9}).status_code == 404
    assert listed(client.get(ADDRESS, {"owner": "x"})) == [secret, large, small, sites]


def test_whose_bytes_are_shared_in_secret_is_not_told(client, made, person, researcher):
    made(5)
    made(5, owner=person("researcher", "ben"), private=True)
    client.force_login(person("operator"))

    assert [one.shares for one in client.get(ADDRESS).context["lines"]] == [False]


def test_a_researcher_is_shown_one_s_own_alone_whatever_is_asked(ana, made, person):
    ben = person("researcher", "ben")
    mine = made(5)
    made(6, owner=ben)

    assert listed(ana.get(ADDRESS, {"owner": ben.pk})) == [mine]
    assert "<td>ana</td>" not in text(ana.get(ADDRESS))


def test_thousands_of_batches_are_added_up_by_the_database(
    ana, made, django_assert_max_num_queries
):
    one = made(5)
    Batch.objects.bulk_create(
        Batch(owner=one.owner, version=one.version, title=str(n), state="success")
        for n in range(2_000)
    )
    more = Batch.objects.exclude(pk=one.pk)
    BatchFile.objects.bulk_create(
        BatchFile(batch=batch, position=0, name="a", sha256=f"{batch.pk % 9}", size=7)
        for batch in more
    )
    Chunk.objects.bulk_create(
        Chunk(
            batch=batch,
            number=0,
            first_row=1,
            n_rows=1,
            n_scored=1,
            n_pulsars=0,
            histogram=[],
            n_bytes=3,
        )
        for batch in more
    )
    with django_assert_max_num_queries(70):
        answer = ana.get(ADDRESS)

    assert answer.context["batches"].paginator.count == 2_001
    assert answer.context["uploads"] == one.bytes_total + 9 * 7
    assert usage.scores(Chunk.objects.filter(batch__in=more)) == 6_000


def test_a_batch_says_what_it_takes(ana, made):
    batch = made(5)
    page = text(ana.get(batch.get_absolute_url()))

    parts = sum(batch.chunks.values_list("n_bytes", flat=True))
    assert f"{parts / 1024:.1f} KB of scores, {batch.bytes_total} bytes" in page


def test_the_showroom_leads_there(ana, champion):
    assert f'href="{ADDRESS}"' in text(ana.get(reverse("showroom:index")))


def test_without_a_role_there_is_no_such_page(client, django_user_model, db):
    client.force_login(django_user_model.objects.create_user("guest"))

    assert client.get(ADDRESS).status_code == 403
