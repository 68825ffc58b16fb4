"""Damaged files of every kind: refused or read, never a crash, a hang or a flood."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from pulsar_ml.tests import raw_files
from pulsar_ml.tests.test_archive import FILES, tarred, zipped

KINDS = {
    "phcx": raw_files.phcx(),
    "morello": raw_files.phcx("morello"),
    "phcx.gz": raw_files.phcx(compressed=True),
    "pfd": raw_files.pfd(),
    "big-endian pfd": raw_files.pfd(">"),
    "bare pfd": raw_files.pfd(dms=0, subbands=1, place=b""),
    "zip": zipped(FILES),
    "tar": tarred(FILES),
    "tar.gz": tarred(FILES, "w:gz"),
}
CASES = 100
# Above what the imports take.
MEMORY = 300 * 2**20
SECONDS = 20
# In a process of its own, of which memory and time are limited by the kernel.
PROGRAM = """
import json, resource, sys, time, warnings
from pathlib import Path
import numpy as np, pandas
from pulsar_ml.candidate import open_candidate
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.loader import Source, read

warnings.simplefilter("error")
path, seed, cases = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
content, random = path.read_bytes(), np.random.default_rng(seed)
list(read([Source(path, "whole")]))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[4]),) * 2)
outcomes, slowest = {"rows": 0, "rejects": 0, "panels": 0, "refused": 0}, 0.0
for case in range(cases):
    damaged = bytearray(content)
    if case % 4 == 0:
        del damaged[random.integers(len(content)):]
    else:
        # Half of the flips lie where the sizes stand.
        within = min(len(content), 500) if case % 2 else len(content)
        for at in random.integers(0, within, random.integers(1, 9)):
            damaged[at] ^= 1 << random.integers(8)
    path.write_bytes(damaged)
    begun = time.monotonic()
    for chunk in read([Source(path, "damaged")]):
        assert np.isfinite(chunk.frame[list(FEATURES)].to_numpy()).all()
        outcomes["rows"] += len(chunk.frame)
        outcomes["rejects"] += len(chunk.rejects)
    try:
        panels = open_candidate(path).panels()
        assert panels.profile.ndim == 1
        outcomes["panels"] += 1
    except BadInput:
        outcomes["refused"] += 1
    slowest = max(slowest, time.monotonic() - begun)
print(json.dumps(outcomes | {"slowest": slowest}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_truncation_and_bit_flips_are_refused_or_read(tmp_path: Path, kind: str):
    path = tmp_path / "file"
    path.write_bytes(KINDS[kind])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, path, "7", str(CASES), str(MEMORY)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (100, 100)),
    )

    assert done.returncode == 0, done.stderr[-2000:]
    # What no reader names itself would be logged with its traceback.
    assert "A reader failed" not in done.stderr, done.stderr[-2000:]
    outcomes = json.loads(done.stdout)
    assert outcomes["rows"] + outcomes["rejects"] >= CASES
    assert outcomes["panels"] + outcomes["refused"] == CASES
    assert outcomes["slowest"] < SECONDS
