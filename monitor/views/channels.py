"""Ways to tell somebody, and what became of each message."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor.models import Channel, Delivery
from monitor.telling import again, listing
from monitor.telling.forms import ChannelForm, DeliveryFilter, NewChannelForm
from monitor.telling.mask import mask
from monitor.telling.save import ChannelError, change, create, remove, renew_secret

# In the session, until its owner has seen it once.
_SECRET = "channel_secret"  # noqa: S105  # the name under which one lies
_may_view = permission_required("monitor.view_check", raise_exception=True)
_may_change = permission_required("monitor.change_channel", raise_exception=True)


@require_safe
@_may_view
def channels(request: Request) -> HttpResponse:
    """All channels: the whole page, or its table alone for HTMX."""
    lines = listing.channels()
    tested = [line.last for line in lines if line.last]
    context = {
        "lines": lines,
        # Somebody waits for the outcome of a test.
        "soon": any(_is_test_under_way(delivery) for delivery in tested),
        "refresh": settings.PULSAR.monitor.refresh_seconds,
    }
    name = "_channels.html" if request.fragment else "channels.html"
    return render(request, f"monitor/{name}", context)


@permission_required("monitor.add_channel", raise_exception=True)
def new(request: Request) -> HttpResponse:
    """A channel that was not there before."""
    form = NewChannelForm(request.POST or None)
    if not request.POST:
        return _form(request, form)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        channel = create(form.values(), by=request.user)
    except ChannelError as error:
        form.add_error(None, str(error))
        return _form(request, form, status=409)
    messages.success(request, f"{channel} is made. Test whether messages arrive.")
    if channel.secret:
        request.session[_SECRET] = [channel.pk, channel.secret]
    return redirect("monitor:channel", channel.pk)


@never_cache
@_may_change
def channel(request: Request, pk: int) -> HttpResponse:
    """One of them, to be changed."""
    found = get_object_or_404(Channel, pk=pk)
    form = ChannelForm(request.POST or None, channel=found)
    if not request.POST:
        secret = _secret_once(request, found)
        return _form(request, form, channel=found, secret=secret)
    if not form.is_valid():
        return _form(request, form, status=422, channel=found)
    revision = form.cleaned_data["revision"] or 0
    try:
        change(found, form.values(), revision, by=request.user)
    except ChannelError as error:
        messages.error(request, f"Nothing was saved: {error}")
        return redirect("monitor:channel", pk)
    messages.success(request, "Saved.")
    return redirect("monitor:channels")


@require_POST
@_may_change
def secret(request: Request, pk: int) -> HttpResponse:
    """Another secret to sign by, shown once."""
    found = get_object_or_404(Channel, pk=pk, kind=Channel.Kind.WEBHOOK)
    try:
        request.session[_SECRET] = [pk, renew_secret(found, by=request.user)]
    except ChannelError as error:
        messages.error(request, str(error))
    return redirect("monitor:channel", pk)


@permission_required("monitor.delete_channel", raise_exception=True)
def remove_channel(request: Request, pk: int) -> HttpResponse:
    """Say what goes with it; then remove it."""
    found = get_object_or_404(Channel, pk=pk)
    if request.method != "POST":
        context = {
            "channel": found,
            "address": mask(found),
            "n_deliveries": found.deliveries.count(),
            "rules": found.rules.order_by("name"),
        }
        return render(request, "monitor/channel_remove.html", context)
    try:
        remove(found, by=request.user)
    except ChannelError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found} is removed.")
    return redirect("monitor:channels")


@require_POST
@_may_change
def test(request: Request, pk: int) -> HttpResponse:
    """Send a message of no weight; the list of channels shows how it fares."""
    again.test(get_object_or_404(Channel, pk=pk))
    return redirect("monitor:channels")


@require_safe
@_may_view
def deliveries(request: Request) -> HttpResponse:
    """What was sent: the whole page, or its table alone for HTMX."""
    form = DeliveryFilter(request.GET)
    if not form.is_valid():
        return render(request, "monitor/deliveries.html", {"form": form}, status=422)
    before = _number(request.GET.get("before", ""))
    wanted = form.cleaned_data
    context = {
        "form": form,
        "page": listing.page(wanted["state"], wanted["channel"], before),
        "before": before,
        "filtered": any(wanted.values()),
        "refresh": settings.PULSAR.monitor.refresh_seconds,
    }
    name = "_deliveries.html" if request.fragment else "deliveries.html"
    return render(request, f"monitor/{name}", context)


@require_POST
@permission_required("monitor.change_alert", raise_exception=True)
def deliver_again(request: Request, pk: int) -> HttpResponse:
    """Try one now, however long it should wait."""
    delivery = get_object_or_404(Delivery, pk=pk)
    if again.again(delivery):
        messages.success(request, f"Message {pk} is tried again.")
    else:
        messages.info(request, f"Message {pk} needs no further try.")
    return redirect("monitor:deliveries")


def _form(
    request: Request, form: ChannelForm, status: int = 200, **context: Any
) -> HttpResponse:
    found = context.get("channel")
    context |= {"form": form, "address": mask(found) if found else ""}
    return render(request, "monitor/channel_form.html", context, status=status)


def _secret_once(request: Request, channel: Channel) -> str:
    number, secret = request.session.get(_SECRET, (None, ""))
    if number != channel.pk:
        return ""
    del request.session[_SECRET]
    return str(secret)


def _is_test_under_way(delivery: Delivery) -> bool:
    is_test = delivery.what == Delivery.What.TEST
    return is_test and delivery.state == Delivery.State.QUEUED


def _number(text: str) -> int | None:
    return int(text[:18]) if text.isdecimal() else None
