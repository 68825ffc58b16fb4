"""The one way to say that something happened."""

import json
from typing import Any

from monitor.logs import request_id
from monitor.models import Outbox

KINDS = {
    "alert.acknowledged": "A person said that an alert is being seen to.",
    "alert.closed": "What an alert was about is well again, or a person closed it.",
    "alert.opened": "Something broke, and whoever should know is told.",
    "alias.moved": "A model version was given a role, such as champion.",
    "audit.drawn": "Chance has picked rows of a batch, for people to judge.",
    "backup.made": "All that the site keeps was copied to a folder.",
    "backup.restored": "The site was brought back from a back-up.",
    "batch.blinded": "From now on nobody sees others' verdicts before giving one.",
    "batch.cancelled": "A batch was stopped by a person before its end.",
    "batch.collected": "Files arrived and became a batch; nothing is scored yet.",
    "batch.deleted": "A batch was deleted by a person, who can undo that for a while.",
    "batch.failed": "A batch ended without its scores.",
    "batch.opened": "A private batch was opened to everybody.",
    "batch.pruned": "A batch and all its files were removed for good.",
    "batch.restored": "A deleted batch was brought back.",
    "batch.resumed": "A batch that was interrupted or waited was taken up again.",
    "batch.scored": "Every row of a batch has its score.",
    "batch.shown": "The result of a batch was looked at for the first time.",
    "batch.unblinded": "Everybody may see all verdicts on a batch.",
    "batch.waiting": "A batch waits until there is room on the disk.",
    "build.cancelled": "The making of a dataset was stopped by a person.",
    "build.failed": "A dataset or a set of labels could not be made.",
    "case.classified": "A single case was scored from the form.",
    "catalogue.imported": "A version of the catalogue of known pulsars was brought in.",
    "channel.changed": "A way to tell somebody was edited.",
    "channel.created": "A way to tell somebody was made.",
    "channel.removed": "A way to tell somebody was removed.",
    "check.recovered": "Something that was down is well again.",
    "check.went_down": "Something that is looked at went down.",
    "clock.started": "The scheduler began to keep time.",
    "comparison.cancelled": "A comparison of two versions was stopped by a person.",
    "comparison.failed": "A comparison of two versions could not be made.",
    "comparison.requested": "Two versions are held against each other.",
    "correction.received": "A program said what a prediction should have been.",
    "crontab.installed": "The site's lines were put into the host's crontab.",
    "crontab.removed": "The site's lines were taken out of the host's crontab.",
    "dataset.frozen": "A dataset was made from another and from labels.",
    "dataset.imported": "A dataset was made from a file.",
    "dataset.noted": "The note of a dataset was changed.",
    "delivery.failed": "A message did not arrive, and is not tried again.",
    "experiment.created": "An experiment was opened for training runs.",
    "export.cancelled": "An export of labels was stopped by a person before its end.",
    "export.failed": "New labels could not be given out.",
    "export.made": "Labels that were new were given out as files.",
    "export.not_stored": "Labels could not be put into the DVC repository.",
    "export.stored": "Labels that were given out are in the DVC repository.",
    "gate.overridden": "A person promoted a version that the gate had not let pass.",
    "gate.passed": "The gate found nothing against a version.",
    "gate.refused": "The gate refused a version, or had too few rows to judge it.",
    "job.edited": "A job's line in the crontab was changed by hand.",
    "job.failed": "A job that had been well ended with an error.",
    "job.paused": "A job was switched off, until a time or until it is resumed.",
    "job.recovered": "A job that had been failing ended well.",
    "job.resumed": "A job that was switched off was switched on again.",
    "job.skip_withdrawn": "A job will run after all at a moment to be left out.",
    "job.skipped": "A job will be left out at its next moment.",
    "job.started": "A person had a job run at once.",
    "label.restored": "A label that was taken back holds again.",
    "label.withdrawn": "A label was taken back.",
    "labels.imported": "Labels were brought in from a file.",
    "person.erased": "A person was erased; what they labelled stays.",
    "person.exported": "All that the site knows of a person was given out.",
    "position.moved": "A schedule was told from where on to read its table again.",
    "push.cancelled": "The examination of a foreign model was stopped by a person.",
    "push.failed": "A foreign model could not be examined.",
    "push.received": "A model from elsewhere was brought in, and is examined.",
    "report.sent": "A night report was given out.",
    "retraining.approved": "An admin promoted what a trigger had trained.",
    "retraining.declined": "An admin declined what a trigger had trained.",
    "retraining.ended": "What a trigger had started came to its end.",
    "retraining.started": "A trigger fired: labels are frozen, then it is trained.",
    "rule.changed": "A rule of alerts was edited, or switched.",
    "rule.created": "A rule of alerts was made.",
    "rule.removed": "A rule of alerts was removed.",
    "run.cancelled": "A run was stopped by a person before its end.",
    "run.collected": "A run knows what it will read: files, new to its schedule.",
    "run.failed": "A run ended without what it was to do.",
    "run.inferred": "Everything that a run has read is scored.",
    "run.loaded": "A run has its model, and keeps to it.",
    "run.persisted": "What a run found was written where its schedule wants it.",
    "run.resumed": "A run that was interrupted or had ended was taken up again.",
    "run.skipped": "A start was refused: of a slot served already, or beside a run.",
    "run.started": "A schedule's run began.",
    "run.succeeded": "A run did all that it was to do.",
    "run.waiting": "A run failed for now and will be tried again.",
    "schedule.changed": "A schedule was edited.",
    "schedule.created": "A schedule was made.",
    "schedule.first_succeeded": "A schedule's first run ended well.",
    "schedule.recovered": "A schedule whose last run had failed ran well again.",
    "schedule.removed": "A schedule was removed; it can be brought back.",
    "schedule.restored": "A removed schedule was brought back.",
    "sentinel.added": "A known pulsar came under the sentinels: no training uses it.",
    "sentinel.removed": "A known pulsar was taken out of the sentinels.",
    "slot.missed": "At its time nothing started a schedule; it may run later.",
    "storage.pruned": "What the site keeps no longer was removed; how much, by kind.",
    "token.created": "A token for a program was made.",
    "token.revoked": "A token was revoked: it opens nothing any more.",
    "training.cancelled": "A training was stopped by a person before its end.",
    "training.edited": "The notes, tags or experiment of a training were changed.",
    "training.failed": "A training ended without a version.",
    "training.rehearsed": "The rehearsal of a training went well.",
    "training.requested": "A training was asked for.",
    "training.resumed": "A training that was interrupted was taken up again.",
    "training.started": "A training began: its rehearsal first.",
    "training.succeeded": "A training ended with a version.",
    "trigger.changed": "A trigger of retrainings was edited.",
    "trigger.created": "A trigger of retrainings was made.",
    "trigger.removed": "A trigger of retrainings was removed; it can be brought back.",
    "trigger.restored": "A removed trigger was brought back.",
    "trigger.switched": "A trigger of retrainings was switched on or off.",
    "user.locked_out": "Too many wrong passwords: a pause was imposed.",
    "user.logged_in": "A person logged in.",
    "user.password_changed": "A password was set or changed.",
    "verdict.given": "A person said what a candidate is.",
    "verdict.redone": "A verdict that had been undone holds again.",
    "verdict.taken_back": "A person took their verdict on a candidate back.",
    "verdict.undone": "A person undid their last verdict.",
    "verdicts.imported": "Verdicts were brought in from a file.",
    "version.created": "A version of a model was registered.",
    "version.damaged": "A version's files are not those that were registered.",
    "version.mended": "A version's files are again those that were registered.",
    "version.quarantined": "A foreign model was not taken, and is never loaded.",
}

LONGEST = 2000  # characters of one text in an event's detail


def record(kind: str, *, about: str = "", who: object = None, **detail: Any) -> None:
    """Put one event into the outbox, inside the caller's own transaction."""
    if kind not in KINDS:
        raise KeyError(kind)
    Outbox.objects.create(
        kind=kind,
        about=_fit(about)[:200],
        who=str(getattr(who, "pk", who) or ""),
        # What is empty says nothing.
        detail=_plain({k: v for k, v in detail.items() if v not in (None, "")}),
        request_id=request_id.get(),
    )


def _plain(detail: dict[str, Any]) -> Any:
    """What every database takes as JSON: no dates, no numbers that are none."""
    return _fit(json.loads(json.dumps(detail, default=str), parse_constant=str))


def _fit(value: Any) -> Any:
    """Texts that every database takes: a file's name may hold lone surrogates."""
    if isinstance(value, dict):
        return {_fit(key): _fit(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fit(inner) for inner in value]
    if not isinstance(value, str):
        return value
    text = (
        value.encode("utf-8", "replace")
        .decode()
        .replace("\0", "\N{REPLACEMENT CHARACTER}")
    )
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
