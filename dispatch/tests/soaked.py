"""What the benchmark soak_tables.py finds, which does this more often."""

import json
import subprocess
import sys
from collections.abc import Iterable

from django.conf import settings

from conftest import program

REPEAT = 2
RIGHT = [{"lost": 0, "twice": 0, "wrong": []}] * REPEAT


def soaked(faults: Iterable[str]) -> dict[str, list[dict]]:
    """Let these faults meet a run in either direction, from table to table."""
    program("mariadbd")
    done = subprocess.run(
        [
            sys.executable,
            settings.BASE_DIR / "benchmarks" / "soak_tables.py",
            *("--json", "--quick", "--repeat", str(REPEAT)),
            *faults,
        ],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout)
