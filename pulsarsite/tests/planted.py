"""Hostile words in what schedules, trainings and the Monitor keep."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.timezone import now

from accounts.models import User
from dispatch import sources
from dispatch.models import Run, Schedule, Slot, Step
from dispatch.positions import keep
from dispatch.runs import tail
from dispatch.schedules.announce import announce
from monitor import jobs, models
from monitor.crontab import lines
from monitor.events import record
from pulsar_ml.datasets import describe
from pulsar_ml.features import FEATURES
from pulsar_ml.tests import simulated
from registry import serving
from registry.models import Build, Label, Sentinel
from registry.tests.labels import digest, features
from registry.tests.made import dataset
from registry.tests.run_rows import run_row, step_row
from registry.training import log
from showroom.tests.conftest import as_csv, simulate

# A formula for a spreadsheet, and run by a browser that is shown it as it is.
EVIL = "=pwn\"'></script><img src=x onerror=pwn>"
# No file has a slash in its name.
EVIL_NAME = EVIL.replace("</script>", "")

Words = Mapping[str, Any]


def registry(admin: User) -> dict[str, Words]:
    table = simulated.table(200)
    rows = dataset(table, name=EVIL, note=EVIL, created_by=admin)
    describe.write(rows.folder, table)
    run = run_row(dataset=rows, notes=EVIL, tags=[EVIL], by=admin, experiment=EVIL)
    run.experiment.description = EVIL
    run.experiment.save()
    waiting = run_row("queued", dataset=rows)
    step_row(run, "load", outputs=[{"name": "load.json", "size": 2, "sha256": ""}])
    run.folder.mkdir(parents=True)
    (run.folder / "load.json").write_text("{}")
    log.path(run).write_text(f"{EVIL}\n")
    said = {"survey": EVIL, "pointing": EVIL, "observed": {EVIL: EVIL}, "name": EVIL}
    label = Label.objects.create(
        person=admin,
        hash=digest(1),
        features=features(1),
        verdict="RFI",
        drawn=Label.Drawn.IMPORT,
        at=now(),
        **said,
    )
    sentinel = Sentinel.objects.create(
        hash=digest(2), features=features(2), name=EVIL, note=EVIL, origin=EVIL
    )
    made = Build.objects.create(
        kind=Build.Kind.IMPORT, state="success", name=EVIL, by=admin, notes=[EVIL]
    )
    made.folder.mkdir(parents=True)
    reject = (1, EVIL, 2, EVIL, EVIL, EVIL)
    (made.folder / "rejects.jsonl").write_text(f"{json.dumps(reject)}\n")
    Build.objects.filter(pk=made.pk).update(n_rejected=1)
    champion = serving.champion().version
    return {
        "registry:version": {
            "model": champion.model.name,
            "number": champion.number,
            "theme": "dark",
            "name": "model.onnx",
        },
        "registry:dataset": {"number": rows.number, "file": "rows.csv"},
        "registry:build": {"pk": made.pk},
        "registry:label": {"pk": label.pk},
        "registry:sentinel": {"pk": sentinel.pk},
        "registry:run": {"pk": run.pk, "file": "load.json"},
        "registry:run-cancel": {"pk": waiting.pk},
    }


def dispatch(admin: User) -> dict[str, Words]:
    inbox = settings.PULSAR.storage.root / "inbox" / EVIL_NAME
    inbox.mkdir(parents=True)
    (inbox / f"{EVIL_NAME}.csv").write_bytes(as_csv(simulate(3, seed=5)))
    plan = {
        "name": EVIL,
        "cron": "0 2 * * *",
        "source": {
            "kind": "folder",
            "folder": str(inbox),
            "patterns": ["*.csv"],
            "settle_seconds": 0,
        },
        "sink": {"kind": "files", "folder": str(inbox), "format": "csv"},
        "owner": admin,
    }
    gone = Schedule.objects.create(slug="gone", **plan | {"live": None})
    schedule = Schedule.objects.create(slug="nightly", **plan)
    announce(schedule)
    slot = Slot.objects.create(
        schedule=schedule, at=now(), outcome="ran", evidence=EVIL
    )
    run = Run.objects.create(
        schedule=schedule,
        slot=slot,
        by=admin,
        state="failed",
        open=None,
        reason=EVIL,
        notes=[EVIL],
        output={"path": EVIL},
    )
    Step.objects.create(
        run=run, name="loaded", attempt=1, started_at=now(), detail={EVIL: EVIL}
    )
    tail.path(run).parent.mkdir(parents=True, exist_ok=True)
    tail.path(run).write_text(f"{EVIL}\n")
    words = {"slug": schedule.slug, "pk": run.pk}
    return {
        "dispatch": words,
        "dispatch:restore": {"pk": gone.pk},
        "dispatch:rewind": {"slug": _over_a_table(plan, run).slug},
        "dispatch:connection": {"slug": "survey"},
    }


def _over_a_table(plan: dict[str, object], run: Run) -> Schedule:
    """A schedule that reads a table on; of a database that is away."""
    source = {"kind": "table", "connection": "survey", "table": EVIL, "key": EVIL}
    source |= {"columns": dict.fromkeys(FEATURES, EVIL)}
    made = Schedule.objects.create(slug="survey", **plan | {"source": source})
    announce(made)
    keep.move(
        None,
        made,
        sources.of(source).sha256,
        at={"shown": EVIL},
        run=run,
        before={"at": {"from": EVIL}, "seen": "", "run": None},
    )
    return made


def monitor(operator: User) -> dict[str, Words]:
    who, said = str(operator.pk), {"reason": EVIL}
    jobs.put("job", jobs.Declared("30 2 * * *", ("prune",), "/", False, 300, 3600))
    lines.sync()
    for made in (models.Switch(on=False), models.Skip(slot=now())):
        for name, value in {"job": "job", "who": who, **said}.items():
            setattr(made, name, value)
        made.save()
    models.Start.objects.create(job="job", by=who, host=EVIL, pid=1, detail=EVIL)
    check = models.Check.objects.create(
        slug="host-a",
        kind="host",
        name=EVIL,
        state="down",
        summary=EVIL,
        detail={"said": EVIL},
        looked_at=now(),
    )
    rule = models.Rule.objects.create(name=EVIL, condition="down")
    channel = models.Channel.objects.create(
        name=EVIL, kind="webhook", address=f"https://example.org/{EVIL}"
    )
    rule.channels.add(channel)
    alert = models.Alert.objects.create(
        cause=check.slug,
        severity="critical",
        title=EVIL,
        subject=check,
        rule=rule,
        begun_at=now(),
        note=EVIL,
        acknowledged_by=who,
        evidence={"rule": EVIL},
    )
    delivery = models.Delivery.objects.create(
        channel=channel,
        what="opened",
        alert=alert,
        subject=EVIL,
        text=EVIL,
        state="failed",
        tries=1,
        error=EVIL,
    )
    models.Sample.objects.create(name="figure", value=1, labels={"of": EVIL})
    record("batch.waiting", about=EVIL, who=operator, **{EVIL: EVIL})
    return {
        "monitor:check": {"slug": check.slug},
        "monitor:job": {"slug": "job"},
        "monitor:alert": {"pk": alert.pk},
        "monitor:rule": {"pk": rule.pk},
        "monitor:channel": {"pk": channel.pk},
        "monitor:delivery": {"pk": delivery.pk},
        "monitor:figure": {"name": "figure"},
    }
