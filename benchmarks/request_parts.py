"""What a request for predictions takes in the site, part by part.

    CONFIG_FILE=... python benchmarks/request_parts.py KEY BODY N

benchmarks/api.py runs it, beside its site: N requests with what the file BODY holds go
through all middleware, in this process and without a server. Each part is timed without
the parts within it; the timing itself takes some 0.02 ms of a request.
"""

import io
import json
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

PATH = "/api/models/production/pulsar"
# Where a part begins, the function and the words for what is its own.
PARTS = (
    ("django.core.handlers.wsgi.WSGIHandler", "__call__", "Django: request, answer"),
    (
        "django.core.handlers.base.BaseHandler",
        "_get_response",
        "address found, view called",
    ),
    ("pulsarsite.middleware", "find", "token"),
    ("ninja.operation.Operation", "run", "ninja"),
    ("accounts.programs.needs.Needs", "__call__", "rights"),
    ("ninja.operation.Operation", "_get_values", "body parsed and checked"),
    ("showroom.api.models", "_told", "answer shaped and rendered"),
    ("registry.serving", "at_alias", "version found"),
    ("showroom.predictions.answer", "answer", "answer shaped and rendered"),
    ("showroom.predictions.answer", "usable", "rows checked"),
    ("showroom.predictions.answer", "score", "warnings, figures counted"),
    ("pulsar_ml.serving.Graph", "score", "onnxruntime"),
    ("showroom.predictions.answer", "keep", "kept: Django"),
    ("showroom.predictions.answer", "at_once", "batch: made, its rows stored"),
    ("showroom.predictions.at_once", "classify", "batch: read, warned, written"),
    ("showroom.predictions.answer", "_scored", "batch: scores read again"),
    ("django.db.backends.utils.CursorWrapper", "execute", "database: statements"),
    ("django.db.backends.utils.CursorWrapper", "executemany", "database: statements"),
    ("django.db.backends.base.base.BaseDatabaseWrapper", "commit", "database: commit"),
)


class Clock:
    """Seconds by part."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        # What the parts within took, of each that is open.
        self._within = [0.0]
        # Others count figures and say that a batch is alive: nobody waits for them.
        self._thread = threading.get_ident()

    def time(self, owner: str, name: str, part: str) -> None:
        """Have a function tell what it takes, wherever it is called."""
        found = resolve_name(owner)
        setattr(found, name, self.timed(getattr(found, name), part))

    def timed(self, work: Callable[..., Any], part: str) -> Callable[..., Any]:
        """What tells besides what it takes."""

        @wraps(work)
        def timed(*values: Any, **named: Any) -> Any:
            if threading.get_ident() != self._thread:
                return work(*values, **named)
            begun = time.perf_counter()
            self._within.append(0.0)
            try:
                return work(*values, **named)
            finally:
                took = time.perf_counter() - begun
                self.spent[part] += took - self._within.pop()
                self._within[-1] += took

        return timed

    def time_middleware(self) -> None:
        """Have each middleware tell, as Django puts them around each other."""
        from django.core.handlers import base

        around = base.convert_exception_to_response

        def timed(inner: Callable[..., Any]) -> Callable[..., Any]:
            name = getattr(inner, "__qualname__", type(inner).__name__)
            if name.endswith("_get_response"):  # the innermost is none
                return around(inner)
            return self.timed(around(inner), f"middleware {name.partition('.')[0]}")

        base.convert_exception_to_response = timed

    def taken(self) -> dict[str, float]:
        """What was spent since this was asked last."""
        taken = dict(self.spent)
        self.spent.clear()
        return taken


def main(key: str, file: str, n: str) -> None:
    """Print, as JSON, milliseconds of each part: means of the quicker half."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")
    import django

    django.setup()
    from django.core.handlers.wsgi import WSGIHandler

    # All that is patched is there before: views are found by the first request.
    resolve_name("pulsarsite.urls")
    clock = Clock()
    for part in PARTS:
        clock.time(*part)
    clock.time_middleware()
    site, body = WSGIHandler(), Path(file).read_bytes()
    # The first ones load the model, make the day's batch, fill what is remembered.
    taken = [call(site, key, body, clock) for _ in range(int(n) + 3)][3:]
    # Other programs only ever add; of one half, the parts come to the whole.
    quicker = sorted(taken, key=lambda one: sum(one.values()))[: (len(taken) + 1) // 2]
    names = {part for one in quicker for part in one}
    told = {part: mean(one.get(part, 0.0) for one in quicker) for part in names}
    print(json.dumps({part: seconds * 1000 for part, seconds in told.items()}))


def call(
    site: Callable[..., Any], key: str, body: bytes, clock: Clock
) -> dict[str, float]:
    """One request as gunicorn hands it over."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
    }
    answer = site(environ, lambda status, headers: statuses.append(status))
    told = b"".join(answer)
    answer.close()
    if statuses != ["200 OK"]:
        sys.exit(f"{statuses}: {told[:500].decode()}")
    return clock.taken()


if __name__ == "__main__":
    main(*sys.argv[1:])
