"""Whatever happens to its databases, a run from table to table ends as it should."""

import pytest

from dispatch.tests.soaked import RIGHT, soaked

FAULTS = {
    "stopped": "MariaDB is away",
    "gone": "the SQLite file is away",
    "killed": "MariaDB ends in the middle",
    "frozen": "MariaDB hangs in the middle",
    "orphaned": "the dispatcher is killed while its child is in the middle",
    "closed": "MariaDB closes the connection in the middle",
    "locked": "somebody keeps the SQLite file to himself",
    "full": "there is no room for more results",
    "read_only": "from some moment on nothing may be written",
    "dropped": "somebody takes the table of results away",
    "altered": "somebody changes the table of results, and regrets it",
    "fewer_columns": "a column of the source is not there",
    "other_types": "a column of numbers has become one of texts",
    "emptied": "the source has no rows, and has them again later",
    "deleted": "rows go while the table is read",
    "updated": "rows change while the table is read",
    "rival": "somebody else locks the same rows in the other order",
    "at_once": "ten dispatchers start the same slot",
    "clock_ahead": "the clock is hours ahead, and is put right after",
    "clock_behind": "the clock is hours behind, and is put right after",
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found() -> dict:
    return soaked(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=FAULTS.values())
def test_every_row_has_its_result_once_although(found, fault):
    assert found[fault] == RIGHT
