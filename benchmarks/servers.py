"""The servers that benchmarks/api.py asks for the same scores, in their words."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.forest_site import artefact, calibrated
from benchmarks.load import request
from benchmarks.request_parts import PATH
from conftest import eventually, free_port
from pulsar_ml.artefact import MODEL
from pulsarsite.schema import Web
from pulsarsite.tests.site import ROOT, Site

# The forest is learned by the release that the site learns with.
THEIRS = (f"scikit-learn=={version('scikit-learn')}", "mlflow>=3,<4")
# The file with what the forest learns from.
KNOWN = "known.npz"
# No server has more threads than it is given.
ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
Rows = Probabilities = NDArray[np.float64]


class Way(NamedTuple):
    """Where rows are sent, in which words, and how its answer is read."""

    port: int
    path: str
    word: str
    headers: dict[str, str]
    read: Callable[[bytes], Probabilities]

    def asked(self, rows: Rows) -> bytes:
        """The request."""
        body = json.dumps({self.word: rows.tolist()}).encode()
        return request(self.path, body, self.headers)


def of_site(site: Site, key: str, *, invocations: bool = False) -> Way:
    """The site by its own address, or by MLflow's."""
    path, word = ("/invocations", "inputs") if invocations else (PATH, "data")
    port = int(site.url.rpartition(":")[2])
    return Way(port, path, word, {"Authorization": f"Bearer {key}"}, told)


def told(answer: bytes) -> Probabilities:
    predictions = json.loads(answer)["predictions"]
    return np.array([one["probability"] for one in predictions])


@contextmanager
def bare(folder: Path) -> Iterator[Way]:
    """Have gunicorn serve the ONNX and nothing else, as it serves the site."""
    port, web = free_port(), Web()
    command = (
        *(sys.executable, "-m", "gunicorn", "benchmarks.bare_server"),
        *("--worker-class", "gthread", "--keep-alive", "75", "--no-control-socket"),
        *("--workers", str(web.workers), "--threads", str(web.threads)),
        *("--bind", f"127.0.0.1:{port}", "--log-level", "warning"),
    )
    model = str(artefact() / MODEL)
    with server(command, port, folder / "bare.log", MODEL=model):
        yield Way(port, "/", "data", {}, of_bare)


def of_bare(answer: bytes) -> Probabilities:
    return np.array(json.loads(answer)["predictions"])


@contextmanager
def mlflow(folder: Path, python: Path) -> Iterator[Way]:
    """Have MLflow serve what scikit-learn has learned."""
    stored, port = folder / "mlflow", free_port()
    # It looks for its programs on the path, and tells its makers who uses it.
    path = f"{python.parent}:{os.environ['PATH']}"
    quiet = {"PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    subprocess.run(
        [python, ROOT / "benchmarks/their_forest.py", folder / KNOWN, stored],
        check=True,
        env=os.environ | quiet,
    )
    command = (
        *(str(python), "-m", "mlflow", "models", "serve", "--env-manager", "local"),
        *("--model-uri", str(stored), "--port", str(port)),
        *("--workers", str(Web().workers)),
    )
    with server(command, port, folder / "mlflow.log", **quiet):
        yield Way(port, "/invocations", "inputs", {}, of_mlflow)


def of_mlflow(answer: bytes) -> Probabilities:
    return calibrated(np.array(json.loads(answer)["predictions"])[:, 1])


@contextmanager
def server(
    command: tuple[str, ...], port: int, log: Path, **environ: str
) -> Iterator[None]:
    """Start a server, and stop it with all its processes."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | ALONE | environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        eventually(lambda: listens(port, process, log), within=120)
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def listens(port: int, process: subprocess.Popen, log: Path) -> bool:
    """Whether it takes calls; it may have to load before it answers the first."""
    if process.poll() is not None:
        sys.exit(log.read_text())
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == 0
