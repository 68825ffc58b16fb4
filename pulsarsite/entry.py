"""The doors of accounts, with the event log beside them: accounts may not know it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from accounts import urls, views
from accounts.forms import TokenForm
from accounts.models import Token, User
from accounts.requests import Request
from monitor.events import record
from pulsarsite import tokens as verbs


class Login(views.Login):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record("user.logged_in", who=form.get_user())
        return response


class PasswordChange(views.PasswordChange):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record("user.password_changed", who=form.user, how="by its owner")
        return response


class ResetConfirm(views.ResetConfirm):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        record("user.password_changed", who=form.user, how="by a link sent by mail")
        return response


@login_not_required
def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]
) -> HttpResponse:
    """Axes calls this at each attempt while the pause lasts; it began but once."""
    failures = getattr(request, "axes_failures_since_start", 0)
    if failures == settings.AXES_FAILURE_LIMIT:
        record("user.locked_out", about=_named(credentials["username"]))
    return views.locked_out(request)


@require_http_methods(["GET", "POST"])
def tokens(request: Request) -> HttpResponse:
    """What programs show in one's place; a new key is shown once, and never again."""
    form = TokenForm(request.POST or None)
    made = None
    if form.is_valid():
        given = form.cleaned_data
        made = verbs.create(
            request.user,
            name=given["name"],
            read_only=not given["writes"],
            days=given["days"],
            by=request.user,
        )
        form = TokenForm()
    at = now()
    listed = Token.objects.filter(user=request.user).order_by("-pk")
    context = {
        "form": form,
        "made": made,
        "tokens": [(token, token.holds(at)) for token in listed],
        "site_address": settings.PULSAR.site.address,
    }
    status = 201 if made else 422 if form.is_bound else 200
    return render(request, "accounts/tokens.html", context, status=status)


@require_POST
def token_revoke(request: Request, pk: int) -> HttpResponse:
    """One's own alone."""
    found = Token.objects.filter(pk=pk, user=request.user).first()
    if found is None:
        raise Http404
    verbs.revoke(found, by=request.user)
    return redirect("accounts:tokens")


def _named(name: str) -> str:
    """Of a person the number: events stay when they are erased."""
    found = User.objects.filter(username=name).values_list("pk", flat=True).first()
    return f"user {found}" if found else name


app_name = "accounts"
urlpatterns = [
    path("login/", Login.as_view(), name="login"),
    path("password/", PasswordChange.as_view(), name="password"),
    path("tokens/", tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", token_revoke, name="token-revoke"),
    path("reset/<uidb64>/<token>/", ResetConfirm.as_view(), name="reset-confirm"),
    *urls.urlpatterns,
]
