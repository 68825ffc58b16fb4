"""What may stand in config.yaml: every key with its kind, default and meaning."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pulsarsite.schema_connections import CONNECTIONS, Connections
from pulsarsite.schema_values import (
    BesideThisFile,
    Memory,
    SecretName,
    Section,
    Zone,
    host_name,
    server,
    web_address,
)


class Site(Section):
    """Who and where the site is."""

    name: str = Field(
        default="pulsarsite",
        min_length=1,
        max_length=60,
        description="Shown on every page.",
    )
    address: Annotated[str, AfterValidator(web_address)] = Field(
        default="http://localhost:8000",
        description="What people type into the browser. With https, cookies are secure "
        "and HSTS is sent.",
    )
    hosts: tuple[Annotated[str, AfterValidator(host_name)], ...] = Field(
        default=(),
        strict=False,
        max_length=100,
        description="Further host names the site answers to, besides its address.",
    )
    behind_proxy: bool = Field(
        default=False,
        description="True when a proxy in front ends TLS and sets X-Forwarded-Proto "
        "and X-Forwarded-For. An https address needs one.",
    )


class Storage(Section):
    """Where a running site writes."""

    root: BesideThisFile = Field(
        default=Path("var"),
        strict=False,
        validate_default=True,
        description="Folder for databases, uploads, scores and models. A relative path "
        "is taken from this file's folder.",
    )
    reserve_bytes: int = Field(
        default=256 * 1024**2,
        ge=0,
        description="Room left on its disk for the databases: with less, uploads are "
        "refused and batches wait.",
    )


class Database(Section):
    """One database by address."""

    url: Annotated[
        str,
        server("sqlite:", {"mysql"}, r"/[^/]+/?", "mysql://user@host:3306/name"),
    ] = Field(
        default="sqlite:",
        description="`sqlite:` (a file under storage.root) or "
        "`mysql://user@host:3306/name` (MariaDB or MySQL).",
    )
    password_env: SecretName = Field(
        default="", description="Environment variable (or NAME_FILE) with the password."
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

    url: Annotated[
        str,
        server(
            "filesystem:",
            {"redis", "rediss", "amqp", "amqps"},
            r"(/[^/]*)?",
            "redis://host:6379/0 or amqp://user@host:5672/vhost",
        ),
    ] = Field(
        default="filesystem:",
        description="`filesystem:` (a folder under storage.root), "
        "`redis://host:6379/0` or `amqp://user@host:5672/vhost`; `rediss` and `amqps` "
        "with TLS.",
    )
    password_env: SecretName = Field(
        default="", description="Environment variable (or NAME_FILE) with the password."
    )


class Web(Section):
    """The web server."""

    workers: int = Field(default=2, ge=1, le=64, description="Web processes.")
    threads: int = Field(
        default=4, ge=1, le=64, description="Threads of each web process."
    )
    timeout_seconds: int = Field(
        default=120,
        ge=10,
        le=3600,
        description="A silent web process is replaced after this.",
    )


class Scheduler(Section):
    """The clock, and when work counts as lost."""

    mode: Literal["embedded", "host"] = Field(
        default="embedded",
        description="Our own clock, or the lines in the host's crontab.",
    )
    zone: Zone = Field(
        default="",
        description="Zone of the embedded clock; empty means the zone of this machine.",
    )
    secrets_file: BesideThisFile | None = Field(
        default=None,
        strict=False,
        description="File of NAME=value lines, mode 600, for what cron starts without "
        "an environment. A relative path is taken from this file's folder.",
    )
    resend_seconds: float = Field(
        default=10,
        ge=0.1,
        le=600,
        description="Queued work older than this is sent again.",
    )
    lease_seconds: float = Field(
        default=60,
        ge=0.1,
        le=3600,
        description="Work without a heartbeat for this long is lost.",
    )
    max_attempts: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Starts of one piece of work before it is failed.",
    )


class Showroom(Section):
    """Uploads and what becomes of them."""

    inline_rows: int = Field(
        default=5000,
        ge=0,
        le=100_000,
        description="Up to so many rows are scored at once.",
    )
    interactive_bytes: int = Field(
        default=64 * 1024**2,
        ge=0,
        description="Larger uploads queue apart, so that small ones never wait.",
    )
    max_upload_bytes: int = Field(
        default=4 * 1024**3,
        ge=1024,
        description="The largest upload, all its files together.",
    )
    max_files: int = Field(
        default=1000, ge=1, le=100_000, description="The most files in one upload."
    )
    page_rows: int = Field(
        default=50, ge=10, le=500, description="Rows of a table on one page."
    )
    download_rows: int = Field(
        default=200_000,
        ge=0,
        description="A download of more rows is prepared by a worker.",
    )


class Dispatch(Section):
    """Scheduled classification."""

    folders: tuple[Annotated[BesideThisFile, Field(strict=False)], ...] = Field(
        default=(),
        strict=False,
        max_length=100,
        description="Folders under which schedules may read and write, besides "
        "`inbox` and `outbox` in storage.root. A relative path is taken from this "
        "file's folder.",
    )
    max_parallel: int = Field(
        default=2,
        ge=1,
        le=64,
        description="So many runs work at once; the others stand in a line.",
    )
    max_rows: int = Field(
        default=1_000_000,
        ge=1,
        description="So many rows of a table does one run read at most; the rest is "
        "for the next.",
    )


class Host(Section):
    """A machine or service that is looked at."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")] = Field(
        description="What it is called on pages: small letters, digits, - and _."
    )
    address: Annotated[str, Field(min_length=1, max_length=253)] = Field(
        description="Its name, or an IPv4 or IPv6 address."
    )
    port: int = Field(ge=1, le=65535, description="A port on which it should answer.")


class Monitor(Section):
    """What is watched, and how."""

    hosts: tuple[Host, ...] = Field(
        default=(),
        strict=False,
        max_length=500,
        description="Hosts to look at: `name`, `address` and `port` of each.",
    )
    deadline_seconds: float = Field(
        default=10,
        ge=0.5,
        le=50,
        description="So long may a check take in all, name resolution included.",
    )
    refresh_seconds: int = Field(
        default=15,
        ge=2,
        le=3600,
        description="How often an open page of the Monitor looks again.",
    )
    report_at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        default="08:00",
        description="When the night report is sent, by the clock's zone.",
    )
    metrics_token: SecretName = Field(
        default="",
        description="Environment variable (or NAME_FILE) with the token by which "
        "Prometheus reads /metrics; empty: nobody does.",
    )

    @model_validator(mode="after")
    def _each_host_once(self) -> Self:
        names = [host.name for host in self.hosts]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"hosts: named twice: {', '.join(twice)}")
        return self


class Shortlist(Section):
    """Which rows of a batch are put before people."""

    max_rows: int = Field(
        default=2000,
        ge=0,
        le=100_000,
        description="Of the highest scores from the threshold on, at most so many.",
    )
    max_uncertain: int = Field(
        default=500,
        ge=0,
        le=100_000,
        description="Of the scores nearest the threshold, at most so many.",
    )


class Audit(Section):
    """The rows that chance picks, for people to judge and for honest figures."""

    share: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Of the rows of each open batch that has ended; 0: none are drawn.",
    )
    most_a_day: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Rows that are drawn in a day, on average at most; for more, the "
        "share is lowered.",
    )
    days: int = Field(
        default=30,
        ge=1,
        le=366,
        description="The figures are of batches that ended within so many.",
    )
    floor: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="A champion whose audited hit rate is lower is an alert.",
    )


class Kept(Section):
    """How long one kind of file is kept, and how much of it."""

    days: int = Field(default=0, ge=0, description="Removed after so many; 0: never.")
    bytes: int = Field(default=0, ge=0, description="At most so many; 0: no limit.")


class KeptLogs(Kept):
    """How long logs are kept: they serve to find what went wrong lately."""

    days: int = Field(default=90, ge=0, description="Removed after so many; 0: never.")


class Retention(Section):
    """What `manage.py prune` and `prune_runs` remove; by default old logs alone."""

    undo_hours: int = Field(
        default=24,
        ge=0,
        le=8760,
        description="How long a deleted batch can be brought back.",
    )
    uploads: Kept = Field(
        default_factory=Kept,
        description="Files as they were uploaded. Beyond the limit, uploads are "
        "refused.",
    )
    scores: Kept = Field(
        default_factory=Kept,
        description="Batches with their scores. Beyond the limit, uploads are refused.",
    )
    downloads: Kept = Field(
        default_factory=Kept,
        description="Prepared downloads. Beyond the limit, the oldest go.",
    )
    pictures: Kept = Field(
        default_factory=Kept,
        description="Drawn plots. Beyond the limit, the oldest go.",
    )
    logs: KeptLogs = Field(
        default_factory=KeptLogs,
        description="Logs of runs that have ended. Beyond the limit, the oldest go.",
    )


class Tables(Section):
    """What one query over score tables may take."""

    memory: Memory = Field(default="256MB", description="Memory; more goes to disk.")
    threads: int = Field(default=2, ge=1, le=64, description="Threads.")


class Registry(Section):
    """The models."""

    threads: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Threads of one model in web and worker processes.",
    )


class Gate(Section):
    """What a version must not lose to take the place of the champion."""

    recall_margin: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="So much may recall fall at the champion's false-positive rate.",
    )
    slice_margin: float = Field(
        default=0.05, ge=0, le=1, description="So much may recall fall in a slice."
    )
    slice_pulsars: int = Field(
        default=50,
        ge=20,
        le=1_000_000,
        description="A slice with fewer pulsars is shown, but refuses nobody.",
    )
    resamples: int = Field(
        default=1000,
        ge=100,
        le=100_000,
        description="Draws of the paired bootstrap behind the interval.",
    )


class Push(Section):
    """Models from elsewhere; each is opened in a child process first."""

    allowed: Literal["auto", "yes", "no"] = Field(
        default="auto",
        description="Whether an admin may bring a foreign model in. auto: where the "
        "child can be given a network of its own that leads nowhere.",
    )
    max_mb: int = Field(
        default=200, ge=1, le=2000, description="Size of a file, at most, in MB."
    )
    memory_mb: int = Field(
        default=2048,
        ge=512,
        le=65_536,
        description="Memory of the child that opens it, in MB.",
    )
    seconds: int = Field(
        default=60, ge=1, le=3600, description="Time of that child, in all."
    )
    row_microseconds: float = Field(
        default=5000, gt=0, description="Time for one row; slower ones are refused."
    )


class Triggers(Section):
    """Retrainings that start by themselves."""

    max_per_day: int = Field(
        default=4,
        ge=0,
        le=1000,
        description="So many a day of the clock, whatever the triggers allow. 0: none.",
    )
    null_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="With more rejected rows than this in the last batch the input is "
        "at fault, and no trigger fires.",
    )


class Training(Section):
    """Trainings of models."""

    max_parallel: int = Field(
        default=1,
        ge=1,
        le=64,
        description="So many trainings work at once; the others stand in a line.",
    )
    threads: int = Field(
        default=1, ge=1, le=256, description="Threads of one training."
    )
    fit_minutes: float = Field(
        default=240,
        ge=0.01,
        le=10_080,
        description="So long may the fit take, search and folds included.",
    )
    step_minutes: float = Field(
        default=30, ge=0.01, le=10_080, description="So long may any other step take."
    )
    step_attempts: int = Field(
        default=2,
        ge=1,
        le=10,
        description="How often a step is begun that fails for no fault of its data.",
    )
    rehearsal_rows: int = Field(
        default=200,
        ge=200,
        le=10_000,
        description="Rows of the rehearsal before each training.",
    )
    max_candidates: int = Field(
        default=20,
        ge=1,
        le=200,
        description="A search may try so many sets of parameters.",
    )


class Accounts(Section):
    """Log-in."""

    failures_before_lockout: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="Wrong passwords before a pause is imposed.",
    )
    lockout_minutes: int = Field(
        default=15, ge=1, le=10_080, description="How long that pause is."
    )
    session_hours: int = Field(
        default=14 * 24, ge=1, le=8760, description="How long a log-in lasts."
    )


class Api(Section):
    """What programs may send."""

    max_body_bytes: int = Field(
        default=16 * 1024**2,
        ge=1024**2,
        le=1024**3,
        description="The largest request, but for files: those may be as large as "
        "showroom.max_upload_bytes says.",
    )


class Export(Section):
    """Labels that are given out, in a DVC repository of the group's."""

    dvc_repository: BesideThisFile | None = Field(
        default=None,
        strict=False,
        description="Its folder, made by git init and dvc init; null means none. A "
        "relative path is taken from this file's folder.",
    )
    dvc_remote: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$",
        max_length=100,
        description="The remote of it to push to; empty means no push.",
    )
    dvc_program: str = Field(
        default="dvc",
        min_length=1,
        max_length=255,
        description="What pushes: DVC 3, which is installed apart from the site.",
    )


class Mail(Section):
    """Outgoing mail; without a host nothing is sent and nothing offered."""

    host: str = Field(default="", description="SMTP server; empty means no mail.")
    port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    user: str = Field(default="", description="Its user, if it wants one.")
    password_env: SecretName = Field(
        default="", description="Environment variable (or NAME_FILE) with the password."
    )
    tls: bool = Field(default=True, description="STARTTLS before anything is said.")
    sender: str = Field(
        default="pulsarsite@localhost",
        min_length=1,
        description="From whom mail comes.",
    )


class Log(Section):
    """JSON lines on standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="What is worth a line."
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
    shortlist: Shortlist = Field(default_factory=Shortlist)
    audit: Audit = Field(default_factory=Audit)
    dispatch: Dispatch = Field(default_factory=Dispatch)
    connections: Connections = Field(default=(), description=CONNECTIONS)
    monitor: Monitor = Field(default_factory=Monitor)
    retention: Retention = Field(default_factory=Retention)
    tables: Tables = Field(default_factory=Tables)
    registry: Registry = Field(default_factory=Registry)
    gate: Gate = Field(default_factory=Gate)
    push: Push = Field(default_factory=Push)
    triggers: Triggers = Field(default_factory=Triggers)
    training: Training = Field(default_factory=Training)
    accounts: Accounts = Field(default_factory=Accounts)
    api: Api = Field(default_factory=Api)
    export: Export = Field(default_factory=Export)
    mail: Mail = Field(default_factory=Mail)
    log: Log = Field(default_factory=Log)
