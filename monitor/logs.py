"""JSON lines on standard error, each with the request it belongs to."""

import json
import logging
import logging.config
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

# What every record has; the rest was given by `extra`.
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Objects that frameworks attach to a record: they hold headers, cookies, passwords.
_UNFIT = frozenset({"request", "response", "environ", "socket", "data"})
# Whoever has such an address may set the password.
_RESET_LINK = re.compile(r"(/reset/[^/\s]+/)[^/\s]+")


@contextmanager
def request(identifier: str) -> Iterator[None]:
    """Let all that is logged and recorded inside carry this id."""
    token = request_id.set(identifier)
    try:
        yield
    finally:
        request_id.reset(token)


class JsonFormatter(logging.Formatter):
    """One record, one line, one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": _RESET_LINK.sub(r"\1******", record.getMessage()),
        }
        if identifier := request_id.get():
            line["request_id"] = identifier
        line |= {
            name: value
            for name, value in vars(record).items()
            if name not in _PLAIN and name not in _UNFIT and not name.startswith("_")
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, default=str)


def _at_least_info(level: str) -> int:
    return min(logging.getLevelNamesMapping()[level], logging.INFO)


def configure(wanted: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: every logger of the process writes such lines."""
    logging.captureWarnings(capture=True)
    # gunicorn and celery bring handlers of their own; they join in instead.
    joined = {"handlers": [], "level": "NOTSET", "propagate": True}
    names = ("django", "gunicorn.error", "gunicorn.access", "celery", "py.warnings")
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": JsonFormatter}},
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "formatter": "json",
                    "level": wanted["level"],
                }
            },
            # The log of a run holds what happened, however little is told here.
            "root": {"handlers": ["stderr"], "level": _at_least_info(wanted["level"])},
            "loggers": {
                **dict.fromkeys(names, joined),
                # It tells each log-in and each tidying up; the events tell them too.
                "axes": {"level": "WARNING"},
            },
        }
    )
