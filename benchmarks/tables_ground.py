"""Schedules from table to table, over databases of their own; see soak_tables.py."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

WAYS = (("sqlite", "mariadb"), ("mariadb", "sqlite"))
ROWS, NEW, PAGE = 100, 9, 30
# Of the eight features, as the group's table calls them.
_COLUMNS = {
    "prof_mean": "ip_mean",
    "prof_std": "ip_std",
    "prof_skew": "ip_skew",
    "prof_exkurt": "ip_kurt",
    "dm_mean": "dm_mean",
    "dm_std": "dm_std",
    "dm_skew": "dm_skew",
    "dm_exkurt": "dm_kurt",
}
_SECONDS = 2
_LOOKS = 12

Fork = Callable[..., int]
Answer = Callable[[Callable[[str], Any], str], Any]


class Case(NamedTuple):
    """A schedule from one table to another, each in a database of this kind."""

    slug: str
    source: str
    sink: str
    # The slug of the case whose table it reads.
    of: str

    @property
    def table(self) -> str:
        return f"candidates_{self.of}"

    @property
    def results(self) -> str:
        return f"scores_{self.slug}"


class Ground:
    """The databases, and how processes of the site are made."""

    def __init__(self, fork: Fork, answer: Answer, wait: Callable[[int], int]) -> None:
        self.fork, self.answer, self.wait = fork, answer, wait
        self.engines: dict[str, Any] = {}
        self.server: Any = None

    def work(self, work: Callable[..., None], *values: Any, crash_at: str = "") -> int:
        """Do it in a process of its own; how that ended."""
        return self.wait(self.fork(work, *values, crash_at=crash_at))

    def do(self, work: Callable[..., None], *values: Any) -> None:
        """Do it, and believe that nothing is in the way of it."""
        if code := self.work(work, *values):
            raise RuntimeError(f"{work.__name__} ended with {code}.")

    def ask(self, question: Callable[..., Any], *values: Any) -> Any:
        """Ask in a process too: what this one has open, its children would share."""
        return self.answer(lambda _: question(*values), "")

    def sql(self, engine: str, statement: str, *values: object) -> None:
        """Change a database as somebody of the group would."""
        self.do(self.engines[engine].execute, statement, *values)


@contextmanager
def ground(
    folder: Path, fork: Fork, answer: Answer, wait: Callable[[int], int], *, quick: bool
) -> Iterator[Ground]:
    """Start the databases and name them in the site's configuration."""
    from dispatch.sources import pages
    from pulsarsite.tests import forked, mariadb
    from pulsarsite.tests.engines import Engine
    from registry.connections import configured

    found = Ground(fork, answer, wait)
    server = mariadb.Server(Path(tempfile.mkdtemp(prefix="mariadb-")))
    with ExitStack() as stack:
        stack.callback(mariadb.remove, server)
        server.start()
        found.server = server
        for name, of in (("sqlite", None), ("mariadb", server)):
            found.engines[name] = Engine(name, folder, of)
        _configure(found.engines)
        # What hangs is not waited for as long as on a site.
        configured._SLACK = 1  # noqa: SLF001
        pages.CHUNK_ROWS = PAGE
        if quick:
            stack.enter_context(forked.children())
        yield found


def _configure(engines: dict[str, Any]) -> None:
    from django.conf import settings

    from pulsarsite.schema_connections import Connection

    entries, passwords = [], {}
    for engine in engines.values():
        target = engine.target()
        for name, read_only in ((engine.name, True), (f"{engine.name}-rw", False)):
            given = {key: target[key] for key in ("driver", "options", "user")}
            given |= {"file": Path(target["file"])} if target["file"] else {}
            entries.append(
                Connection(
                    name=name,
                    read_only=read_only,
                    connect_seconds=_SECONDS,
                    statement_seconds=_SECONDS,
                    **given,
                )
            )
            passwords[name] = target["password"]
    settings.PULSAR = settings.PULSAR.model_copy(update={"connections": tuple(entries)})
    settings.CONNECTION_PASSWORDS = passwords


def prepare(
    ground: Ground, slug: str, way: tuple[str, str], *, of: Case | None = None
) -> Case:
    """Make a schedule, whose slot of last night is still due, over a table.

    That is a new one, or the one of another case.
    """
    case = Case(slug, *way, of.slug if of else slug)
    if of is None:
        ground.do(_fill, ground, case)
    ground.do(_make, case)
    return case


def _fill(ground: Ground, case: Case) -> None:
    engine = ground.engines[case.source]
    features = ", ".join(f"{name} double precision" for name in _COLUMNS.values())
    engine.execute(
        f"CREATE TABLE {case.table} (id bigint primary key, {features}, "
        "beam varchar(10), changed datetime NOT NULL)"
    )
    insert(ground, case, 1, ROWS)


def _make(case: Case) -> None:
    from django.utils.timezone import now

    from dispatch.models import Schedule

    at = now()
    Schedule.objects.create(
        slug=case.slug,
        name=case.slug,
        # In an hour that does not begin while this runs.
        cron=f"0 {(at.hour - 1) % 24} * * *",
        source={
            "kind": "table",
            "connection": case.source,
            "table": case.table,
            "key": "id",
            "mark": "changed",
            "overlap": 600,
            "columns": _COLUMNS,
            "keep": ["beam"],
        },
        sink={
            "kind": "table",
            "connection": f"{case.sink}-rw",
            "table": case.results,
            "make": True,
        },
        retry_seconds=1,
        ledger_until=at - timedelta(days=1),
        start_within=86_400,
    )


def insert(ground: Ground, case: Case, first: int, n_rows: int) -> None:
    """Add candidates; of each thirtieth a feature is not known."""
    from showroom.tests.conftest import simulate

    features = simulate(n_rows, seed=first)
    marks = ", ".join("?" * (len(_COLUMNS) + 3))
    names = ", ".join(("id", *_COLUMNS.values(), "beam", "changed"))
    with closing(ground.engines[case.source].connect()) as own:
        for place, values in enumerate(features.tolist()):
            key = first + place
            if key % 30 == 0:
                values[3] = None
            # Some at the very same moment.
            changed = f"2026-11-{1 + key // 1440:02} 00:{key // 7 % 60:02}:00"
            own.execute(
                f"INSERT INTO {case.table} ({names}) VALUES ({marks})",
                (key, *values, f"b{key % 3}", changed),
            )


def dispatch(slug: str) -> None:
    """What the clock does."""
    import io

    from django.core.management import call_command

    call_command("dispatch_run", slug, stdout=io.StringIO())


def warm(ground: Ground, case: Case) -> None:
    """Dispatch, and load what each further process would load for itself."""
    for name in ground.ask(_loading, case.slug):
        with suppress(ImportError):
            import_module(name)


def _loading(slug: str) -> list[str]:
    before = set(sys.modules)
    dispatch(slug)
    return sorted(sys.modules.keys() - before)


def go_on(case: Case) -> None:
    """What the sweep, a worker and at last a person do, until the run has ended."""
    from django.utils.timezone import now

    from dispatch.models import Run
    from dispatch.runs.cancel import retry
    from dispatch.runs.execute import execute
    from monitor.sweep import sweep
    from monitor.work import State

    for _ in range(_LOOKS):
        for run in sweep(Run, now() + timedelta(hours=1)):
            execute(run)
        runs = Run.objects.filter(schedule__slug=case.slug)
        failed = runs.filter(state=State.FAILED)
        if not failed and not runs.under_way():
            return
        for run in failed:
            retry(run, by=None)


def run_now(case: Case) -> None:
    """What a person does who cannot wait for the clock."""
    from dispatch.models import Run, Schedule
    from dispatch.runs.execute import execute
    from dispatch.runs.start import start

    schedule = Schedule.objects.get(slug=case.slug)
    execute(start(schedule, trigger=Run.Trigger.HAND, now_anyway=True))


def outcome(ground: Ground, case: Case) -> dict[str, Any]:
    """All that there is of it, but for names and times."""
    from dispatch.models import Run

    runs = Run.objects.filter(schedule__slug=case.slug, batch__isnull=False)
    runs = runs.order_by("pk")
    rows = ground.engines[case.sink].rows(
        "SELECT candidate_key, probability, predicted, model, version, warnings, run "
        f"FROM {case.results} WHERE schedule = ? "
        "ORDER BY candidate_key",
        case.slug,
    )
    places = {run.pk: place for place, run in enumerate(runs)}
    return {
        "states": [run.state for run in runs],
        "counts": [[run.n_rows, run.n_scored, run.n_rejected] for run in runs],
        "rows": [
            [key, round(p, 12), *(str(v or "") for v in told), places.get(run)]
            for key, p, *told, run in rows
        ],
    }
