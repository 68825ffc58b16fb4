"""Whom an operation of the API answers."""

from django.http import HttpRequest
from ninja.errors import AuthorizationError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from accounts.models import User


class Needs(AuthBase):
    """Somebody who is known and has this right, by token or logged in."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, right: str) -> None:
        self.right = right
        super().__init__()

    def __call__(self, request: HttpRequest) -> User | None:
        """Who asks, asked before anything else is looked at; None is a stranger."""
        # A browser sends its cookies along wherever a page of somebody else leads it.
        if check_csrf(request) is not None:
            raise AuthorizationError(message="This form was not one of this site.")
        if not request.user.is_authenticated:
            return None
        if not request.user.has_perm(self.right):
            raise AuthorizationError(message="You may not do this.")
        return request.user
