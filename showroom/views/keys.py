"""The keys by which one judges: the sheet of them, and how to change them."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import Request
from showroom.vetting.form import KeysForm, PresetForm
from showroom.vetting.keys import keep, keys_of, take

_may_judge = permission_required("showroom.add_verdict", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@_may_judge
def keys(request: Request) -> HttpResponse:
    """The sheet, and a form with a field for each key."""
    mine = keys_of(request.user)
    form = KeysForm(request.POST or None, mine=mine)
    if form.is_valid():
        advance = form.cleaned_data["advance"]
        keep(request.user, form.cleaned_data["preset"], form.chosen(), advance=advance)
        messages.success(request, "Saved. These are your keys now.")
        return redirect("showroom:vet-keys")
    presets = PresetForm(initial={"preset": mine.preset})
    context = {"keys": mine, "form": form, "presets": presets}
    status = 422 if form.is_bound else 200
    return render(request, "showroom/vet_keys.html", context, status=status)


@require_http_methods(["POST"])
@_may_judge
def preset(request: Request) -> HttpResponse:
    """Have the keys of a preset, and none of one's own."""
    form = PresetForm(request.POST)
    if form.is_valid():
        take(request.user, form.cleaned_data["preset"])
        messages.success(request, "Saved. These are your keys now.")
    else:
        messages.error(request, "There is no such set of keys.")
    return redirect("showroom:vet-keys")
