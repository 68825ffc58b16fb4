"""Cut off at any step, a run from table to table loses nothing and doubles nothing."""

import pytest

from dispatch.tests.soaked import RIGHT, soaked

POINTS = (
    "start.slot",
    "start.run",
    "run.claimed",
    "read.page",
    "collect.read",
    "collect.copied",
    "collect.listed",
    "infer.part",
    "infer.done",
    "write.deleted",
    "write.inserted",
    "write.committed",
    "sink.part",
    "sink.noted",
    "persist.noted",
    "run.closing",
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> dict:
    return soaked(POINTS)


@pytest.mark.parametrize("point", POINTS)
def test_cut_off_there_it_ends_like_one_that_nobody_disturbed(found, point):
    assert found[point] == RIGHT
