"""What would go wrong later, said at the start: each with an id and a way out."""

import os
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Info, register
from django.utils import timezone

from monitor.clock.due import zone
from monitor.crontab import place
from pulsarsite.backup.mark import Mark

# SQLite's locks do not hold there: two hosts, or one reboot, and the file is broken.
NETWORK = {
    *("9p", "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs"),
    *("fuse.sshfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3"),
    *("smbfs", "fuse.s3fs", "orangefs"),
}

Apps = Sequence[AppConfig] | None


@register
def storage_is_writable(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    root: Path = settings.PULSAR.storage.root
    try:
        with tempfile.TemporaryFile(dir=root):
            return []
    except OSError as error:
        message = f"Cannot write to {root}: {error.strerror}."
        hint = "Give this user the folder, free some space, or change storage.root."
        return [Error(message, hint=hint, id="pulsarsite.E001")]


@register
def sqlite_is_on_this_machine(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    root: Path = settings.PULSAR.storage.root
    databases = settings.PULSAR.databases
    kind = _file_system(root)
    if "sqlite:" not in {databases.default.url, databases.events.url}:
        return []
    if kind not in NETWORK:
        return []
    message = f"SQLite would break on the network file system ({kind}) of {root}."
    hint = "Put storage.root on a local disk, or name a MariaDB in databases."
    return [Error(message, hint=hint, id="pulsarsite.E002")]


def _file_system(path: Path) -> str:
    mounts = {Path(disk.mountpoint): disk for disk in psutil.disk_partitions(all=True)}
    place = next((p for p in (path, *path.parents) if p in mounts), None)
    return mounts[place].fstype if place else ""


@register
def storage_belongs_to_this_user(
    app_configs: Apps, **kwargs: Any
) -> list[CheckMessage]:
    root: Path = settings.PULSAR.storage.root
    owner = root.stat().st_uid
    if owner == os.geteuid():
        return []
    message = f"{root} belongs to user {owner}, and this is user {os.geteuid()}."
    hint = "Run site, cron and every command as one user, or files become unreadable."
    return [checks.Warning(message, hint=hint, id="pulsarsite.W001")]


@register
def no_restore_is_half_done(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    root: Path = settings.PULSAR.storage.root
    if Mark.find(root) is None:
        return []
    message = f"A restore into {root} was begun and did not end."
    hint = "Run manage.py restore again; until then nothing may use the site."
    return [Error(message, hint=hint, id="pulsarsite.E003")]


@register
def log_in_is_private(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    address = urlsplit(settings.PULSAR.site.address)
    if address.scheme == "https" or _is_near(address.hostname or ""):
        return []
    message = f"Passwords travel readable to {settings.PULSAR.site.address}."
    hint = "Put a proxy with TLS in front (docs/operations.md) and use https there."
    return [checks.Warning(message, hint=hint, id="pulsarsite.W002")]


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@register
def https_has_its_proxy(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    site = settings.PULSAR.site
    if urlsplit(site.address).scheme == "http" or site.behind_proxy:
        return []
    message = f"{site.address} says https, which only a proxy in front can speak."
    hint = "Set site.behind_proxy, or every page redirects to itself for ever."
    return [Info(message, hint=hint, id="pulsarsite.I001")]


@register
def hosts_cron_knows_the_site(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if settings.PULSAR.scheduler.mode != "host":
        return []
    message = place.problem()
    if not message:
        return []
    hint = "manage.py cron_install shows what it would change, and asks."
    return [checks.Warning(message, hint=hint, id="pulsarsite.W003")]


@register
def cron_keeps_the_zone(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    wanted = settings.PULSAR.scheduler
    if wanted.mode != "host" or not wanted.zone or _as_the_host(wanted.zone):
        return []
    message = f"scheduler.zone says {wanted.zone}, and cron keeps the host's zone."
    hint = "Leave it empty: Debian's cron knows no other zone (CRON_TZ does nothing)."
    return [checks.Warning(message, hint=hint, id="pulsarsite.W004")]


def _as_the_host(name: str) -> bool:
    """Whether the clocks of both show the same through a year from now."""
    mine, hosts = zone(name), zone("")
    weeks = (timezone.now() + timedelta(weeks=n) for n in range(53))
    return all(
        at.astimezone(mine).utcoffset() == at.astimezone(hosts).utcoffset()
        for at in weeks
    )
