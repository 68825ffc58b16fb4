"""What benchmarks/api.py and benchmarks/clients.py ask: a site, a token, a forest.

In production is the Random Forest that is shipped, HTRU2's by its parameters, so that
scikit-learn can learn the same one from the rows in PULSARSITE_DATA.
"""

import json
import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conftest import free_port
from pulsar_ml.datasets import files, holdout
from pulsar_ml.serving import Scorer, shipped
from pulsarsite.tests.site import Site, running_site

VERSION = "pulsar/1"


@contextmanager
def forest_site(folder: Path) -> Iterator[tuple[Site, str]]:
    """Start a site that has it in production, and give the key of a researcher."""
    with running_site(folder, free_port()) as site:
        site.person("ana", "researcher")
        key = site.manage("create_token", "ana", "--name", "benchmark").strip()
        site.manage("registry_promote", VERSION, "--override", "to be measured")
        yield site, key


def artefact() -> Path:
    """Its files."""
    number = VERSION.rpartition("/")[2]
    return next(folder for folder in shipped() if folder.name == number)


def write_known(file: Path) -> NDArray[np.float64]:
    """Write what it has learned from, and how; give all of HTRU2's rows."""
    table = files.load(*files.find(None, None))
    known, card = holdout.trainable(table), Scorer(artefact()).card
    told = {"parameters": card["parameters"], "seed": card["seed"]}
    np.savez(
        file,
        # As they are when it serves.
        features=known.features.astype(np.float32),
        labels=known.labels,
        told=json.dumps(told),
    )
    return table.features


def calibrated(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of shares of votes, as the site tells them."""
    sigmoid = Scorer(artefact()).card["calibration"]
    return 1 / (1 + np.exp(-(sigmoid["slope"] * shares + sigmoid["intercept"])))


def environment(folder: Path, *packages: str) -> Path:
    """Make an environment for what a site has no use for."""
    venv.create(folder / "theirs", with_pip=True)
    python = folder / "theirs" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python
