"""What the configuration says about places, in the words of Django and Celery."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pulsarsite.config import BadConfig, Config, Database, secret

# Nobody waits for the event log longer than this.
EVENTS_TIMEOUT = 2


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
    if not path.exists():
        draft = root / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first, and its key is the site's
        finally:
            draft.unlink()
    try:
        return path.read_text()
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}") from error


def databases(config: Config) -> dict[str, dict[str, Any]]:
    """Django's DATABASES."""
    root = config.storage.root
    return {
        "default": _database(config.databases.default, root / "default.sqlite3", 20),
        "events": _database(
            config.databases.events, root / "events.sqlite3", EVENTS_TIMEOUT
        ),
    }


def _database(wanted: Database, file: Path, timeout: int) -> dict[str, Any]:
    if urlsplit(wanted.url).scheme == "sqlite":
        return _sqlite(file, timeout)
    return _mysql(wanted, timeout)


def _sqlite(file: Path, timeout: int) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            "timeout": timeout,
            # Without it, readers that turn writers fail at once under load.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        },
    }


def _mysql(wanted: Database, timeout: int) -> dict[str, Any]:
    url = urlsplit(wanted.url)
    name = url.path.strip("/")
    if not url.hostname or not name:
        raise BadConfig(f"{wanted.url} must look like mysql://user@host:3306/name")
    return {
        "ENGINE": "django.db.backends.mysql",
        "HOST": url.hostname,
        "PORT": url.port or 3306,
        "NAME": unquote(name),
        "USER": unquote(url.username or ""),
        "PASSWORD": secret(wanted.password_env).get_secret_value(),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "charset": "utf8mb4",
            "isolation_level": "read committed",
            "connect_timeout": timeout,
            "read_timeout": timeout,
            "write_timeout": timeout,
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
        queue = folder(config.storage.root / "queue")
        return {
            "broker_url": "filesystem://",
            "broker_transport_options": {
                "data_folder_in": str(folder(queue / "messages")),
                "data_folder_out": str(folder(queue / "messages")),
                "control_folder": str(folder(queue / "control")),
                "polling_interval": 0.2,
            },
        }
    password = secret(config.broker.password_env).get_secret_value()
    user = quote(unquote(url.username or ""), safe="")
    login = f"{user}:{quote(password, safe='')}@" if user or password else ""
    host = url.netloc.rpartition("@")[2]
    return {"broker_url": f"{url.scheme}://{login}{host}{url.path}"}
