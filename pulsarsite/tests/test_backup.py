"""`manage.py backup` and `restore`: whole or not at all, and all is as it was."""

import fcntl
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from conftest import require
from monitor import leases
from monitor.models import Lease
from pulsarsite.backup import hold
from pulsarsite.backup.errors import CannotBackUp, Damaged
from pulsarsite.backup.manifest import Manifest
from pulsarsite.tests.commands import Site
from showroom.storage.prune import prune

pytestmark = pytest.mark.slow

CONFIG = """\
# the postmaster's password is hunter2
mail: {host: mail.example.org, user: pulsars, password_env: MAIL_PASSWORD}
scheduler: {secrets_file: var/secrets}
"""
# Work in hand, as a worker has it that will not live to see the end of it.
WORK = """
from datetime import timedelta
from django.core.management import call_command
from django.utils.timezone import now
from monitor.clock import turn
from monitor.models import Ping
from pulsarsite.tests import made_up
from registry.models import Version
from showroom.models import Batch
call_command("prepare")
made_up.fill()
# Of what is quarantined nothing is kept, so nothing is missed.
aside = Version.objects.first()
aside.pk, aside.number, aside.sha256 = None, 99, "9" * 64
aside.registration = "QUARANTINED"
aside.save()
soon = now() + timedelta(minutes=1)
copy = Batch.objects.filter(source="upload").first()
copy.pk, copy.state, copy.holder, copy.lease_until = None, "running", "w", soon
copy.title = "in hand"
copy.save()
by = "embedded elsewhere 1 /srv/var"
Ping.objects.update_or_create(slug=turn.SLUG, defaults={"by": by, "succeeded_at": soon})
"""
# How the same file is scored by the site that was brought back, and what is taken up.
AGAIN = """
import json
from monitor.events import record
from monitor.models import Outbox
from monitor.sweep import sweep
from showroom.models import Batch
from showroom.start import start
from showroom.tests.conftest import stored
old = Batch.objects.filter(source="upload", state="success").first()
file = old.files.get()
new = start([stored(file.name, file.path.read_bytes())], owner=old.owner)
taken = [batch.title for batch in sweep(Batch)]
told = [row.about for row in Outbox.objects.filter(kind="backup.restored")]
print(json.dumps([new.sha256 == old.sha256, taken, told]))
"""
# A batch goes for good as soon as its row is copied; then files of another are damaged.
MEANWHILE = """
import json
from pathlib import Path
from monitor.models import Outbox
from pulsarsite.backup.make import make
from showroom.models import Batch
from showroom.storage.delete import delete, remove_now
folder = Path(folder)
scored = Batch.objects.filter(source="upload", state="success")
of, gone = scored.exclude(sha256="").order_by("pk")[:2]
number, lines = gone.pk, []
def tell(line):
    lines.append(line)
    if line.startswith("events") and Batch.objects.filter(pk=number).exists():
        delete(gone, by=gone.owner)
        remove_now(Batch.objects.get(pk=number), by=gone.owner)
told = {"meanwhile": make(folder / "meanwhile", tell).missing}
upload, chunk = of.files.get(), of.chunks.get()
card, part = of.version.folder / "card.json", of.folder / chunk.part
upload.path.unlink()
part.write_bytes(part.read_bytes() + b"x")
card.write_text("{}")
told["damaged"] = make(folder / "damaged", lambda _: None).missing
told["event"] = Outbox.objects.filter(kind="backup.made").last().detail["missing"]
root = of.folder.parents[1]
told["hurt"] = [str(path.relative_to(root)) for path in (upload.path, part, card)]
print(json.dumps(told | {"lines": lines, "of": of.pk, "gone": number}))
"""
# Files of more than so many bytes cannot be written, as where the disk is full.
FULL = """
import resource
from django.core.management import call_command
resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000))
call_command("backup", "{}")
"""
# What a restore itself writes, or what was somebody's who is no more.
CHANGED = {
    *("monitor_lease", "monitor_outbox", "monitor_ping", "showroom_batch"),
    "sqlite_sequence",
}
MINE = ("uploads/mine", "downloads/1/mine.csv")
# How a process ends at a crash point.
KILLED = 137
EXTRA = (
    *("runs/1.log", "builds/1/rejects.jsonl", "pushes/1/came"),
    *("inbox/wide.csv", "outbox/b.csv", "exports/pulsar/1/labels.csv"),
)


def tables(file: Path) -> dict[str, list[tuple]]:
    """Every row of every table."""
    with closing(sqlite3.connect(file)) as database:
        ask = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = sorted(name for (name,) in database.execute(ask))
        return {
            name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr)
            for name in names
        }


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """A site with a row in every table, which a worker and a clock have just left."""
    folder = tmp_path_factory.mktemp("site")
    secrets = folder / "var" / "secrets"
    secrets.parent.mkdir()
    secrets.touch(mode=0o600)
    secrets.write_text("DB_PASSWORD=geheimer\n")
    with Site(folder, CONFIG, MAIL_PASSWORD="geheim") as made:
        made.shell(WORK)
        for name in EXTRA:
            (made.root / name).parent.mkdir(exist_ok=True, parents=True)
            (made.root / name).write_text(name)
        (made.root / "inbox" / "out").symlink_to("/etc/passwd")
        (made.root / "scores" / "1" / ".writing-x").touch()
        yield made


@pytest.fixture(scope="module")
def made(site) -> tuple[Path, int]:
    """A back-up that was made while others wrote, and how often they had."""
    folder = site.root.parent / "made"
    stop, count = threading.Event(), []

    def write() -> None:
        with closing(sqlite3.connect(site.root / "default.sqlite3", timeout=20)) as db:
            while not stop.is_set():
                count.append(len(count))
                rows = [(f"{half}-{count[-1]}", "", "2026-01-01") for half in "ab"]
                # Two that belong together.
                db.executemany("INSERT INTO monitor_lease VALUES (?, ?, ?)", rows)
                db.commit()
                stop.wait(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        ended, said = site.run("backup", folder)
    finally:
        stop.set()
        writer.join()
    # Of the dataset that is made up there is no file.
    assert (ended, "1 files that rows refer to are missing" in said) == (1, True), said
    assert str(site.root / "secret_key") in said
    assert str(site.root / "secrets") in said
    assert "MAIL_PASSWORD in the environment" in said
    return folder, len(count)


def test_it_is_one_moment_of_the_databases_while_others_write(made):
    folder, wrote = made
    rows = tables(folder / "databases" / "default.sqlite3")["monitor_lease"]
    halves = [sorted(n[2:] for n, *_ in rows if n[:2] == half) for half in ("a-", "b-")]
    assert halves[0] == halves[1]
    assert 0 < len(halves[0]) < wrote


def test_it_holds_what_the_site_could_not_make_again_and_no_secret(site, made):
    folder, _ = made
    storage = files(folder / "storage")
    assert storage.keys() >= set(EXTRA)
    assert {name.split("/")[0] for name in storage} == {
        *("builds", "exports", "inbox", "models", "outbox", "pushes", "runs"),
        *("scores", "uploads"),
    }
    assert {name: (site.root / name).read_bytes() for name in storage} == storage
    assert not {"inbox/out", "scores/1/.writing-x"} & storage.keys()

    secret = (site.root / "secret_key").read_bytes()
    for content in files(folder).values():
        for word in (secret, b"geheim", b"hunter2"):
            assert word not in content
    config = (folder / "config.yaml").read_text()
    assert "password_env: MAIL_PASSWORD" in config
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files_of(folder)}
    assert (stat.S_IMODE(folder.stat().st_mode), modes) == (0o700, {0o600})


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_its_manifest_names_each_file_with_its_hash_and_what_is_missing(made):
    folder, _ = made
    manifest = Manifest.read(folder)
    assert set(manifest.files) == files(folder).keys() - {"manifest.json"}
    assert manifest.missing == ["datasets/made-up/rows.parquet"]
    assert manifest.databases["default"].rows["accounts_user"] == 1
    assert manifest.databases["events"].rows["monitor_event"] > 0
    assert "accounts.0001_initial" in manifest.databases["default"].migrations
    manifest.verify(folder, lambda: None)


@pytest.fixture(scope="module")
def back(made, tmp_path_factory) -> Iterator[Site]:
    """The site, brought back elsewhere by a restore that died at every point."""
    restore = ["restore", made[0]]
    with Site(tmp_path_factory.mktemp("back")) as site:
        for point in ("clearing", "files", "placing"):
            assert site.forked(*restore, point=f"restore.{point}")[0] == KILLED
        # Left by a kill, it would be played into whatever stands beside it.
        journal = site.root / "default.sqlite3-journal"
        journal.touch()
        for point in ("database", "migrated"):
            assert site.forked(*restore, point=f"restore.{point}")[0] == KILLED
            assert not journal.exists()
        assert "pulsarsite.E003" in site.refuses("check")
        # As one types it: no check stops this one.
        ended, said = site.run(*restore)
        assert ended == 0, said
        assert "Start it: bin/serve" in said
        yield site


def test_a_restore_that_was_killed_again_and_again_brings_back_every_row(made, back):
    folder, _ = made
    for alias in ("default", "events"):
        was = tables(folder / "databases" / f"{alias}.sqlite3")
        now_is = tables(back.root / f"{alias}.sqlite3")
        assert was.keys() == now_is.keys()
        differ = {name for name in was if was[name] != now_is[name]}
        assert differ <= CHANGED
    assert len(was["monitor_event"]) > 0
    there = files(back.root)
    kept = files(folder / "storage")
    assert {name: there.get(name) for name in kept} == kept
    assert not [name for name in there if "restor" in name or "replaced" in name]


def test_the_site_goes_on_where_it_was(made, back):
    same, taken_up, told = json.loads(back.shell(AGAIN))
    assert same
    assert taken_up == ["in hand"]
    assert told == [made[0].name]
    clock = "SELECT \"by\" FROM monitor_ping WHERE slug = 'clock'"
    with closing(sqlite3.connect(back.root / "default.sqlite3")) as database:
        assert database.execute(clock).fetchall() == [("",)]


def test_what_is_there_is_refused_or_moved_aside_and_never_lost(made, back):
    folder, _ = made
    before = tables(back.root / "default.sqlite3")
    # A prepared download is known by its number, which is another's once more.
    for name in MINE:
        (back.root / name).parent.mkdir(exist_ok=True, parents=True)
        (back.root / name).write_text("mine")
    refused = back.refuses("restore", folder)
    assert refused.startswith("There is a site already: the database default has")
    assert refused.endswith("Nothing was changed.")
    again = ["restore", folder, "--replace"]
    assert back.forked(*again, point="restore.aside")[0] == KILLED
    ended, said = back.forked(*again)
    assert (ended, "Start it: bin/serve" in said) == (0, True), said
    [aside] = back.root.glob("replaced-*")
    assert tables(aside / "default.sqlite3") == before
    assert [(aside / name).read_text() for name in MINE] == ["mine", "mine"]
    assert not [name for name in MINE if (back.root / name).exists()]


def test_a_site_that_is_at_work_is_not_replaced(site, made, tmp_path):
    """It was left a moment ago by a clock of another host, and by a worker."""
    folder, _ = made
    before = files(site.root).keys()
    restore = ["restore", folder, "--replace"]
    of_clock = site.refuses(*restore)
    with closing(sqlite3.connect(site.root / "default.sqlite3")) as database:
        database.execute("UPDATE monitor_ping SET \"by\" = '' WHERE slug = 'clock'")
        soon = now() + timedelta(minutes=1)
        lease = "UPDATE showroom_batch SET lease_until = ? WHERE holder = 'w'"
        database.execute(lease, [f"{soon:%Y-%m-%d %H:%M:%S}"])
        database.commit()
    with (site.root / "serve.lock").open("w") as lock:
        lock.write("pid 1, port 8000")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        of_site = site.refuses(*restore)
    of_worker = site.refuses(*restore)
    assert of_clock.startswith("The site's clock on elsewhere gave a sign of life")
    assert of_site.startswith("This site runs already (pid 1, port 8000)")
    assert of_worker.startswith("A worker is at batch ")
    assert {said[-20:] for said in (of_clock, of_site, of_worker)} == {
        "Nothing was changed."
    }
    new = {"serve.lock", "prepare.lock", "backup.lock"}
    assert files(site.root).keys() - before <= new


@pytest.fixture
def other(tmp_path, made) -> Path:
    """The back-up once more, to be damaged."""
    return Path(shutil.copytree(made[0], tmp_path / "other"))


def upload_of(folder: Path) -> Path:
    return next((folder / "storage" / "uploads").iterdir())


def told_of(folder: Path, change) -> None:
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


DAMAGES = {
    "is not what it was": lambda f: upload_of(f).write_bytes(
        bytes(byte ^ 1 for byte in upload_of(f).read_bytes())
    ),
    "is not as long as it was": lambda f: upload_of(f).write_bytes(b"x"),
    "is not there": lambda f: upload_of(f).unlink(),
    "is no back-up: manifest.json cannot": lambda f: (f / "manifest.json").unlink(),
    "manifest.json is damaged": lambda f: (f / "manifest.json").write_text('{"form'),
    "its format is 2": lambda f: told_of(f, lambda c: c.update(format=2)),
    "'default'": lambda f: told_of(f, lambda c: c["databases"].pop("default")),
    "names what no back-up holds: 'storage/../": lambda f: told_of(
        f, lambda c: c["files"].update({"storage/../x": {"size": 0, "sha256": ""}})
    ),
    "names what no back-up holds: '/etc": lambda f: told_of(
        f, lambda c: c["files"].update({"/etc/x": {"size": 0, "sha256": ""}})
    ),
    "names what no back-up holds: 'storage/secret_key": lambda f: told_of(
        f,
        lambda c: c["files"].update({"storage/secret_key": {"size": 0, "sha256": ""}}),
    ),
}


@pytest.mark.parametrize("words", DAMAGES)
def test_a_damaged_one_is_known_before_anything_is_touched(other, words):
    DAMAGES[words](other)
    with pytest.raises(Damaged, match=re.escape(words)):
        Manifest.read(other).verify(other, lambda: None)


def test_what_cannot_be_put_back_leaves_the_site_as_it_was(other, made, tmp_path):
    newer, engine = (
        Path(shutil.copytree(other, tmp_path / name)) for name in ("newer", "engine")
    )
    DAMAGES["is not what it was"](other)
    ahead = "showroom.9999_ahead"
    told_of(newer, lambda c: c["databases"]["default"]["migrations"].append(ahead))
    told_of(newer, lambda c: c.update(version="9.1"))
    told_of(engine, lambda c: c["databases"]["events"].update(engine="mysql"))
    with Site(tmp_path / "new") as site:
        said = [site.refuses("restore", folder) for folder in (other, newer, engine)]
    assert "is not what it was" in said[0]
    assert f"a newer pulsarsite (9.1): this one does not know {ahead}" in said[1]
    assert (
        "the database events of MariaDB or MySQL, and databases.events.url" in said[2]
    )
    assert {words[-20:] for words in said} == {"Nothing was changed."}
    assert not files(site.root).keys() - {
        *("secret_key", "serve.lock", "backup.lock", "prepare.lock", "default.sqlite3"),
        *("events.sqlite3", "default.sqlite3-wal", "default.sqlite3-shm"),
    }


def test_a_back_up_that_is_killed_leaves_nothing_that_looks_like_one(site, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    wanted = str(disk / "wanted")
    # A killed one's turn is prune's again when it has run out: not waited for.
    out = "from monitor.models import Lease; Lease.objects.all().delete()"
    for step in ("databases", "storage", "synced"):
        assert site.forked("backup", wanted, point=f"backup.{step}")[0] == KILLED
        assert [path.name for path in disk.iterdir()] == [".wanted.unfinished"]
        site.shell(out)

    said = site.refuses("backup", wanted, "--json")
    assert [path.name for path in disk.iterdir()] == ["wanted"]
    manifest = Manifest.read(disk / "wanted")
    told = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert told["folder"] == wanted
    assert (told["files"], told["bytes"]) == (len(manifest.files), manifest.size)
    assert told["missing"] == manifest.missing


def test_a_back_up_is_refused_where_it_would_be_none(site, made, tmp_path):
    folder, _ = made
    (tmp_path / "dangling").symlink_to("nowhere")
    refused = {
        folder: "is there already; name a folder that is not.",
        tmp_path / "dangling": "is there already; name a folder that is not.",
        site.root / "uploads" / "b": "lies in storage.root",
        tmp_path / "not" / "mounted": f"There is no folder {tmp_path / 'not'} for it",
    }
    for place, why in refused.items():
        said = site.refuses("backup", place)
        assert said.startswith("No back-up was made: ")
        assert why in said


def test_a_disk_that_is_full_leaves_nothing(site, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    ended, said = site.forked("shell", "-v0", "-c", FULL.format(disk / "b"))
    assert ended == 1
    assert "No back-up was made: " in said
    assert list(disk.iterdir()) == []


def test_too_little_room_is_known_before(site, tmp_path):
    require(os.geteuid() == 0, "only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    require(mounted.returncode == 0, f"no disk can be mounted: {mounted.stderr}")
    try:
        said = site.refuses("backup", disk / "b")
        assert re.search(r"disk has 1\.0 MB free, and \d\.\d MB are needed\.", said)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_what_goes_meanwhile_is_in_neither_and_what_is_damaged_is_told(back, tmp_path):
    told = json.loads(back.shell(f"folder = {str(tmp_path)!r}\n{MEANWHILE}"))
    # Of the dataset that is made up there never was a file.
    made_up = "datasets/made-up/rows.parquet"
    looks = [line for line in told["lines"] if line.startswith("Not as rows have it")]
    assert [re.search(r"\d+", line)[0] for line in looks] == ["3", "1"]
    assert told["meanwhile"] == [made_up]
    database = tmp_path / "meanwhile" / "databases" / "default.sqlite3"
    rows = [row[0] for row in tables(database)["showroom_batch"]]
    assert told["of"] in rows
    assert told["gone"] not in rows
    assert told["damaged"] == sorted([made_up, *told["hurt"]])
    assert told["event"] == 4


@pytest.mark.django_db(transaction=True)
def test_nothing_is_pruned_while_one_is_made(storage):
    with leases.hold("prune", 0.2) as held:
        assert held
        lines = []
        with hold.no_prune(lines.append) as turn:
            assert lines == [
                "Waiting for manage.py prune, which is at work or was killed."
            ]
            assert prune() == []
            later = now() + timedelta(hours=1)
            turn.renew(later)
            assert Lease.objects.get(name="prune").until > later
    assert Lease.objects.get(name="prune").until <= now()
    assert prune() != []


def test_two_at_once_are_one(tmp_path):
    with (
        hold.alone(tmp_path),
        pytest.raises(CannotBackUp, match="is under way"),
        hold.alone(tmp_path),
    ):
        pass
