"""How a batch's page tells its place in the line, its rate and the time left."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor import claims
from monitor.work import State
from showroom.models import Batch, Chunk
from showroom.pace import Pace, pace

pytestmark = pytest.mark.django_db

BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def add(champion, researcher):
    """A batch with a given state and queue, in the order of the calls."""

    def make(state=State.QUEUED, queue="heavy"):
        return Batch.objects.create(
            owner=researcher, version=champion, title="sky", state=state, queue=queue
        )

    return make


@pytest.fixture
def running(add):
    batch = add()
    assert claims.claim(batch)
    Batch.objects.filter(pk=batch.pk).update(
        n_rows=4000, bytes_read=400, bytes_total=1000
    )
    batch.refresh_from_db()
    return batch


def write(batch, number, second, worker=None):
    """A chunk of 1,000 rows that was listed at this second."""
    name = f"part-{number:05d}-{(worker or batch.holder)[:8]}.parquet"
    chunk = Chunk.objects.create(
        batch=batch,
        number=number,
        first_row=1 + 1000 * number,
        n_rows=1000,
        n_scored=1000,
        n_pulsars=0,
        histogram=[],
        part=name,
    )
    at = BEGUN + timedelta(seconds=second)
    Chunk.objects.filter(pk=chunk.pk).update(written_at=at)


def test_the_rate_is_that_of_the_present_worker_alone(running):
    # Somebody else, before a wait of an hour.
    write(running, 0, -3600, worker="another0")
    write(running, 1, 0)
    assert pace(running) is None

    write(running, 2, 2)
    write(running, 3, 4)
    # 2,000 rows in 4 s; 6,000 more are to come.
    assert pace(running) == Pace(500, 12)


def test_the_rate_is_that_of_the_last_parts(running):
    for number in range(30):
        write(running, number, 100 * number if number < 10 else 1000 + number)

    assert pace(running).rows_per_second == 1000


def test_parts_of_rejects_alone_count_as_well(running):
    for number in range(2):
        write(running, number, number)
    Chunk.objects.update(part="", rejects=f"rejects-0-{running.holder[:8]}.parquet")

    assert pace(running).rows_per_second == 1000


def test_its_page_tells_rate_and_time_left(ana, running):
    for number in range(3):
        write(running, number, 2 * number)
    page = ana.get(running.get_absolute_url()).content.decode()

    assert "500 rows a second" in page
    assert "about 12 s left" in page


def test_who_waits_sees_the_place_in_the_line(ana, add):
    add(State.RUNNING)
    add(queue="interactive")
    add(State.SUCCESS)
    waiting = add(), add()
    first, second = (ana.get(one.get_absolute_url()).content for one in waiting)

    assert b"1 before it in the line for long work" in first
    assert b"2 before it in the line for long work" in second
    showroom = ana.get("/showroom/").content.decode()
    assert "2 before it in the line for long work" in showroom
    assert "The next in the line for short work" in showroom
