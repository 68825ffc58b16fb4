"""The pages under /admin/: for whoever manages people, by right and not by a flag."""

from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator


class PeopleSite(AdminSite):
    """Django's admin, behind the site's own log-in."""

    site_title = site_header = index_title = "People and records"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm("accounts.change_user")

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """There is one way in; who is in already and comes here lacks the right."""
        if request.user.is_authenticated:
            raise PermissionDenied
        wanted = request.GET.get("next", reverse("admin:index"))
        return redirect(f"{reverse('accounts:login')}?{urlencode({'next': wanted})}")


class PeopleConfig(AdminConfig):
    """The admin app, with our site as its default."""

    default_site = "accounts.people.PeopleSite"
