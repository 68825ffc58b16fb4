"""What every test stands on: both databases, a storage of its own, honest skips."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django
import pytest

# Settings are read when Django starts, long before any fixture: a test run never
# touches the storage of a site. A config given by the caller is a throw-away too.
# Named here and not in pyproject.toml, from where pytest-django would start Django
# before this file is read.
os.environ["DJANGO_SETTINGS_MODULE"] = "pulsarsite.settings"
_storage = tempfile.TemporaryDirectory(prefix="pulsarsite-tests-")
if "PULSARSITE_TEST_CONFIG" in os.environ:
    os.environ["CONFIG_FILE"] = os.environ["PULSARSITE_TEST_CONFIG"]
else:
    config = Path(_storage.name) / "config.yaml"
    config.write_text("storage: {root: storage}\n")
    os.environ["CONFIG_FILE"] = str(config)

# The tests of an app import its models before pytest-django would do this.
django.setup()

from django.contrib.auth.models import Group  # noqa: E402  # after setup
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils.timezone import now  # noqa: E402

from accounts import roles  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.tokens import make as tokens  # noqa: E402
from monitor import logs  # noqa: E402
from monitor.metrics import tally  # noqa: E402
from registry import serving  # noqa: E402

# The databases that connections are tried on, for the tests of every app.
pytest_plugins = ["pulsarsite.tests.engines"]

REQUIRE_ALL = bool(os.environ.get("PULSARSITE_REQUIRE_ALL"))


def require(present: object, reason: str) -> None:
    """Skip with the reason what this machine cannot run; CI refuses to skip."""
    if present:
        return
    if REQUIRE_ALL:
        pytest.fail(f"must not be skipped here: {reason}")
    pytest.skip(reason)


def program(name: str) -> str:
    """The path of an installed program, or a skip."""
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    require(path, f"{name} is not installed")
    return path


def free_port() -> int:
    """A port for a server of the test's own: other tests run beside it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def eventually(condition: Callable[[], object], within: float = 30) -> object:
    """Wait until the condition holds and return what it gave; the one way to wait."""
    end = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"still not so after {within} s: {condition}"
        time.sleep(0.05)


# Its thread would write into the database of whatever test is on by then.
tally.EVERY = None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each process start Django after this file, on a storage of its own."""
    # With it in the environment, pytest-django would do so before, on this one's.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Every database test sees both databases, and long files do not come last."""
    for item in items:
        for mark in item.iter_markers("django_db"):
            mark.kwargs.setdefault("databases", "__all__")
    # A file goes to one worker: begun last, a long one keeps all others waiting.
    if hasattr(config, "workerinput"):
        long = {
            kind: {item.path for item in items if item.get_closest_marker(kind)}
            for kind in ("e2e", "slow")
        }
        items.sort(key=lambda item: [item.path not in long[kind] for kind in long])


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with HTRU_2.csv and real candidates, where this machine has it."""
    folder = os.environ.get("PULSARSITE_DATA", "")
    require(folder and Path(folder).is_dir(), "PULSARSITE_DATA names no folder")
    return Path(folder)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """SQLite in a file, as on a site: in memory, who meets a lock fails at once."""
    for database in connections.all():
        # Tables as the models say, which `makemigrations --check` and each site made
        # from nothing hold against the migrations: those take four seconds.
        database.settings_dict["TEST"]["MIGRATE"] = False
        if database.vendor == "sqlite":
            name = str(Path(_storage.name) / f"{database.alias}.sqlite3")
            database.settings_dict["TEST"]["NAME"] = name
            # What closes old connections must not end the transaction of a test.
            database.is_in_memory_db = lambda: True


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Real hashes take 0.3 s a person, which is their purpose and not a test's."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_request() -> None:
    """An answer that a test left unread keeps the name of its request."""
    logs.request_id.set("")


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """What another test has counted is not this one's."""
    tally.gathered.take()


@pytest.fixture(autouse=True)
def nobody_in_production() -> None:
    """For a second a process knows what is: another test's version, with its rows."""
    serving._at_alias.cache_clear()


@pytest.fixture(autouse=True)
def storage(settings, tmp_path: Path) -> Path:
    """A storage of the test's own."""
    root = tmp_path / "storage"
    root.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = root
    settings.PULSAR = settings.PULSAR.model_copy(
        update={"storage": settings.PULSAR.storage.model_copy(update={"root": root})}
    )
    return root


@pytest.fixture
def person(db) -> Callable[..., User]:
    """Make a person with a role: person("operator"), person("researcher", "ana")."""
    roles.sync()

    def make(role: str, name: str = "") -> User:
        user = User.objects.create_user(name or role, password="a long pass phrase")
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def caller(person) -> Callable[..., Client]:
    """A program with a token: caller("operator"), caller("admin", read_only=True)."""

    def make(role: str, name: str = "", *, read_only: bool = False) -> Client:
        user = User.objects.filter(username=name or role).first()
        made = tokens.make(
            user or person(role, name), name="", read_only=read_only, at=now()
        )
        headers = {"Authorization": f"Bearer {made.key}"}
        return Client(enforce_csrf_checks=True, headers=headers)

    return make
