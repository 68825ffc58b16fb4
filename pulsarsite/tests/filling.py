"""Fill a site with a little of everything, by the doors that people use.

All of it is made up, and the same each time: simulated candidates, tables of them.
It runs within a site, by `manage.py shell`; `pulsarsite.tests.filled` starts one.
"""

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from monitor.work import State
from pulsar_ml.cases import CASES
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.features import FEATURES
from pulsar_ml.simulate import KINDS, simulate
from pulsar_ml.tests import simulated
from pulsarsite.tests.trained import trained
from registry.exports.work import work as write_labels
from registry.gate.ask import ask as ask_the_gate
from registry.gate.work import work as compare
from registry.models import (
    Dataset,
    Decision,
    Export,
    Retraining,
    TrainingRun,
    Trigger,
    Version,
)
from showroom.models import Batch, DrawnRow

PEOPLE = {"ada": "admin", "olga": "operator", "rita": "researcher"}
SMALL = ("--algorithm", "logistic_regression", "--notes", "To try it out.")


def fill(password: str) -> None:
    """Make what a group has after its first days."""
    for name, role in PEOPLE.items():
        user = User.objects.create_user(name, password=password)
        user.groups.add(Group.objects.get(name=role))
    desk = settings.PULSAR.storage.root / "desk"
    desk.mkdir()
    ada, rita = browser("ada"), browser("rita")
    build_models(ada, desk)
    bring_candidates(rita)
    judge(rita, "T1_CAND", "RFI", "NOISE", "KNOWN_PSR")
    judge(ada, "T2_CAND", "RFI")
    audit(rita)
    send(ada, "/registry/labels/exports/pulsar/make/")
    write_labels(Export.objects.get())
    plan_nights(ada)
    look_after(ada)


def browser(name: str) -> Client:
    """The site as this person has it open."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=name))
    return client


def send(client: Client, address: str, /, **values: object) -> None:
    """Send a form, which must be taken."""
    answer = client.post(address, values)
    assert answer.status_code == 302, (address, answer.content.decode())


def file(name: str, content: bytes) -> BytesIO:
    """As a browser sends it."""
    sent = BytesIO(content)
    sent.name = name
    return sent


def table(made: Labelled, *, labels: bool, below: str = "") -> bytes:
    """A table with names, and with labels, pointings, period, DM and S/N if wanted."""
    columns = {"name": made.names} | dict(zip(FEATURES, made.features.T, strict=True))
    if labels:
        columns |= {"class": made.labels, "pointing": made.pointings, **made.observed}
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    return ("\n".join(lines) + f"\n{below}").encode()


def bring_candidates(rita: Client) -> None:
    """Raw files, one of them cut off; a table with rejects; a private one; noise."""
    raw = [
        file(made.place.name + ".phcx.gz", made.to_phcx(compressed=True))
        for made in (simulate(KINDS[seed % 3], seed=seed) for seed in range(6))
    ]
    cut = simulate("pulsar", seed=7)
    raw.append(file(f"{cut.place.name}.pfd", cut.to_pfd()[:50_000]))
    raw.append(file("silent.phcx", silent()))
    send(rita, "/showroom/", files=raw)
    bad = "cut off,1,2\nno number,high,38.2,3.1,15.2,50.1,55.2,2.5,10.1\n"
    night = table(simulated.observed(3000), labels=False, below=bad)
    send(rita, "/showroom/", files=[file("night.csv", night)])
    mine = table(simulated.observed(40, seed=1), labels=False)
    send(rita, "/showroom/", files=[file("not for all.csv", mine)], private="on")
    send(rita, "/showroom/", files=[file("noise.dat", b"\x00\x9f\x92\x96" * 500)])
    for case in CASES[:3]:
        send(rita, f"/showroom/cases/{case.slug}/")
    send(rita, "/showroom/batches/2/again/", version=1)
    # By its page one that has ended is deleted, for which nobody is to wait here.
    Batch.objects.create(
        title="A wrong folder",
        version=Version.objects.get(number=2),
        owner=User.objects.get(username="rita"),
        state=State.CANCELLED,
        deleted_at=now(),
        deleted_by=User.objects.get(username="rita"),
    )
    # So many rows are put into a file by a worker.
    rita.get("/showroom/batches/2/scores.csv")


def silent() -> bytes:
    """A candidate without features, of which all plots can be drawn."""
    made = simulate("noise", seed=8)
    seen = replace(made.seen, signal=made.seen.signal * 0, noise=made.seen.noise * 0)
    return replace(made, seen=seen).to_phcx()


def build_models(ada: Client, desk: Path) -> None:
    """A table with labels, frozen anew with others; a training, and one called off."""
    labelled = desk / "survey.csv"
    labelled.write_bytes(table(simulated.observed(1500, seed=2), labels=True))
    judged = desk / "judged.csv"
    judged.write_bytes(table(simulated.observed(60, seed=3), labels=True))
    known = desk / "known.csv"
    known.write_bytes(table(simulated.observed(12, seed=4), labels=True))
    call_command("registry_import", "--file", labelled, "--name", "A survey")
    call_command(
        *("registry_labels", "--file", judged, "--person", "rita", "--survey", "Night")
    )
    call_command("registry_sentinels", "--add", known)
    call_command(
        *("registry_freeze", "--parent", "1", "--all-labels", "--name", "And labels")
    )
    trained(Dataset.objects.get(number=1))
    call_command("registry_train", "--dataset", "2", *SMALL)
    send(ada, "/registry/training/2/cancel/")
    shipped = Version.objects.order_by("number")[:2]
    compare(ask_the_gate(*shipped, at_once=False))
    retrain(ada, desk)


def retrain(ada: Client, desk: Path) -> None:
    """A trigger that has started something, and a foreign file that was not taken."""
    address = "/registry/triggers/new/"
    trigger = {"policy": "approve", "cool_down_hours": "24", "daily_cap": "1"}
    labels = {"kind": "labels", "of": "number", "number": "500"}
    send(ada, address, name="Enough labels", model="pulsar", **labels, **trigger)
    weekly = {"kind": "schedule", "cron": "0 3 * * 1"}
    send(ada, address, name="Each Monday", model="pulsar", **weekly, **trigger)
    begun = Retraining.objects.create(
        trigger=Trigger.objects.get(name="Each Monday"),
        decision=Decision.objects.create(
            trigger=Trigger.objects.get(name="Each Monday"),
            at=now(),
            last_at=now(),
            outcome=Decision.Outcome.FIRED,
            reason="It is Monday.",
        ),
        model="pulsar",
        policy="approve",
        stage=Retraining.Stage.WAITING,
        run=TrainingRun.objects.get(pk=1),
        version=Version.objects.get(number=3),
    )
    assert begun.open
    pickled = desk / "pickled.onnx"
    pickled.write_bytes(b"\x80\x04\x95\x10\x00\x00\x00")
    with suppress(CommandError):
        call_command("registry_push", pickled)


def judge(who: Client, *words: str) -> None:
    """Say one word of each of the first raw candidates."""
    for row, word in enumerate(words, start=1):
        said = {"word": word, "note": "As clear as can be."}
        send(who, f"/showroom/batches/1/rows/{row}/verdict/", **said)


def audit(rita: Client) -> None:
    """Most of what chance has picked is judged; a tenth of it was called wrongly."""
    call_command("audit_sample")
    drawn = DrawnRow.objects.order_by("place").select_related("candidate__batch")
    for n, one in enumerate(drawn[:40]):
        row = one.candidate
        word = "T1_CAND" if row.predicted != (n % 10 == 3) else "NOISE"
        send(rita, f"{row.get_absolute_url()}verdict/", word=word, note="")
    call_command("audit_sample")


def plan_nights(ada: Client) -> None:
    """A schedule that ran, one that failed, one that was removed."""
    root = settings.PULSAR.storage.root
    inbox = root / "inbox"
    for name in ("north", "south"):
        (inbox / name).mkdir(parents=True)
    made = simulated.observed(400, seed=5)
    (inbox / "north" / "beam 1.csv").write_bytes(table(made, labels=False))
    for name, folder in (
        ("Each night", inbox / "north"),
        ("Southern beam", inbox / "south"),
        ("Of old", inbox / "north"),
    ):
        send(ada, "/dispatch/new/", **schedule(name, folder, root / "outbox"))
    call_command("dispatch_run", "each-night", "--now")
    (inbox / "south").rmdir()
    with suppress(SystemExit):
        call_command("dispatch_run", "southern-beam", "--now")
    send(ada, "/dispatch/southern-beam/pause/", reason="The receiver is away.")
    send(ada, "/dispatch/of-old/remove/")
    read_survey(ada)


def read_survey(ada: Client) -> None:
    """A table of a database, and a schedule that has read it."""
    survey = sqlite3.connect(settings.PULSAR.connections[0].file)
    with closing(survey), survey:
        survey.execute(
            f"CREATE TABLE candidates (id INTEGER PRIMARY KEY, {', '.join(FEATURES)})"
        )
        values = simulated.observed(40, seed=6).features.tolist()
        marks = ", ".join("?" * (1 + len(FEATURES)))
        survey.executemany(
            f"INSERT INTO candidates VALUES ({marks})",  # ours
            [(key, *row) for key, row in enumerate(values, 1)],
        )
    root = settings.PULSAR.storage.root
    given = schedule("From the survey", root / "inbox", root / "outbox")
    table = {"connection": "survey", "table": "candidates", "key": "id"}
    table |= {"every": "new", "overlap": "0", **{name: name for name in FEATURES}}
    given |= {"source_kind": "table", "sink_kind": "scores"}
    given |= {f"source-{name}": value for name, value in table.items()}
    send(ada, "/dispatch/new/", **given)
    call_command("dispatch_run", "from-the-survey", "--now")


def schedule(name: str, folder: Path, outbox: Path) -> dict[str, str]:
    """The form of a schedule as it is filled in."""
    return {
        "name": name,
        "slug": "",
        "cron": "0 2 * * *",
        "source_kind": "folder",
        "folder-folder": str(folder),
        "folder-patterns": "*.csv",
        "folder-settle_seconds": "0",
        "folder-marker": "",
        "sink_kind": "files",
        "files-folder": str(outbox),
        "files-format": "csv",
        "reference": "pulsar@champion",
        "timeout_seconds": "60",
        "retries": "0",
        "retry_seconds": "60",
        "concurrency": "Forbid",
        "catch_up": "last",
        "catch_up_most": "10",
        "start_within": "5",
    }


def look_after(ada: Client) -> None:
    """A channel that leads nowhere, a rule, a host that is down, and its alert."""
    channel = {"kind": "webhook", "name": "Control room", "least": "warning"}
    nobody = "http://127.0.0.1:9/"
    send(ada, "/monitor/alerts/channels/new/", address=nobody, on="on", **channel)
    send(
        ada,
        "/monitor/alerts/rules/new/",
        name="A host is away",
        watches="kind:host",
        condition="down",
        minutes="0",
        value="",
        severity="critical",
        whom="all",
    )
    # It says by its exit that the host is down.
    with suppress(SystemExit):
        call_command("look")
    call_command("tick")
