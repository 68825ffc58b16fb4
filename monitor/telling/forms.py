"""What an admin fills in to make a channel, or to change one."""

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import capfirst

from monitor.models import Channel, Delivery, Severity
from monitor.telling import apprise_address
from monitor.telling.mail import NO_HOST

_MOST_ADDRESSES = 50
_HELP = {
    Channel.Kind.MAIL: "One address of a person, or several with commas between.",
    Channel.Kind.WEBHOOK: "An address with https:// to which messages are posted.",
    Channel.Kind.APPRISE: "As the library apprise writes it, such as ntfys://…, "
    "slack://… or tgram://…",
}


class ChannelForm(forms.Form):
    """A channel that is there: its kind stays, and its address is not shown."""

    name = forms.CharField(max_length=100, help_text="What people call it.")
    address = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.TextInput(
            {"class": "mono", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    least = forms.ChoiceField(
        choices=[
            (Severity.WARNING, "of every alert"),
            (Severity.CRITICAL, "of critical alerts alone"),
        ],
        label="It is told",
    )
    on = forms.BooleanField(required=False, initial=True, label="On: messages are sent")
    night_report = forms.BooleanField(
        required=False, label="It gets the night report too"
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, channel: Channel | None = None) -> None:
        names = ("name", "least", "on", "night_report", "revision")
        stored = {name: getattr(channel, name) for name in names} if channel else None
        super().__init__(data, initial=stored)
        self.channel = channel
        if channel:
            said = _HELP[Channel.Kind(channel.kind)]
            self.fields["address"].help_text = f"Empty: it stays as it is. {said}"

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        others = Channel.objects.exclude(pk=self.channel.pk if self.channel else 0)
        if others.filter(name=name).exists():
            raise ValidationError(f"There is a channel “{name}” already.")
        return name

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        address = given.get("address", "")
        if self.channel and address:
            self._check(self.channel.kind, address)
        return given

    def _check(self, kind: str, address: str) -> None:
        try:
            self.cleaned_data["address"] = _CHECKS[Channel.Kind(kind)](address)
        except ValidationError as error:
            self.add_error("address", error)

    def values(self) -> dict[str, Any]:
        """What is stored of it."""
        return {k: v for k, v in self.cleaned_data.items() if k != "revision"}


class NewChannelForm(ChannelForm):
    """A channel that is not made yet."""

    kind = forms.ChoiceField(
        choices=[(k, f"{capfirst(k.label)}: {said}") for k, said in _HELP.items()],
        widget=forms.RadioSelect,
        label="Told by",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        # What would be refused is not offered first.
        self.initial["kind"] = _kinds_that_work()[0]
        self.fields["address"].required = True
        self.fields[
            "address"
        ].help_text = "It may hold a token: once it is saved, nobody is shown it again."

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if kind not in _kinds_that_work():
            raise ValidationError(NO_HOST)
        return kind

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "kind" in given and given.get("address"):
            self._check(given["kind"], given["address"])
        return given


class DeliveryFilter(forms.Form):
    """Which messages to list."""

    state = forms.ChoiceField(
        choices=[("", "any state"), *Delivery.State.choices], required=False
    )
    channel = forms.ModelChoiceField(
        Channel.objects.order_by("name"), required=False, empty_label="any channel"
    )


def _kinds_that_work() -> list[Channel.Kind]:
    """Without a host nobody takes mail."""
    return [kind for kind in _HELP if settings.EMAIL_HOST or kind != Channel.Kind.MAIL]


def _mail(address: str) -> str:
    given = dict.fromkeys(filter(None, re.split(r"[,;\s]+", address)))
    if len(given) > _MOST_ADDRESSES:
        raise ValidationError(f"These are more than {_MOST_ADDRESSES} addresses.")
    for one in given:
        try:
            validate_email(one)
        except ValidationError as error:
            raise ValidationError(f"“{one}” is no address of mail.") from error
    return ", ".join(given)


def _webhook(address: str) -> str:
    try:
        parts = urlsplit(address)
        whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise ValidationError("It must look like https://hooks.example.org/….")
    if not re.fullmatch(r"[!-~]+", address):
        raise ValidationError("Blanks and letters beyond ASCII must be written as %….")
    if "@" in parts.netloc:
        raise ValidationError(
            "It must hold no user or password: the signature says who calls."
        )
    return address


def _apprise(address: str) -> str:
    if problem := apprise_address.problem(address):
        raise ValidationError(problem)
    return address


_CHECKS = {
    Channel.Kind.MAIL: _mail,
    Channel.Kind.WEBHOOK: _webhook,
    Channel.Kind.APPRISE: _apprise,
}
