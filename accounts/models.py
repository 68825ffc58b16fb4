"""People, and how each of them wants the pages."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person, or the person behind a program; what they may do is in roles.py."""


class Theme(models.TextChoices):
    """The look of the pages."""

    AUTO = "auto", "As this device has it"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class PreferenceManager(models.Manager["Preference"]):
    def of(self, user_id: int | None) -> "Preference":
        """What this person chose, or the defaults; nothing is stored by looking."""
        if user_id is None:
            return Preference()
        return self.filter(user_id=user_id).first() or Preference(user_id=user_id)

    def learn_zone(self, user_id: int, zone: str) -> None:
        """Store what the browser says, unless a zone is known already."""
        self.get_or_create(user_id=user_id)
        self.filter(user_id=user_id, zone="").update(zone=zone)


class Preference(models.Model):
    """One person's choices; the row is made when the first is made."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True)
    # Empty until the browser tells it; pages are in UTC until then.
    zone = models.CharField(max_length=64, blank=True)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    keys = models.JSONField(default=dict, blank=True)

    objects = PreferenceManager()

    def __str__(self) -> str:
        return f"Preferences of {self.user}"

    @property
    def tzinfo(self) -> ZoneInfo:
        """The zone in which this person reads times."""
        return ZoneInfo(self.zone or "UTC")


class Token(models.Model):
    """What a program shows in place of a person; of the key itself a hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens"
    )
    name = models.CharField(max_length=100)
    key_sha256 = models.CharField(max_length=64, unique=True)
    # How the key begins, by which a person knows it again.
    hint = models.CharField(max_length=12)
    read_only = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    # To the minute.
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token {self.pk}"

    def holds(self, at: datetime) -> bool:
        """Whether it opens anything."""
        is_over = self.expires_at is not None and self.expires_at <= at
        return not is_over and self.revoked_at is None and self.user.is_active


class Answer(models.Model):
    """What a program was told, for a day, in case it did not hear it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="answers"
    )
    key_sha256 = models.CharField(max_length=64)
    asked_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)
    # None until it is known.
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key_sha256"], name="answer_once"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
