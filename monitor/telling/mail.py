"""Messages as mail."""

import smtplib
import socket

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from monitor.models import Delivery
from monitor.telling.outcome import ARRIVED, Outcome, failed

NO_HOST = "No mail leaves this site: mail.host in config.yaml is empty."


def send(delivery: Delivery, within: float) -> Outcome:
    """Hand it to the mail server; its time-out is that of the site's mail."""
    channel = delivery.channel
    if not settings.EMAIL_HOST:
        return failed(NO_HOST, channel)
    try:
        _mail(delivery).send()
    except socket.gaierror as error:
        return failed(f"The mail server's name is unknown: {error.strerror}.", channel)
    except smtplib.SMTPRecipientsRefused as error:
        said = "; ".join(_text(words) for _, words in error.recipients.values())
        return failed(f"The mail server refused the address: {said}", channel)
    except smtplib.SMTPResponseException as error:
        said = f"The mail server said {error.smtp_code}: {_text(error.smtp_error)}"
        return failed(said, channel)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return failed(f"The mail server did not take it: {error}", channel)
    return ARRIVED


def _mail(delivery: Delivery) -> EmailMultiAlternatives:
    # The same at each try, so that a mail program shows it once.
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    headers = {
        "Message-ID": f"<{delivery.uuid}@{host}>",
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMultiAlternatives(
        delivery.subject,
        delivery.text,
        to=delivery.channel.address.split(", "),
        headers=headers,
    )
    if delivery.html:
        mail.attach_alternative(delivery.html, "text/html")
    return mail


def _text(words: bytes | str) -> str:
    return words if isinstance(words, str) else words.decode("utf-8", "replace")
