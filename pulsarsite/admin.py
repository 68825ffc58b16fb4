"""People under /admin/, with the event log beside it."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from accounts.admin import PersonAdmin
from accounts.models import User
from monitor.events import record


@admin.register(User)
class RecordedPersonAdmin(PersonAdmin):
    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002  # Django's name
        form_url: str = "",
    ) -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        if response.status_code == 302:  # set; a page would be the form again
            record("user.password_changed", about=f"user {id}", who=request.user)
        return response
