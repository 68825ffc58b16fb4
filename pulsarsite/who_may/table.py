"""Whom each address answers; a new one stands here, or the tests fail."""

from pulsarsite.who_may.rules import (
    ANYBODY,
    NOBODY,
    PERSON,
    TOKEN,
    Rule,
    Who,
    do,
    do_batch,
    fill,
    fill_batch,
    see,
    see_batch,
)


def _each(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


_VIEW = "showroom.view_batch"
_JUDGE = "showroom.add_verdict"
_PEOPLE = "accounts.change_user"
# What was deleted is there for its owner, and for who may delete every batch.
_BIN = Who(_VIEW, "showroom.delete_batch", hides=True)

_SITE = {
    "home": Rule(PERSON),
    **_each("healthz readyz", Rule(ANYBODY)),
    "metrics": Rule(TOKEN),
    # As other servers have them.
    **_each("v2-live v2-ready ping", Rule(ANYBODY)),
    **_each("v2 health version", Rule(PERSON)),
    **_each("api:openapi-view api:openapi-json", Rule(PERSON)),
    # Under it stands everything, and at it nothing.
    "api:api-root": Rule(NOBODY),
    **_each(
        "accounts:login accounts:reset accounts:reset-confirm", Rule(ANYBODY, ANYBODY)
    ),
    "accounts:reset-sent": Rule(ANYBODY),
    **_each("accounts:password accounts:preferences", Rule(PERSON, PERSON)),
    "accounts:tokens": Rule(PERSON, PERSON),
    **_each("accounts:logout accounts:zone accounts:token-revoke", Rule(None, PERSON)),
}
_SHOWROOM = {
    "index": Rule(Who(_VIEW), Who("showroom.add_batch")),
    "storage": see(_VIEW),
    "case": fill("showroom.add_prediction"),
    "ready-case": do("showroom.add_prediction"),
    "ready-picture": see("showroom.add_prediction"),
    **_each(
        "batch batch-progress batch-space batch-space-thumbnail batch-scores "
        "batch-download batch-shortlist batch-open batch-rejects batch-against "
        "batch-differing row row-previous row-next row-picture row-svg row-figures "
        "reject reject-picture reject-svg reject-figures download download-file "
        "verdicts-candidates",
        see_batch(),
    ),
    "batch-again": fill_batch("showroom.add_batch"),
    **_each(
        "batch-cancel batch-resume batch-blind download-cancel",
        do_batch(_VIEW, "showroom.change_batch"),
    ),
    "batch-publish": do_batch(_VIEW, "showroom.view_private_batch"),
    "batch-delete": fill_batch(_VIEW, "showroom.delete_batch"),
    "batch-restore": Rule(None, _BIN),
    "batch-remove": Rule(_BIN, _BIN),
    **_each("vet vet-next", see(_JUDGE)),
    "vet-keys": fill(_JUDGE),
    **_each("vet-advance vet-preset verdict-undo verdict-redo", do(_JUDGE)),
    "row-verdict": do_batch(_JUDGE),
    "verdicts-import": fill_batch(_JUDGE),
    **_each(
        "batch-verdicts verdicts-classification", see_batch("showroom.view_verdict")
    ),
}
_PROTOCOLS = {
    **_each("model model-ready version version-ready", see("registry.view_version")),
    **_each("model-infer version-infer invocations", do("showroom.add_prediction")),
}
_DISPATCH = {
    **_each(
        "index schedule slots runs run run-progress run-log",
        see("dispatch.view_schedule"),
    ),
    **_each("run-cancel run-retry run-now", do("dispatch.add_run")),
    **_each("pause resume skip unskip", do("monitor.add_switch")),
    **_each("new copy", fill("dispatch.add_schedule")),
    "edit": fill("dispatch.change_schedule"),
    "test": see("dispatch.change_schedule"),
    "mend": do("dispatch.change_schedule"),
    "connections": see("dispatch.add_run"),
    "connection-test": do("dispatch.add_run"),
    "rewind": fill("dispatch.change_schedule"),
    "rewind-undo": do("dispatch.change_schedule"),
    "remove": fill("dispatch.delete_schedule"),
    "restore": do("dispatch.delete_schedule"),
}
_REGISTRY = {
    **_each(
        "versions version version-json version-md version-curves version-file",
        see("registry.view_version"),
    ),
    "history": see("registry.view_version"),
    # Everybody sees two versions side by side; to have them judged takes a while.
    "compare": Rule(Who("registry.view_version"), Who("registry.add_comparison")),
    "comparison": see("registry.view_version"),
    "comparison-cancel": do("registry.add_comparison"),
    "promote": fill("registry.change_alias"),
    **_each("roll-back challenge", do("registry.change_alias")),
    "push-new": fill("registry.add_push"),
    **_each("push pushes", see("registry.view_version")),
    "push-cancel": do("registry.add_push"),
    **_each("triggers trigger retraining", see("registry.view_trigger")),
    "trigger-new": fill("registry.add_trigger"),
    "trigger-edit": fill("registry.change_trigger"),
    **_each(
        "trigger-switch trigger-press trigger-remove trigger-restore",
        do("registry.change_trigger"),
    ),
    **_each("retraining-approve retraining-decline", do("registry.change_alias")),
    **_each(
        "datasets dataset dataset-file build build-rejects exports export-file",
        see("registry.view_dataset"),
    ),
    **_each("dataset-import dataset-freeze", fill("registry.add_dataset")),
    **_each(
        "dataset-note build-cancel export-make export-cancel",
        do("registry.add_dataset"),
    ),
    "labels": see("registry.view_label"),
    "labels-import": fill("registry.add_label"),
    **_each(
        "label-withdraw label-restore",
        Rule(None, Who("registry.view_label", "registry.change_label")),
    ),
    "sentinels": see("registry.view_sentinel"),
    "sentinels-add": fill("registry.add_sentinel"),
    **_each("sentinel-remove sentinel-restore", do("registry.change_sentinel")),
    **_each(
        "runs runs-compare runs-chart runs-csv run run-log run-file",
        see("registry.view_trainingrun"),
    ),
    "experiments": Rule(
        Who("registry.view_trainingrun"), Who("registry.add_trainingrun")
    ),
    "run-new": fill("registry.add_trainingrun"),
    "run-again": do("registry.add_trainingrun"),
    "run-edit": fill("registry.change_trainingrun"),
    **_each("run-cancel run-resume", do("registry.change_trainingrun")),
}
_MONITOR = {
    **_each(
        "index check jobs job crontab alerts alert rules channels deliveries figures "
        "figure figure-csv report",
        see("monitor.view_check"),
    ),
    **_each("look-now check-now", do("monitor.view_check")),
    **_each("events events-csv", see("monitor.view_event")),
    **_each(
        "job-pause job-resume job-skip job-unskip job-mend crontab-mend",
        do("monitor.add_switch"),
    ),
    "job-run": do("monitor.add_start"),
    **_each("alert-acknowledge alert-close delivery-again", do("monitor.change_alert")),
    "rule-new": fill("monitor.add_rule"),
    "rule": fill("monitor.change_rule"),
    "rule-switch": do("monitor.change_rule"),
    "rule-remove": do("monitor.delete_rule"),
    "channel-new": fill("monitor.add_channel"),
    "channel": fill("monitor.change_channel"),
    **_each("channel-secret channel-test", do("monitor.change_channel")),
    "channel-remove": fill("monitor.delete_channel"),
}
# Of each there is a list, a page and its history.
_RECORDS = (
    "model version alias aliasmove dataset label sentinel trainingrun comparison push "
    "trigger decision retraining export"
)
_ADMIN = {
    # The first leads to the site's own log-in; the other has nothing to choose among.
    **_each("login autocomplete", Rule(NOBODY, NOBODY)),
    "logout": do(_PEOPLE),
    # Django's own pages take a POST for a GET.
    **_each(
        "index app_list accounts_user_changelist accounts_user_history view_on_site "
        "password_change auth_user_password_change accounts_user_change "
        "/admin/accounts/user/<object_id>/ /admin/<url>",
        fill(_PEOPLE),
    ),
    **_each("jsi18n password_change_done", see(_PEOPLE)),
    "accounts_user_add": fill("accounts.add_user"),
    # No role may; a superuser may, who is made at the command line.
    "accounts_user_delete": fill("accounts.delete_user"),
    **{
        f"registry_{record}_{page}": fill(_PEOPLE)
        for record in _RECORDS.split()
        for page in ("changelist", "history")
    },
    # To be read: what is sent there changes nothing.
    **{
        f"registry_{record}_change": Rule(Who(_PEOPLE), NOBODY)
        for record in _RECORDS.split()
    },
}

TABLE: dict[str, Rule] = {
    **_SITE,
    **{f"showroom:{name}": rule for name, rule in _SHOWROOM.items()},
    **{f"protocols:{name}": rule for name, rule in _PROTOCOLS.items()},
    **{f"dispatch:{name}": rule for name, rule in _DISPATCH.items()},
    **{f"registry:{name}": rule for name, rule in _REGISTRY.items()},
    **{f"monitor:{name}": rule for name, rule in _MONITOR.items()},
    **{f"admin:{name}": rule for name, rule in _ADMIN.items()},
}
