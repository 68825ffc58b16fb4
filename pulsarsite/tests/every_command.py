"""Run every command of ours, as `manage.py` would, in processes of their own.

It runs within a site, by `manage.py shell`: to start Python takes longer than most.
"""

import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import execute_from_command_line, get_commands
from django.db import connections

from monitor.models import Channel
from monitor.telling.tell import trial

# Under a folder with the files they want. What bin/serve itself runs is not here.
COMMANDS = """\
restore backup
prepare
sync_roles
config_check
config_docs
rights_docs
registry_ship
registry_versions --json
registry_import --file survey.csv --name Again
registry_labels --file judged.csv --person rita --survey Again
registry_sentinels --add known.csv
registry_freeze --parent 1 --all-labels
registry_train --dataset 1 --algorithm logistic_regression
registry_promote pulsar/1 --override once
registry_rollback --reason enough
registry_history --json
registry_push logistic.onnx --dataset 1
registry_triggers
classify survey.csv --out scores.csv
catalogue_import --file psrcat.db
dispatch_run each-night --now
dispatch_rewind from-the-survey --from-start
keep_slots
seal_cases
audit_sample
look machine
deliver
night_report
prune
prune_runs
prune_trainings
sweep_batches
sweep_registry
sweep_runs
cron_install --yes
tick
cron_remove --yes
create_token olga --read-only --expires 30
person_export olga
person_erase olga --yes
backup another
""".splitlines()
BY_SERVE = {"supervise", "scheduler"}
# Those that are there to reach others, when somebody says so, with what they say where
# nobody can be reached: whom they asked. Nights are reported by mail, but `deliver`
# sends all mail, to channels that an admin has made.
ELSEWHERE = {
    "registry_import --url http://192.0.2.1/survey.csv": "192.0.2.1",
    "registry_import --preset htru2": "archive.ics.uci.edu",
    "catalogue_import --url http://192.0.2.2/psrcat.db": "192.0.2.2",
    "catalogue_import": "www.atnf.csiro.au",
    "deliver": "0 messages arrived",
}
CHANNEL = "http://192.0.2.3/"


def ours() -> set[str]:
    """The names of all commands that are ours."""
    known = get_commands()
    mine = {app.name for app in apps.get_app_configs() if _is_ours(Path(app.path))}
    return {name for name, app in known.items() if app in mine}


def _is_ours(path: Path) -> bool:
    return path.parent == settings.BASE_DIR


def run(folder: str, lines: list[str]) -> None:
    """Run them in their order; how each ended and what it said is left in a file."""
    os.chdir(folder)
    ended = {line: _forked(line.split()) for line in lines}
    Path("ended.json").write_text(json.dumps(ended))


def tell_elsewhere() -> None:
    """Have something to be delivered to another machine."""
    kind = Channel.Kind.WEBHOOK
    trial(Channel.objects.create(name="Elsewhere", kind=kind, address=CHANNEL))
    connections.close_all()


def _forked(command: list[str]) -> tuple[int, str]:
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            _become(command)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return code, said.read().decode()


def _become(command: list[str]) -> None:
    if command[0].endswith("_docs"):
        # They write documents of the code: here is as good a place.
        settings.BASE_DIR = Path.cwd() / "code"
    code = 0
    try:
        execute_from_command_line(["manage.py", *command])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except Exception:  # noqa: BLE001  # whatever it is, it ends this process alone
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    os._exit(code)
