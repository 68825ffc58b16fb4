"""Run every command of ours, as `manage.py` would, in processes of their own.

It runs within a site, by `manage.py shell`: to start Python takes longer than most.
"""

import json
import os
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import execute_from_command_line, get_commands

# Under a folder with the files they want. What bin/serve itself runs is not here.
COMMANDS = """
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
classify survey.csv --out scores.csv
catalogue_import --file psrcat.db
dispatch_run each-night --now
keep_slots
seal_cases
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
person_export olga
person_erase olga --yes
backup another
"""
BY_SERVE = {"supervise", "scheduler"}


def ours() -> set[str]:
    """The names of all commands that are ours."""
    known = get_commands()
    mine = {app.name for app in apps.get_app_configs() if _is_ours(Path(app.path))}
    return {name for name, app in known.items() if app in mine}


def _is_ours(path: Path) -> bool:
    return path.parent == settings.BASE_DIR


def run(folder: str) -> None:
    """Run them in their order; what each ended with is left in a file."""
    os.chdir(folder)
    ends = {}
    for line in COMMANDS.split("\n")[1:-1]:
        child = os.fork()
        if not child:
            _become(line.split())
        ends[line.split()[0]] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    Path("ends.json").write_text(json.dumps(ends))


def _become(command: list[str]) -> None:
    # They write documents of the code: here is as good a place.
    settings.BASE_DIR = Path.cwd() / "code"
    try:
        execute_from_command_line(["manage.py", *command])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    os._exit(code)
