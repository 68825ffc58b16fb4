"""What an admin says to a challenger that waits: into production, or not."""

from accounts.models import User
from monitor import crash
from monitor.leases import hold
from registry.errors import CannotTrigger
from registry.models import Retraining
from registry.promotion.promote import promote
from registry.promotion.standing import standing
from registry.triggers.stage import SECONDS, Stage, end


def approve(retraining: Retraining, *, by: User, override: str = "") -> None:
    """Promote it through the gate; past it with a written reason."""
    version = retraining.version
    if retraining.stage != Stage.WAITING or version is None:
        raise CannotTrigger(_not_waiting(retraining))
    # The clock would end what it finds promoted, and not know that this was approval.
    with hold(str(retraining), SECONDS) as held:
        if not held:
            words = f"{str(retraining).capitalize()} is at work: try again."
            raise CannotTrigger(words)
        promote(
            version,
            by=by,
            comparison=retraining.comparison,
            override=override,
            expected=standing(version.model, "champion"),
            reason=f"{retraining} of the trigger {retraining.trigger}, approved",
        )
        crash.at("retraining.approved")
        words = f"{version} is in production."
        end(retraining, Stage.PROMOTED, words, by=by, event="retraining.approved")


def decline(retraining: Retraining, *, by: User, reason: str) -> None:
    """Leave production as it is; the challenger stays one, to be looked at."""
    if not reason.strip():
        raise CannotTrigger("Say why it is declined: others read it here.")
    declined = retraining.stage == Stage.WAITING and end(
        retraining, Stage.DECLINED, reason.strip(), by=by, event="retraining.declined"
    )
    if not declined:
        retraining.refresh_from_db()
        raise CannotTrigger(_not_waiting(retraining))


def _not_waiting(retraining: Retraining) -> str:
    how = retraining.get_stage_display().lower()
    return f"{str(retraining).capitalize()} does not wait any more: {how}."
