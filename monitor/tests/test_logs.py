"""One line, one JSON object: ours, Django's and gunicorn's."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest
from django.conf import settings

from conftest import eventually, free_port
from monitor import logs

SAYS = """
import logging, warnings
from monitor import logs
log = logging.getLogger("showroom.start")
log.info("%s rows", 3, extra={"batch": 7, "request": "a cookie"})
with logs.request("abc-123"):
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("two\\nlines")
log.debug("too little to say")
warnings.warn("old", DeprecationWarning, stacklevel=1)
log.warning("Not Found: /accounts/reset/Mg/cq1-secret/")
"""


def run(tmp_path: Path, *command: str) -> subprocess.Popen[bytes]:
    config = tmp_path / "config.yaml"
    config.write_text("storage: {root: var}\n")
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=os.environ | {"CONFIG_FILE": str(config), "PYTHONWARNINGS": "default"},
        stderr=subprocess.PIPE,
    )


def lines(stderr: bytes) -> list[dict]:
    return [json.loads(line) for line in stderr.splitlines()]


def plain(line: dict) -> dict:
    return {key: value for key, value in line.items() if key != "at"}


@pytest.mark.slow
def test_all_that_is_logged_is_json_with_the_request_and_no_secret(tmp_path: Path):
    process = run(tmp_path, "manage.py", "shell", "-v0", "-c", SAYS)
    said = lines(process.communicate(timeout=60)[1])
    ours = [plain(line) for line in said if line["logger"] == "showroom.start"]
    assert ours[0] == {
        "level": "INFO",
        "logger": "showroom.start",
        "message": "3 rows",
        "batch": 7,
    }
    assert ours[1].pop("exception").startswith("Traceback (most recent call last)")
    assert ours[1:] == [
        {
            "level": "ERROR",
            "logger": "showroom.start",
            "message": "two\nlines",
            "request_id": "abc-123",
        },
        {
            "level": "WARNING",
            "logger": "showroom.start",
            "message": "Not Found: /accounts/reset/Mg/******/",
        },
    ]
    assert all(line["at"].endswith("+00:00") for line in said)
    warned = [line["message"] for line in said if line["logger"] == "py.warnings"]
    assert any("DeprecationWarning: old" in message for message in warned)


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz")
    except HTTPError:
        return True
    except URLError:
        return False
    return True


@pytest.mark.slow
def test_the_web_server_joins_in_from_its_first_line_to_its_last(tmp_path: Path):
    port = free_port()
    process = run(
        tmp_path,
        *("-m", "gunicorn", "pulsarsite.wsgi", "--bind", f"127.0.0.1:{port}"),
        *(
            "--logger-class",
            "monitor.processes.gunicorn_logs.Logger",
            "--no-control-socket",
        ),
    )
    try:
        eventually(lambda: answers(port))
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/accounts/login/x?password=secret",
            headers={"X-Request-ID": "of-the-proxy"},
        )
        with pytest.raises(HTTPError):
            urllib.request.urlopen(asked)  # noqa: S310
    finally:
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=30)
    said = lines(stderr)
    messages = [line["message"] for line in said]
    assert messages[0].startswith("Starting gunicorn")
    assert messages[-1].startswith("Shutting down")
    [access] = [line for line in said if "/login/x" in line["message"]][-1:]
    assert access.pop("seconds") < 10
    assert plain(access) == {
        "level": "INFO",
        "logger": "gunicorn.access",
        "message": "GET /accounts/login/x",
        "request_id": "of-the-proxy",
        "status": access["status"],
        "client": "127.0.0.1",
    }
    assert b"secret" not in stderr


def test_ids_of_requests_nest_and_end():
    with logs.request("outer"):
        with logs.request("inner"):
            assert logs.request_id.get() == "inner"
        assert logs.request_id.get() == "outer"
    assert logs.request_id.get() == ""
