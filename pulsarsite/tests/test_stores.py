"""What the configuration says about places, in the words of Django and Celery."""

import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pulsarsite import config, stores
from pulsarsite.config import BadConfig
from pulsarsite.schema import Config


def configured(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "site.yaml"
    file.write_text(text)
    return config.load(file)


def test_the_key_of_a_site_is_made_once_even_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(stores.secret_key, [tmp_path / "var"] * 8))
    assert len(keys) == 1
    assert len(keys.pop()) > 50
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret_key"]
    mode = stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode)
    assert mode == 0o600


def test_a_storage_that_cannot_be_made_is_a_mistake_of_the_configuration(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadConfig, match=r"storage\.root: cannot make"):
        stores.secret_key(tmp_path / "file" / "var")


def test_a_key_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(BadConfig, match="secret_key cannot be used: Is a directory"):
        stores.secret_key(tmp_path)


def test_sqlite_is_the_default_for_both_databases(tmp_path: Path) -> None:
    found = stores.databases(configured(tmp_path, ""))
    places = {alias: database["NAME"] for alias, database in found.items()}
    assert places == {
        "default": tmp_path / "var" / "default.sqlite3",
        "events": tmp_path / "var" / "events.sqlite3",
    }
    assert found["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_mariadb_is_reached_by_its_address_and_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("MySQLdb")
    monkeypatch.setenv("DB_PASSWORD", "p:/@")
    url = "{url: 'mysql://a%20b@db:3307/my%20name', password_env: DB_PASSWORD}"
    found = stores.databases(
        configured(tmp_path, f"databases: {{default: {url}, events: {url}}}")
    )
    default = found["default"]
    keys = ("HOST", "PORT", "NAME", "USER", "PASSWORD")
    assert [default[key] for key in keys] == ["db", 3307, "my name", "a b", "p:/@"]
    assert default["OPTIONS"] == {
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "connect_timeout": stores.DEFAULT_TIMEOUT,
    }
    assert found["events"]["OPTIONS"]["read_timeout"] == stores.EVENTS_TIMEOUT


def test_a_driver_that_is_missing_is_told_with_the_way_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "find_spec", lambda _: None)
    wanted = configured(tmp_path, "databases: {events: {url: 'mysql://db/name'}}")
    with pytest.raises(BadConfig, match="MySQLdb is not installed; run: bin/setup"):
        stores.databases(wanted)
    wanted = configured(tmp_path, "broker: {url: 'redis://queue/0'}")
    with pytest.raises(BadConfig, match="redis is not installed; run: bin/setup"):
        stores.celery(wanted)


def test_the_default_broker_is_a_folder(tmp_path: Path) -> None:
    found = stores.celery(configured(tmp_path, ""))
    messages = tmp_path / "var" / "queue" / "messages"
    assert found["broker_transport_options"]["data_folder_in"] == str(messages)
    assert found["broker_transport_options"]["data_folder_out"] == str(messages)
    assert messages.is_dir()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://queue/1", {"broker_url": "redis://:p%2F@queue/1"}),
        ("amqp://me@rabbit:5672/v", {"broker_url": "amqp://me:p%2F@rabbit:5672/v"}),
        (
            "rediss://queue:6380/0",
            {
                "broker_url": "rediss://:p%2F@queue:6380/0",
                "broker_use_ssl": {"ssl_cert_reqs": ssl.CERT_REQUIRED},
            },
        ),
        (
            "amqps://me@rabbit/v",
            {
                "broker_url": "amqps://me:p%2F@rabbit/v",
                "broker_use_ssl": {
                    "cert_reqs": ssl.CERT_REQUIRED,
                    "server_hostname": "rabbit",
                },
            },
        ),
    ],
)
def test_a_broker_is_reached_by_its_address_and_a_secret(
    url: str,
    expected: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUEUE", "p/")
    monkeypatch.setattr(stores, "find_spec", lambda _: True)
    wanted = f"broker: {{url: '{url}', password_env: QUEUE}}"
    found = stores.celery(configured(tmp_path, wanted))
    broker = {
        key: found[key] for key in ("broker_url", "broker_use_ssl") if key in found
    }
    assert broker == expected
