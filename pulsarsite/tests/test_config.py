"""config.yaml: what is read, what is refused, and in which words."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from pydantic import ValidationError

from pulsarsite import config, describe
from pulsarsite.config import BadConfig

BASE = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.yaml"


def refused(file: Path, text: str) -> list[str]:
    """The lines with which a file is refused, after its name."""
    file.write_text(text)
    with pytest.raises(BadConfig) as error:
        config.load(file)
    first, *lines = str(error.value).splitlines()
    assert first.startswith(str(file))
    return [line.strip() for line in lines] or [first.removeprefix(f"{file} ")]


def test_an_empty_file_means_every_default(file: Path) -> None:
    file.write_text("")
    found = config.load(file)
    assert found.storage.root == file.parent / "var"
    assert found.web.workers == 2
    assert {key.origin for key in describe.effective(found)} == {"default"}


def test_a_section_without_keys_means_its_defaults(file: Path) -> None:
    file.write_text("web:\ndatabases:\n  events:\n")
    found = config.load(file)
    assert (found.web.threads, found.databases.events.url) == (4, "sqlite:")


def test_the_values_of_the_file_are_taken(file: Path) -> None:
    file.write_text(
        "site: {address: 'https://Pulsars.Example.org/', hosts: [a.lan, '::1']}\n"
        "storage: {root: ../data}\nscheduler: {lease_seconds: 1}\n"
    )
    found = config.load(file)
    assert found.site.address == "https://Pulsars.Example.org"
    assert found.site.hosts == ("a.lan", "[::1]")
    assert found.storage.root == (file.parent.parent / "data").resolve()
    assert found.scheduler.lease_seconds == 1


def test_folders_of_dispatch_are_taken_from_the_files_own(file: Path) -> None:
    file.write_text("dispatch: {folders: [/data/survey, ../arrivals]}\n")
    arrivals = (file.parent.parent / "arrivals").resolve()
    assert config.load(file).dispatch.folders == (Path("/data/survey"), arrivals)


def test_values_never_change(file: Path) -> None:
    file.write_text("")
    with pytest.raises(ValidationError, match="frozen"):
        config.load(file).web.workers = 3


def test_every_mistake_is_told_at_once_with_what_was_expected(file: Path) -> None:
    mistakes = refused(
        file,
        """
site: {address: ftp://x, nmae: 1, name: '', hosts: [1, 'a b', 'h:80']}
web: {workers: two, threads: 65, timeout_seconds: true}
databases: {default: {url: 'sqlite:///x', password_env: lower}, events: 3}
broker: {url: 'redis:'}
scheduler: {mode: none, zone: Mars, lease_seconds: .nan}
tables: {memory: lots}
storage: [1]
color: blue
""",
    )
    host = "must be a host name or an address, without port or path"
    assert sorted(mistakes) == sorted(
        [
            "site.address: must look like https://pulsars.example.org (found 'ftp://x')",
            "site.nmae: there is no such key",
            "site.name: must be text of 1 to 60 characters (found '')",
            "site.hosts.0: must be text (found 1)",
            f"site.hosts.1: {host} (found 'a b')",
            f"site.hosts.2: {host} (found 'h:80')",
            "web.workers: must be a whole number from 1 to 64 (found 'two')",
            "web.threads: must be a whole number from 1 to 64 (found 65)",
            "web.timeout_seconds: must be a whole number from 10 to 3600 (found True)",
            (
                "databases.default.url: must be sqlite: or look like "
                "mysql://user@host:3306/name (found 'sqlite:///x')"
            ),
            (
                "databases.default.password_env: must be the name of a variable, like "
                "MAIL_PASSWORD (found 'lower')"
            ),
            "databases.events: must be a section with keys of its own (found 3)",
            (
                "broker.url: must be filesystem: or look like redis://host:6379/0 or "
                "amqp://user@host:5672/vhost (found 'redis:')"
            ),
            "scheduler.mode: must be one of embedded, host (found 'none')",
            "scheduler.zone: must be a time zone like Europe/Berlin (found 'Mars')",
            "scheduler.lease_seconds: must be a number from 0.1 to 3600 (found nan)",
            "tables.memory: must look like 256MB or 2GB (found 'lots')",
            "storage: must be a section with keys of its own (found [1])",
            "color: there is no such key",
        ]
    )


def test_keys_that_stand_twice_or_are_no_text_are_told_with_their_line(
    file: Path,
) -> None:
    assert refused(file, "web: {workers: 2}\nweb:\n  on: 1\n  12: 2\n") == [
        "line 2: the key 'web' stands twice",
        "line 3: the key True must be text",
        "line 4: the key 12 must be text",
        "web.True: there is no such key",
        "web.12: there is no such key",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a\n- b\n", "must be made of sections, each with its keys"),
        ("a: [", "is not YAML"),
        ("a: \x00", "is not YAML"),
    ],
)
def test_what_is_no_configuration_is_refused(
    file: Path, text: str, reason: str
) -> None:
    assert refused(file, text)[0].startswith(reason)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read: No such file or directory"):
        config.load(tmp_path / "none.yaml")


def test_a_password_in_an_address_is_refused_and_not_repeated(file: Path) -> None:
    [mistake] = refused(
        file, "databases: {events: {url: 'mysql://me:geheim@host/name'}}"
    )
    assert "must hold no password; name a variable in password_env" in mistake
    assert "geheim" not in mistake


def test_a_secret_comes_from_a_variable_or_from_the_file_it_names(
    tmp_path: Path,
) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    named = {"B_FILE": str(tmp_path / "secret"), "A": "from a variable"}
    found = [config.secret(name, named).get_secret_value() for name in ("A", "B", "")]
    assert found == ["from a variable", "from a file", ""]
    assert config.secret_or_nothing("C", named).get_secret_value() == ""


def test_a_secret_that_is_missing_or_unreadable_is_a_mistake(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("B_PASSWORD_FILE", "/nowhere")
    text = "mail: {password_env: A_PASSWORD}\nbroker: {password_env: B_PASSWORD}\n"
    assert refused(file, text) == [
        "broker.password_env: /nowhere, named by B_PASSWORD_FILE, cannot be read",
        "mail.password_env: set A_PASSWORD, or A_PASSWORD_FILE with the path of a file",
    ]


@pytest.fixture
def secrets(tmp_path: Path) -> Iterator[Path]:
    """A file of secrets that only we may read; what it adds is taken back."""
    file = tmp_path / "secrets"
    file.write_text(
        "# for cron\n\nMAIL_PASSWORD=from the file # and all\n"
        "export QUOTED='  a=\"b\" '\nEMPTY=\nGIVEN=file\nELSEWHERE=file\n"
    )
    file.chmod(0o600)
    with patch.dict(os.environ):
        yield file


SECRETS = "scheduler: {secrets_file: secrets}\nmail: {password_env: MAIL_PASSWORD}\n"


def test_a_file_of_secrets_says_what_the_environment_lacks(
    file: Path, secrets: Path
) -> None:
    os.environ |= {"GIVEN": "environment", "ELSEWHERE_FILE": "/run/secret"}
    file.write_text(SECRETS)
    config.load(file)
    found = {name: os.environ.get(name) for name in (
        "MAIL_PASSWORD", "QUOTED", "EMPTY", "GIVEN", "ELSEWHERE",
    )}  # fmt: skip
    assert found == {
        "MAIL_PASSWORD": "from the file # and all",
        "QUOTED": '  a="b" ',
        "EMPTY": "",
        "GIVEN": "environment",
        "ELSEWHERE": None,
    }


@pytest.mark.parametrize(
    ("text", "mode", "reason"),
    [
        (b"A=1\n", 0o640, "others may read {0}: chmod 600 {0}"),
        (b"A=1\n", 0o604, "others may read {0}: chmod 600 {0}"),
        (b"A=1\n\nno secret\n", 0o400, "{0}, line 3, must look like NAME=value"),
        (b"A=1\nB=1\nexport A=2\n", 0o600, "{0}, line 3: A stands twice"),
        (b"lower=geheim\n", 0o600, "{0}, line 1, must look like NAME=value"),
        (b"A=\xff\n", 0o600, "{0} is no text in UTF-8"),
    ],
)
def test_a_file_of_secrets_that_cannot_be_trusted_is_a_mistake(
    file: Path, secrets: Path, text: bytes, mode: int, reason: str
) -> None:
    secrets.write_bytes(text)
    secrets.chmod(mode)
    assert refused(file, "scheduler: {secrets_file: secrets}") == [
        f"scheduler.secrets_file: {reason.format(secrets)}"
    ]


def test_a_file_of_secrets_is_there_and_ours(
    file: Path, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    text = "scheduler: {secrets_file: secrets}"
    [mistake] = refused(file, text)
    assert mistake.endswith("belongs to another user, who could change it")
    secrets.unlink()
    [mistake] = refused(file, text)
    assert mistake.endswith("secrets cannot be read: No such file or directory")


def test_what_is_in_force_is_shown_with_its_origin_and_without_secrets(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "geheim")
    file.write_text("mail: {password_env: MAIL_PASSWORD, host: mx}\nsite: {hosts: [a]}")
    shown = {key.key: key[1:] for key in describe.effective(config.load(file))}
    assert shown["mail.password_env"] == ("MAIL_PASSWORD = ******", "environment")
    assert shown["mail.host"] == ("mx", "file")
    assert shown["mail.user"] == ('""', "default")
    assert shown["site.hosts"] == ("a", "file")
    assert shown["storage.root"] == (str(file.parent / "var"), "default")
    assert "geheim" not in str(shown)


def test_the_tracked_file_is_the_documented_default(file: Path) -> None:
    tracked = BASE / "config.yaml"
    assert tracked.read_text() == describe.as_yaml(), "run: manage.py config_docs"
    assert (
        yaml.safe_load(tracked.read_text()).keys() == config.Config.model_fields.keys()
    )
    file.write_text("")
    different = [
        one.key
        for one, other in zip(
            describe.effective(config.load(tracked)),
            describe.effective(config.load(file)),
            strict=True,
        )
        if one.value != other.value and one.key != "storage.root"
    ]
    assert different == []


def test_the_page_about_the_configuration_is_what_the_schema_says() -> None:
    page = (BASE / "docs" / "config.md").read_text()
    assert page == describe.as_markdown(), "run: manage.py config_docs"
    undocumented = [key.name for key in describe.walk() if not key.about]
    assert undocumented == []


CONNECTIONS = """
connections:
  - name: survey
    driver: MariaDB Unicode
    options: {SERVER: db.example.org, PORT: 3306, INITSTMT: "SET x='a;b}c'"}
    user: "o'reader;{x}"
    password_env: SURVEY_PASSWORD
  - {name: results, dsn: Results, read_only: false, statement_seconds: 600}
  - {name: old, file: ../old.sqlite}
"""


def test_connections_are_taken_as_they_stand(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_PASSWORD", "p;w}d='{")
    file.write_text(CONNECTIONS)
    found = config.load(file)
    survey, results, old = found.connections
    assert survey.options == {
        "SERVER": "db.example.org",
        "PORT": "3306",
        "INITSTMT": "SET x='a;b}c'",
    }
    assert (survey.user, survey.read_only) == ("o'reader;{x}", True)
    assert (results.dsn, results.read_only) == ("Results", False)
    assert (results.connect_seconds, results.statement_seconds) == (10, 600)
    assert old.file == file.parent.parent / "old.sqlite"
    assert config.passwords(found.connections) == {
        "survey": "p;w}d='{",
        "results": "",
        "old": "",
    }


def test_connections_in_force_are_shown_by_name_and_without_passwords(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURVEY_PASSWORD", "geheim")
    file.write_text(CONNECTIONS)
    found = config.load(file)
    shown = {key.key: key[1:] for key in describe.effective(found)}
    assert shown["connections.survey.driver"] == ("MariaDB Unicode", "file")
    assert shown["connections.survey.password_env"] == (
        "SURVEY_PASSWORD = ******",
        "environment",
    )
    assert shown["connections.results.options"] == ("none", "default")
    assert shown["connections.results.statement_seconds"] == ("600", "file")
    assert ("connections.survey.password_env", "SURVEY_PASSWORD") in set(
        describe.secrets(found)
    )
    assert "geheim" not in str(shown)


def test_every_mistake_in_a_connection_is_told_without_what_may_be_a_password(
    file: Path,
) -> None:
    mistakes = refused(
        file,
        """
connections:
  - {name: Survey, driver: a, connect_seconds: 0, read_only: 'no', colour: blue}
  - {name: both, driver: a, dsn: b}
  - {name: none}
  - {name: pwd, driver: a, options: {Pwd: geheim}}
  - {name: uid, driver: a, options: {uid: geheim}}
  - {name: way, dsn: a, options: {Driver: geheim}}
  - {name: odd, dsn: a, options: {'a;PWD': geheim}}
  - {name: lines, dsn: a, options: {X: "a\\nb"}}
  - {name: nested, dsn: a, options: {X: [geheim]}}
  - {name: more, dsn: 'a;PWD=geheim'}
  - {name: password, dsn: a, password: geheim}
  - {name: file, file: a.sqlite, user: me}
  - geheim
""",
    )
    bare = "must be a name or a path alone; further words are options"
    assert mistakes == [
        "connections.0.name: must be 1 to 50 small letters, digits, - and _",
        "connections.0.read_only: must be true or false",
        "connections.0.connect_seconds: must be a whole number from 1 to 300",
        "connections.0.colour: there is no such key",
        "connections.1: needs one of driver, dsn and file; it has driver and dsn",
        "connections.2: needs one of driver, dsn and file; it has none of them",
        (
            "connections.3.options: must hold no password (Pwd); "
            "name a variable in password_env"
        ),
        "connections.4.options: must hold no user (uid); there is the key user",
        (
            "connections.5.options: must not hold Driver; "
            "that is a key of the connection"
        ),
        "connections.6.options: 'a;PWD' is no name of an option",
        "connections.7.options.X: must be one line",
        "connections.8.options.X: must be text",
        f"connections.9.dsn: {bare}",
        "connections.10.password: there is no such key",
        "connections.11: a file takes no options, user or password_env",
        "connections.12: must be an entry with keys of its own",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            "connections: [{name: a, dsn: x}, {name: a, dsn: y}]",
            "connections: named twice: a",
        ),
        (
            "connections: [{name: a, file: var/default.sqlite3}]",
            "connections.a.file: must not be in storage.root",
        ),
        (
            "connections: [{name: a, dsn: x, password_env: NOT_SET}]",
            (
                "connections.a.password_env: set NOT_SET, or NOT_SET_FILE with the "
                "path of a file"
            ),
        ),
        (
            "connections: {a: {dsn: x}}",
            "connections: must be a list of entries, each with keys of its own",
        ),
    ],
)
def test_connections_that_cannot_be_are_refused(
    file: Path, text: str, mistake: str
) -> None:
    assert refused(file, text) == [mistake]


def test_no_connections_may_be_written_as_nothing(file: Path) -> None:
    file.write_text("connections:\n")
    assert config.load(file).connections == ()
