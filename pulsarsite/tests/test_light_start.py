"""Each command begins without what only some of them want: a tick begins so often."""

import subprocess
import sys

from django.conf import settings

HEAVY = {"apprise", "duckdb", "onnxruntime", "prometheus_client", "sklearn"}
BEGINS = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")
import django
django.setup()
import monitor.management.commands.tick
print(*sys.modules)
"""


def test_a_tick_begins_without_the_heavy_libraries():
    began = subprocess.run(
        [sys.executable, "-c", BEGINS],
        cwd=settings.BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    assert HEAVY & set(began.stdout.split()) == set()
