"""What is said at the start: each message by its id."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.checks import run_checks

from monitor.crontab import block
from monitor.tests.hosts_cron import HostsCron
from pulsarsite import checks
from pulsarsite.schema import Database, Databases

Ids = Callable[[], set[str]]


@pytest.fixture
def ids() -> Ids:
    """Which of our messages the site as it is set up now gives."""
    return lambda: {
        str(message.id)
        for message in run_checks()
        if str(message.id).startswith("pulsarsite.")
    }


@pytest.fixture
def site(settings: Any) -> Callable[..., None]:
    """Change some values of the section `site`."""

    def change(**values: object) -> None:
        site = settings.PULSAR.site.model_copy(update=values)
        settings.PULSAR = settings.PULSAR.model_copy(update={"site": site})

    return change


def test_a_usual_site_has_nothing_to_say(ids: Ids) -> None:
    assert ids() == set()


def test_a_storage_without_room_is_told(
    ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checks.tempfile, "TemporaryFile", full)
    assert ids() == {"pulsarsite.E001"}


@pytest.mark.parametrize(
    ("kind", "url", "expected"),
    [
        ("nfs4", "sqlite:", {"pulsarsite.E002"}),
        ("nfs4", "mysql://db/pulsars", set()),
        ("ext4", "sqlite:", set()),
    ],
)
def test_sqlite_is_refused_on_a_network_file_system(
    kind: str,
    url: str,
    expected: set[str],
    storage: Path,
    settings: Any,
    ids: Ids,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mounts = [
        SimpleNamespace(mountpoint="/", fstype="ext4"),
        SimpleNamespace(mountpoint=str(storage.parent), fstype=kind),
    ]
    monkeypatch.setattr(checks.psutil, "disk_partitions", lambda **_: mounts)
    database = Database(url=url)
    databases = Databases(default=database, events=database)
    settings.PULSAR = settings.PULSAR.model_copy(update={"databases": databases})
    assert ids() == expected


def test_a_storage_of_another_user_is_told(
    ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks.os, "geteuid", lambda: 4711)
    assert ids() == {"pulsarsite.W001"}


@pytest.mark.parametrize(
    ("address", "behind_proxy", "expected"),
    [
        ("http://localhost:8123", False, set()),
        ("http://127.0.0.1", False, set()),
        ("http://[::1]:8000", False, set()),
        ("http://pulsars.lan", False, {"pulsarsite.W002"}),
        ("http://pulsars.lan", True, {"pulsarsite.W002"}),
        ("https://pulsars.lan", True, set()),
        ("https://pulsars.lan", False, {"pulsarsite.I001"}),
    ],
)
def test_what_people_type_is_compared_with_what_the_site_can_speak(
    address: str,
    behind_proxy: bool,
    expected: set[str],
    ids: Ids,
    site: Callable[..., None],
) -> None:
    site(address=address, behind_proxy=behind_proxy)
    assert ids() == expected


TICK = f"* * * * * x crontab run {'0' * 32} # pulsarsite /var\n"


@pytest.fixture
def in_mode_host(settings: Any) -> Callable[[str], None]:
    """Have the host's cron keep time, in the zone that the configuration names."""

    def change(zone: str) -> None:
        values = {"mode": "host", "zone": zone}
        scheduler = settings.PULSAR.scheduler.model_copy(update=values)
        settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})

    return change


def test_a_crontab_without_our_lines_is_told(
    in_mode_host: Callable[[str], None],
    ids: Ids,
    storage: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_mode_host("")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ids() == {"pulsarsite.W003"}  # not even a crontab program
    cron = HostsCron(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert ids() == {"pulsarsite.W003"}
    cron.table.write_bytes(block.put(b"", storage, f"# {TICK}"))
    assert ids() == {"pulsarsite.W003"}
    cron.table.write_bytes(block.put(b"", storage, TICK))
    assert ids() == set()


@pytest.mark.parametrize(
    ("zone", "hosts", "expected"),
    [
        ("Europe/Berlin", "Europe/Paris", set()),
        ("Europe/Berlin", "Europe/London", {"pulsarsite.W004"}),
        # The same in winter.
        ("Europe/London", "UTC", {"pulsarsite.W004"}),
        ("", "Europe/London", set()),
    ],
)
def test_a_zone_that_cron_does_not_keep_is_told(
    zone: str,
    hosts: str,
    expected: set[str],
    in_mode_host: Callable[[str], None],
    ids: Ids,
    storage: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_mode_host(zone)
    HostsCron(tmp_path).table.write_bytes(block.put(b"", storage, TICK))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(checks, "zone", lambda name: ZoneInfo(name or hosts))
    assert ids() == expected
