"""The doors of accounts, with the event log beside them: accounts may not know it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts import urls, views
from accounts.models import User
from monitor.events import record


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


def _named(name: str) -> str:
    """Of a person the number: events stay when they are erased."""
    found = User.objects.filter(username=name).values_list("pk", flat=True).first()
    return f"user {found}" if found else name


app_name = "accounts"
urlpatterns = [
    path("login/", Login.as_view(), name="login"),
    path("password/", PasswordChange.as_view(), name="password"),
    path("reset/<uidb64>/<token>/", ResetConfirm.as_view(), name="reset-confirm"),
    *urls.urlpatterns,
]
