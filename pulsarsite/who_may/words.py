"""What each right allows, as docs/security.md says it."""

# In the order of the page: first what everybody does, then what few do.
RIGHTS: dict[str, str] = {
    "showroom.view_batch": "see open batches and one's own private ones: rows, "
    "rejects, plots, downloads; stop, resume, delete and bring back one's own",
    "showroom.add_batch": "upload, and classify files again",
    "showroom.add_prediction": "classify single cases",
    "showroom.view_verdict": "see what others said of candidates, in a blind batch "
    "once one has said something oneself",
    "showroom.add_verdict": "judge candidates, and take one's own verdicts back",
    "registry.view_version": "see models, their versions and cards, and download them",
    "registry.view_dataset": "see datasets, and download them",
    "registry.view_label": "see labels, and take one's own back",
    "registry.view_sentinel": "see sentinels",
    "registry.view_trainingrun": "see trainings, their logs and files",
    "registry.view_trigger": "see triggers, and what they have started",
    "dispatch.view_schedule": "see schedules and runs, their logs and rejects",
    "monitor.view_check": "see the Monitor: checks, jobs, the crontab, alerts, rules, "
    "channels without their addresses, figures, the night report; have "
    "things looked at",
    "monitor.view_event": "read the event log",
    "monitor.add_switch": "pause, resume and skip jobs and schedules; mend the crontab",
    "monitor.add_start": "run a job now",
    "monitor.change_alert": "acknowledge and close alerts, send a message again",
    "dispatch.add_run": "run a schedule now, cancel and retry runs; see and "
    "test connections",
    "showroom.change_batch": "stop, resume and blind others' open batches; see what "
    "each person takes on the disk",
    "showroom.view_private_batch": "see others' private batches, and open them",
    "showroom.delete_batch": "delete others' batches, bring them back, remove them",
    "dispatch.add_schedule": "make schedules",
    "dispatch.change_schedule": "edit and test schedules, have one read again",
    "dispatch.delete_schedule": "remove schedules, and bring them back",
    "registry.change_alias": "promote versions, past the gate with a reason, roll "
    "back; approve and decline what a trigger has trained",
    "registry.add_comparison": "have versions compared by the gate",
    "registry.add_push": "bring models from elsewhere",
    "registry.add_dataset": "import and freeze datasets, write their notes",
    "registry.add_label": "import labels, in anybody's name",
    "registry.change_label": "withdraw others' labels",
    "registry.add_sentinel": "add sentinels",
    "registry.change_sentinel": "remove sentinels, and put them back",
    "registry.add_trigger": "make triggers of retrainings",
    "registry.change_trigger": "edit, switch, press and remove triggers",
    "registry.add_trainingrun": "train, open experiments",
    "registry.change_trainingrun": "cancel and resume trainings, edit their notes",
    "monitor.add_rule": "make rules of alerts",
    "monitor.change_rule": "change rules, switch them",
    "monitor.delete_rule": "remove rules",
    "monitor.add_channel": "make channels",
    "monitor.change_channel": "change and test channels, renew their secrets",
    "monitor.delete_channel": "remove channels",
    "accounts.view_user": "see people's accounts",
    "accounts.add_user": "make people's accounts",
    "accounts.change_user": "change people's accounts, roles and passwords",
}
