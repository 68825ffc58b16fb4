"""Cut off at any step a run loses nothing; of ten started at once one runs."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

REPEAT = 2
SOAK = settings.BASE_DIR / "benchmarks" / "soak.py"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def soaked() -> dict:
    """What the benchmark of the same name finds, which does this more often."""
    done = subprocess.run(
        [
            *(sys.executable, SOAK, "--json", "--repeat", str(REPEAT)),
            # Cut off in tests of their own.
            *("--trainings", "0", "--tables", "0"),
        ],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "point",
    [
        "start.slot",
        "start.run",
        "run.claimed",
        "collect.copied",
        "collect.listed",
        "infer.part",
        "infer.done",
        "persist.written",
        "persist.noted",
        "run.closing",
    ],
)
def test_a_run_cut_off_ends_like_one_that_nobody_disturbed(soaked, point):
    assert soaked["points"][point] == [{"lost": 0, "twice": 0, "wrong": []}] * REPEAT


def test_of_ten_dispatchers_at_once_one_runs_and_nine_are_recorded(soaked):
    assert soaked["at_once"] == [{"success": 1, "skipped": 9}] * REPEAT
