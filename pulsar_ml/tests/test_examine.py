"""Models from elsewhere: hostile ones are refused in words, and none of them runs."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier  # noqa: TID253

from pulsar_ml import artefact, serving
from pulsar_ml.examine import alone, order
from pulsar_ml.examine.recipe import RECIPE
from pulsar_ml.tests import hostile_models, simulated
from pulsar_ml.tests.hostile_models import bytes_of, forest, good, tarred, whole, zipped

pytestmark = pytest.mark.slow

_ROOT = Path(__file__).resolve().parents[2]
_MB = 2**20
_LIMITS = {"max_bytes": 64 * _MB, "memory_bytes": 3072 * _MB, "seconds": 3.0}


@pytest.fixture(scope="module")
def warm():
    """Examines folders, one after the other."""
    with subprocess.Popen(
        [sys.executable, "-m", "pulsar_ml.tests.warm"],
        cwd=_ROOT,
        env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def examine(folder):
            process.stdin.write(f"{folder}\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield examine
        process.stdin.close()


@pytest.fixture
def examined(warm, tmp_path):
    """What came of a file: how its process ended, and each finding."""

    def examine(content, number=0, card=None, **asked):
        folder = tmp_path / f"push{number}"
        folder.mkdir()
        (folder / order.CAME).write_bytes(content)
        if card is not None:
            (folder / order.CARD).write_text(json.dumps(card))
        wanted = {
            "name": "model.onnx",
            "model": "pulsar",
            "created": "2026-01-01T00:00:00+00:00",
            "row_microseconds": 5000.0,
            "must_be_alone": alone.is_possible(),
            **_LIMITS,
            **asked,
        }
        order.write(folder, order.Order(**wanted))
        ended = warm(folder)
        lines = (folder / "said").read_text(errors="replace").splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{")]
        findings = [line["finding"] for line in told if "finding" in line]
        return ended, findings

    return examine


def test_every_hostile_file_is_refused_in_words_and_nothing_of_it_runs(
    examined, tmp_path
):
    canary = tmp_path / "canary"
    files = list(hostile_models.hostile(canary))
    wrong = []
    for number, bad in enumerate(files):
        ended, findings = examined(bad.content, number)
        said = " ".join(f["words"] for f in findings if not f["ok"])
        # What its process died over is said by who started it.
        died = ended["code"] < 0 and bad.name == "slow.onnx"
        if ended["code"] != 2 and not died:
            wrong.append((bad.name, ended, said))
        elif not died and not re.search(bad.says, said):
            wrong.append((bad.name, bad.says, said))
        assert not canary.exists(), bad.name
        assert not ended["left"], bad.name
        assert ended["mb"] < _LIMITS["memory_bytes"] // _MB, bad.name
        assert ended["seconds"] < _LIMITS["seconds"] + 2, bad.name
    assert not wrong
    assert len({bad.content for bad in files}) == len(files) >= 60


def test_what_we_ship_and_train_passes(examined):
    for number, folder in enumerate(serving.shipped()):
        model = (folder / artefact.MODEL).read_bytes()
        ended, findings = examined(model, number)
        assert (ended["code"], [f for f in findings if not f["ok"]]) == (0, [])
    assert [finding["name"] for finding in findings] == [
        "network",
        "what it is",
        "outline",
        "versions",
        "operators",
        "order",
        "texts",
        "external data",
        "tensors",
        "signature",
        "trees",
        "loading",
        "range",
        "determinism",
        "no numbers",
        "time",
        "what came with it",
    ]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_whole_artefact_passes_packed_as_a_folder_or_as_files(examined, pack):
    plain = whole()
    within = {f"pulsar-2/{name}": content for name, content in plain.items()}
    for number, files in enumerate((plain, within)):
        ended, findings = examined(pack(files), number)
        assert (ended["code"], [f for f in findings if not f["ok"]]) == (0, [])


def test_the_recipe_of_the_page_makes_what_passes(examined, tmp_path, monkeypatch):
    table = simulated.table(400)
    model = RandomForestClassifier(20, random_state=0)
    model.fit(table.features.astype(np.float32), table.labels)
    monkeypatch.chdir(tmp_path)
    exec(RECIPE, {"model": model})  # noqa: S102  # as somebody would at home
    made = Path("model.onnx").read_bytes()

    for number, raw in enumerate((made, bytes_of(forest()), bytes_of(good()))):
        ended, findings = examined(raw, number)
        assert (ended["code"], [f for f in findings if not f["ok"]]) == (0, [])


def test_a_card_is_held_against_what_the_model_does(examined, tmp_path):
    raw = bytes_of(good())
    right = float(serving.Graph(raw).score(np.ones((1, 8)))[0])
    row = {"features": [1] * 8}
    cards = [
        {"threshold": 0.4, "golden": [{**row, "score": right}]},
        {"threshold": 0.4, "golden": [{**row, "score": right + 0.01}]},
        {"threshold": 1.5},
        {"golden": [{"features": [1], "score": 0}]},
        {"golden": "many"},
        {"algorithm": ["a"]},
    ]
    told = []
    for number, card in enumerate(cards):
        _, findings = examined(raw, number, card)
        told.append(next(f for f in findings if f["name"] == "card"))
    assert [(finding["ok"], finding["words"]) for finding in told] == [
        (True, "1 golden scores are as its card says."),
        (False, told[1]["words"]),
        (False, "Its card's threshold is no number from 0 to 1."),
        (False, "Its card's golden rows have not eight features."),
        (False, "Its card's golden rows cannot be read."),
        (False, "Its card's algorithm is no text."),
    ]
    assert told[1]["words"].startswith("Its scores differ from its card's golden ones")


def test_the_limits_of_the_order_hold(examined):
    raw = bytes_of(good())
    _, large = examined(raw, 0, max_bytes=100)
    _, slow = examined(raw, 1, row_microseconds=0.001)
    assert large[-1]["words"] == f"It has {len(raw):,} bytes; 100 are allowed."
    assert slow[-1]["words"].endswith("are allowed (push.row_microseconds).")


def test_the_child_sees_no_environment_and_no_network(tmp_path):
    if not alone.is_possible():
        pytest.skip("the machine gives no network of its own")
    script = (
        "import os, socket, sys\n"
        "from pulsar_ml.examine import alone, limits\n"
        "from pathlib import Path\n"
        "assert alone.leave()\n"
        "limits.lay(memory=2**30, seconds=5, size=7, processes=0)\n"
        "import resource\n"
        "kinds = 'AS CPU CORE NOFILE NPROC'.split()\n"
        "held = [resource.getrlimit(getattr(resource, 'RLIMIT_' + k)) for k in kinds]\n"
        "assert held == [(2**30,) * 2, (6, 6), (0, 0), (64, 64), (0, 0)], held\n"
        "try:\n"
        "    bytearray(2**30)\n"
        "except MemoryError:\n"
        "    pass\n"
        "else:\n"
        "    raise AssertionError('too much memory')\n"
        "limits.settle(Path(sys.argv[1]))\n"
        "try:\n"
        "    socket.create_connection(('127.0.0.1', int(sys.argv[2])), 2)\n"
        "except OSError as error:\n"
        "    print(sorted(os.environ), os.getcwd(), type(error).__name__)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path), str(port)],
            cwd=_ROOT,
            env={},
            capture_output=True,
            text=True,
        )
    own = {name for name in ("LC_CTYPE",) if name in done.stdout}
    threads = {"MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
    assert done.stdout.split("]")[0] == str(sorted(own | threads))[:-1], done.stderr
    assert done.stdout.endswith(f" {tmp_path.resolve() / 'tmp'} OSError\n")
