"""The crontab as it really is, and a button that makes it what it should be."""

import getpass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor.crontab import place
from monitor.crontab.errors import CrontabError
from monitor.crontab.standing import crontab as standing
from monitor.crontab.whole import whole
from monitor.models import Job, Switch
from monitor.switching import switch
from monitor.switching.notice import BY_HAND
from monitor.switching.switch import SwitchError

_EDITS_SHOWN = 20


@require_safe
@permission_required("monitor.view_check", raise_exception=True)
def crontab(request: Request) -> HttpResponse:
    """Every line, the difference to what should be there, and edits by hand."""
    edits = Switch.objects.filter(who=BY_HAND).order_by("-at", "-pk")
    context = {
        "whole": whole(),
        "table": standing(),
        "by_host": place.is_host(),
        "file": place.file(),
        "owner": getpass.getuser(),
        "edits": edits[:_EDITS_SHOWN],
        "jobs": set(Job.objects.values_list("slug", flat=True)),
    }
    return render(request, "monitor/crontab.html", context)


@require_POST
@permission_required("monitor.add_switch", raise_exception=True)
def crontab_mend(request: Request) -> HttpResponse:
    """Make the change that was shown, and no other."""
    if request.POST.get("seen") != whole().seen:
        messages.warning(
            request,
            "Nothing was changed: the crontab is another since you looked. "
            "What would change now stands below.",
        )
        return redirect("monitor:crontab")
    try:
        switch.mend_all(by=request.user)
    except (CrontabError, SwitchError) as error:
        messages.error(request, f"The crontab was not mended: {error}")
    else:
        messages.success(request, "The lines in the crontab are as they should be.")
    return redirect("monitor:crontab")
