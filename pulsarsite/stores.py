"""What the configuration says about places, in the words of Django and Celery."""

import os
import secrets
import ssl
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from uuid import uuid4

from pulsarsite.config import BadConfig, secret
from pulsarsite.schema import Config, Database

# Nobody waits for the event log longer than this.
EVENTS_TIMEOUT = 2
# Longer than any of our writes holds the database.
DEFAULT_TIMEOUT = 20


def folder(path: Path) -> Path:
    """A folder that exists, readable by its owner alone."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadConfig(f"storage.root: cannot make {path}: {error}") from error
    return path


def secret_key(root: Path) -> str:
    """The site's own key, made at the first start; two starts agree on one."""
    path = folder(root) / "secret_key"
    try:
        if not path.exists():
            _make_key(path)
        return path.read_text()
    except OSError as error:
        raise BadConfig(f"{path} cannot be used: {error.strerror}") from error


def _make_key(path: Path) -> None:
    draft = path.with_suffix(f".{uuid4().hex}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first, and its key is the site's
    finally:
        draft.unlink(missing_ok=True)


def databases(config: Config) -> dict[str, dict[str, Any]]:
    """Django's DATABASES."""
    wanted, root = config.databases, config.storage.root
    events = _database(wanted.events, root / "events.sqlite3", EVENTS_TIMEOUT)
    if wanted.events.url != "sqlite:":
        events["OPTIONS"] |= dict.fromkeys(
            ("read_timeout", "write_timeout"), EVENTS_TIMEOUT
        )
    default = _database(wanted.default, root / "default.sqlite3", DEFAULT_TIMEOUT)
    return {"default": default, "events": events}


def _database(wanted: Database, file: Path, timeout: int) -> dict[str, Any]:
    if wanted.url == "sqlite:":
        return _sqlite(file, timeout)
    return _mysql(wanted, timeout)


def _sqlite(file: Path, timeout: int) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        # Whoever closes last brings the log into the file, and waits for the disk.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "timeout": timeout,
            # Without it, readers that turn writers fail at once under load.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        },
    }


def _mysql(wanted: Database, timeout: int) -> dict[str, Any]:
    url = urlsplit(wanted.url)
    _require("MySQLdb", "databases")
    return {
        "ENGINE": "django.db.backends.mysql",
        "HOST": url.hostname,
        "PORT": url.port or 3306,
        "NAME": unquote(url.path.strip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": secret(wanted.password_env).get_secret_value(),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "charset": "utf8mb4",
            "isolation_level": "read committed",
            "connect_timeout": timeout,
        },
        "TEST": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_bin"},
    }


def celery(config: Config) -> dict[str, Any]:
    """Celery's settings: the message is an id, the database row is the truth."""
    return {
        **_broker(config),
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 2,
        "task_default_queue": "interactive",
        "task_ignore_result": True,
        "task_publish_retry_policy": {"max_retries": 1},
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_send_task_events": False,
    }


def _broker(config: Config) -> dict[str, Any]:
    url = urlsplit(config.broker.url)
    if url.scheme == "filesystem":
        return _folder_broker(config.storage.root / "queue")
    if url.scheme.startswith("redis"):
        _require("redis", "broker")
    password = secret(config.broker.password_env).get_secret_value()
    user = quote(unquote(url.username or ""), safe="")
    login = f"{user}:{quote(password, safe='')}@" if user or password else ""
    host = url.netloc.rpartition("@")[2]
    broker = {"broker_url": f"{url.scheme}://{login}{host}{url.path}"}
    return broker | _tls(url.scheme, url.hostname or "")


def _folder_broker(queue: Path) -> dict[str, Any]:
    messages = str(folder(folder(queue) / "messages"))
    return {
        "broker_url": "filesystem://localhost",
        "broker_transport_options": {
            "data_folder_in": messages,
            "data_folder_out": messages,
            "control_folder": str(folder(queue / "control")),
            "polling_interval": 0.2,
        },
    }


def _tls(scheme: str, host: str) -> dict[str, Any]:
    # Left alone, both libraries encrypt without asking who is at the other end.
    if scheme == "rediss":
        return {"broker_use_ssl": {"ssl_cert_reqs": ssl.CERT_REQUIRED}}
    if scheme == "amqps":
        wanted = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": host}
        return {"broker_use_ssl": wanted}
    return {}


def _require(module: str, key: str) -> None:
    """Say how to get what only some sites need."""
    if find_spec(module) is None:
        raise BadConfig(f"{key}: {module} is not installed; run: bin/setup mysql")
