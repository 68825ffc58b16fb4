"""config.yaml, validated once: strict, frozen, and every mistake told at once."""

import json
import os
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)


class BadConfig(Exception):
    """The configuration cannot be used; the message lists every mistake."""


def _known_zone(name: str) -> str:
    if name and name not in available_timezones():
        raise ValueError(f"{name} is not a time zone; write it like Europe/Berlin")
    return name


def _one_of(schemes: set[str]) -> AfterValidator:
    def check(url: str) -> str:
        if urlsplit(url).scheme not in schemes:
            raise ValueError(f"must begin with one of {', '.join(sorted(schemes))}")
        if urlsplit(url).password:
            raise ValueError("must hold no password; name a variable in password_env")
        return url

    return AfterValidator(check)


def _web_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must look like https://pulsars.example.org")
    return address.rstrip("/")


def _host(name: str) -> str:
    bare = name.strip("[]")
    if not bare or any(c in bare for c in "/ *"):
        raise ValueError("must be a host name or an address, without port or path")
    if ":" in bare:
        ip_address(bare)
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
SecretName = Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]*)?$")]


class Section(BaseModel):
    """One block of config.yaml: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Site(Section):
    """Who and where the site is."""

    name: str = Field(
        "pulsarsite", min_length=1, max_length=60, description="Shown on every page."
    )
    address: Annotated[str, AfterValidator(_web_address)] = Field(
        "http://localhost:8000",
        description="What people type into the browser. With https, cookies are secure "
        "and HSTS is sent.",
    )
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = Field(
        (), description="Further host names the site answers to, besides its address."
    )
    behind_proxy: bool = Field(
        False,
        description="True when a proxy in front ends TLS and sets X-Forwarded-Proto "
        "and X-Forwarded-For.",
    )


class Storage(Section):
    """Where a running site writes."""

    root: Path = Field(
        Path("var"),
        description="Folder for databases, uploads, scores and models. A relative path "
        "is taken from this file's folder.",
    )


class Database(Section):
    """One database by address."""

    url: Annotated[str, _one_of({"sqlite", "mysql"})] = Field(
        "sqlite:",
        description="`sqlite:` (a file under storage.root) or "
        "`mysql://user@host:3306/name`.",
    )
    password_env: SecretName = Field(
        "", description="Environment variable (or NAME_FILE) with the password."
    )


class Databases(Section):
    """The site's two databases."""

    default: Database = Field(
        default_factory=Database, description="Users, batches, models, the outbox."
    )
    events: Database = Field(
        default_factory=Database, description="The append-only event log."
    )


class Broker(Section):
    """What carries the numbers of queued work to the workers."""

    url: Annotated[str, _one_of({"filesystem", "redis", "rediss", "amqp", "amqps"})] = (
        Field(
            "filesystem:",
            description="`filesystem:` (a folder under storage.root), "
            "`redis://host:6379/0` or `amqp://user@host:5672/vhost`.",
        )
    )
    password_env: SecretName = Field(
        "", description="Environment variable (or NAME_FILE) with the password."
    )


class Web(Section):
    """The web server."""

    workers: int = Field(2, ge=1, le=64, description="Web processes.")
    threads: int = Field(4, ge=1, le=64, description="Threads of each web process.")
    timeout_seconds: int = Field(
        120, ge=10, le=3600, description="A silent web process is replaced after this."
    )


class Scheduler(Section):
    """The clock, and when work counts as lost."""

    mode: Literal["embedded", "host"] = Field(
        "embedded", description="Our own clock, or the lines in the host's crontab."
    )
    zone: Zone = Field(
        "", description="Zone of the clock; empty means the zone of this machine."
    )
    resend_seconds: float = Field(
        10, gt=0, le=600, description="Queued work older than this is sent again."
    )
    lease_seconds: float = Field(
        60, gt=0, le=3600, description="Work without a heartbeat for this long is lost."
    )
    max_attempts: int = Field(
        3, ge=1, le=100, description="Starts of one piece of work before it is failed."
    )


class Showroom(Section):
    """Uploads and what becomes of them."""

    inline_rows: int = Field(
        5000, ge=0, le=100_000, description="Up to so many rows are scored at once."
    )
    interactive_bytes: int = Field(
        64 * 1024**2,
        ge=0,
        description="Larger uploads queue apart, so that small ones never wait.",
    )
    max_upload_bytes: int = Field(
        4 * 1024**3, ge=1024, description="The largest upload, all its files together."
    )
    max_files: int = Field(
        1000, ge=1, le=100_000, description="The most files in one upload."
    )
    page_rows: int = Field(
        50, ge=10, le=500, description="Rows of a table on one page."
    )


class Tables(Section):
    """What one query over score tables may take."""

    memory: str = Field(
        "256MB",
        pattern=r"^[1-9][0-9]*(MB|GB)$",
        description="Memory; more goes to disk.",
    )
    threads: int = Field(1, ge=1, le=64, description="Threads.")


class Registry(Section):
    """The models."""

    threads: int = Field(
        1, ge=1, le=64, description="Threads of one model in web and worker processes."
    )


class Accounts(Section):
    """Log-in."""

    failures_before_lockout: int = Field(
        8, ge=1, le=1000, description="Wrong passwords before a pause is imposed."
    )
    lockout_minutes: int = Field(
        15, ge=1, le=10_080, description="How long that pause is."
    )
    session_hours: int = Field(
        14 * 24, ge=1, le=8760, description="How long a log-in lasts."
    )


class Mail(Section):
    """Outgoing mail; without a host nothing is sent and nothing offered."""

    host: str = Field("", description="SMTP server; empty means no mail.")
    port: int = Field(587, ge=1, le=65535, description="Its port.")
    user: str = Field("", description="Its user, if it wants one.")
    password_env: SecretName = Field(
        "", description="Environment variable (or NAME_FILE) with the password."
    )
    tls: bool = Field(True, description="STARTTLS before anything is said.")
    sender: str = Field("pulsarsite@localhost", description="From whom mail comes.")


class Log(Section):
    """JSON lines on standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="What is worth a line."
    )


class Config(Section):
    """A whole config.yaml."""

    site: Site = Field(default_factory=Site)
    storage: Storage = Field(default_factory=Storage)
    databases: Databases = Field(default_factory=Databases)
    broker: Broker = Field(default_factory=Broker)
    web: Web = Field(default_factory=Web)
    scheduler: Scheduler = Field(default_factory=Scheduler)
    showroom: Showroom = Field(default_factory=Showroom)
    tables: Tables = Field(default_factory=Tables)
    registry: Registry = Field(default_factory=Registry)
    accounts: Accounts = Field(default_factory=Accounts)
    mail: Mail = Field(default_factory=Mail)
    log: Log = Field(default_factory=Log)


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not a silent choice."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise BadConfig(f"line {line}: the key {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.load(path.read_bytes(), Loader=_StrictLoader)  # noqa: S506  # a SafeLoader
    except OSError as error:
        raise BadConfig(f"cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadConfig(f"is not YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise BadConfig("must be a list of sections, each with its keys")
    return values


def _mistakes(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors():
        key = ".".join(str(part) for part in mistake["loc"])
        if mistake["type"] == "extra_forbidden":
            yield f"{key}: there is no such key"
        else:
            message = mistake["msg"].removeprefix("Value error, ")
            yield f"{key}: {message} (found {mistake['input']!r})"


def load(path: Path) -> Config:
    """Read a configuration file; the path of storage.root comes back absolute."""
    path = path.expanduser().resolve()
    try:
        values = _read_yaml(path)
        # A section that is named but left empty means its defaults. Through JSON,
        # because only there a strict schema still takes a list or a path.
        sections = {k: {} if v is None else v for k, v in values.items()}
        config = Config.model_validate_json(json.dumps(sections, default=str))
    except ValidationError as error:
        lines = "\n".join(f"  {line}" for line in _mistakes(error))
        raise BadConfig(f"{path}:\n{lines}") from error
    except BadConfig as error:
        raise BadConfig(f"{path}: {error}") from error
    root = (path.parent / config.storage.root.expanduser()).resolve()
    storage = config.storage.model_copy(update={"root": root})
    return config.model_copy(update={"storage": storage})


def secret(name: str, environ: Mapping[str, str] = os.environ) -> SecretStr:
    """What the environment holds under NAME, or in the file that NAME_FILE names."""
    if not name:
        return SecretStr("")
    if name in environ:
        return SecretStr(environ[name])
    file = environ.get(f"{name}_FILE")
    if file is None:
        raise BadConfig(f"Set {name}, or {name}_FILE with the path of a file.")
    try:
        return SecretStr(Path(file).read_text().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{name}_FILE: {file} cannot be read: {error}") from error


class Effective(NamedTuple):
    """One key as the site uses it."""

    key: str
    value: str
    origin: str


def effective(config: Config) -> Iterator[Effective]:
    """Every key with its value and where that came from; secrets stay hidden."""
    for name in type(config).model_fields:
        yield from _walk(getattr(config, name), name, name in config.model_fields_set)


def _walk(section: Section, path: str, written: bool) -> Iterator[Effective]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        here = written and name in section.model_fields_set
        if isinstance(value, Section):
            yield from _walk(value, f"{path}.{name}", here)
        elif name.endswith("_env") and value:
            yield Effective(f"{path}.{name}", _masked(value), _origin_of(value))
        else:
            yield Effective(
                f"{path}.{name}", _shown(value), "file" if here else "default"
            )


def _masked(name: str) -> str:
    return f"{name} = ******" if _origin_of(name) != "missing" else name


def _origin_of(name: str) -> str:
    if name in os.environ:
        return "environment"
    return f"{name}_FILE" if f"{name}_FILE" in os.environ else "missing"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value) if value != "" else '""'
