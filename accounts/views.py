"""Log-in and log-out, passwords, and how one wants the pages."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.forms import PreferenceForm, ZoneForm
from accounts.models import Preference
from accounts.requests import Request


@method_decorator(login_not_required, name="dispatch")
class Login(auth.LoginView):
    """Where strangers are sent."""

    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kw: Any) -> HttpResponseBase:
        # The log-in ended under an open page: without this, its next poll would
        # paint this form into the middle of it.
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kw)

    def get_redirect_url(self) -> str:
        wanted = super().get_redirect_url()
        # From this page to itself there is no way on: Django takes it for a mistake.
        return "" if urlsplit(wanted).path == self.request.path else wanted

    def get_context_data(self, **kw: Any) -> dict[str, Any]:
        context = super().get_context_data(**kw)
        # Django's idea of a site, from the request's Host; base.html wants ours.
        del context["site"]
        return context


class Logout(auth.LogoutView):
    """The end of a log-in; by POST alone."""


class PasswordChange(auth.PasswordChangeView):
    """A new password, by somebody who knows the old one."""

    success_url = reverse_lazy("accounts:preferences")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)


@method_decorator(login_not_required, name="dispatch")
class Reset(auth.PasswordResetView):
    """A link by mail; where no mail is set up, the way to an admin."""

    success_url = reverse_lazy("accounts:reset-sent")
    email_template_name = "registration/password_reset_email.txt"
    subject_template_name = "registration/password_reset_subject.txt"

    def dispatch(self, request: HttpRequest, *args: Any, **kw: Any) -> HttpResponseBase:
        if not settings.EMAIL_HOST:
            return render(request, "registration/password_reset_by_admin.html")
        # The address people know; the request's Host is whatever its sender wrote.
        site = settings.PULSAR.site
        self.extra_email_context = {"address": site.address, "site": site}
        return super().dispatch(request, *args, **kw)


class ResetSent(auth.PasswordResetDoneView):
    """The same words whether or not the address is known."""


class ResetConfirm(auth.PasswordResetConfirmView):
    """A new password, by somebody who has the link."""

    success_url = reverse_lazy("accounts:login")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is changed. Log in with it.")
        return super().form_valid(form)


def locked_out(request: HttpRequest) -> HttpResponse:
    """Too many wrong passwords: what happened, and for how long."""
    pause = timedelta(minutes=settings.PULSAR.accounts.lockout_minutes)
    context = {"pause": pause}
    page = render(request, "registration/locked_out.html", context, status=429)
    page["Retry-After"] = str(int(pause.total_seconds()))
    return page


@require_http_methods(["GET", "POST"])
def preferences(request: Request) -> HttpResponse:
    preference = Preference.objects.of(request.user.pk)
    form = PreferenceForm(request.POST or None, instance=preference)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:preferences")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/preferences.html", {"form": form}, status=status)


@require_POST
def zone(request: Request) -> HttpResponse:
    """The browser tells its zone, once; what a person chose stands."""
    form = ZoneForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    Preference.objects.learn_zone(request.user.pk, form.cleaned_data["zone"])
    return HttpResponse(status=204)
