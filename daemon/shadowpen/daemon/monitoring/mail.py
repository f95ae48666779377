"""The mail channel of alarms: through the user's own mail server (SMTP).

The password comes from the environment or the system's keyring, and is only sent encrypted or within this machine.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from shadowpen.daemon.base.errors import ConfigInvalid, ServerFailed
from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.engine.openai import key
from shadowpen.daemon.monitoring.alarms import Alarm

VARIABLE = "SHADOWPEN_MAIL_PASSWORD"
_LIMIT_S = 20.0
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_NAME = "shadowpen.invalid"  # in ids and greetings, instead of the name of the machine
_SEE = "Check the settings monitoring.mail_*; docs/monitoring.md explains them."


def send(alarms: Sequence[Alarm], settings: MonitoringSettings) -> None:
    """Send one mail with all `alarms`; ConfigInvalid or ServerFailed, each one sentence, if that cannot be done."""
    host, port = server(settings)
    message = _message(alarms, settings)
    try:
        with _connected(host, port, settings.mail_security) as connection:
            if settings.mail_user:
                connection.login(settings.mail_user, password(settings))
            connection.send_message(message)
    except smtplib.SMTPAuthenticationError as error:
        raise ServerFailed(
            f"The mail server {host} did not accept your name and password.", "shadowpen monitor password"
        ) from error
    except smtplib.SMTPResponseException as error:
        raise ServerFailed(f"The mail server {host} refused the alarm (code {error.smtp_code}).", _SEE) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise ServerFailed(f"The mail server {host} refused the address {settings.mail_to}.", _SEE) from error
    except ssl.SSLError as error:
        raise ServerFailed(f"The mail server {host} offers no valid encrypted connection.", _SEE) from error
    except (smtplib.SMTPException, OSError, UnicodeError, ValueError) as error:
        raise ServerFailed(f"The mail server {host} cannot be used: {_said(error)}.", _SEE) from error


def server(settings: MonitoringSettings) -> tuple[str, int]:
    """The mail server's host and port; ConfigInvalid for what is none, or may not be used."""
    host, separator, port = settings.mail_server.strip().rpartition(":")
    if not separator or host.endswith(":") or port.endswith("]"):  # no port; an address of IPv6 alone
        host, port = settings.mail_server.strip(), ""
    host = host.strip("[]")
    if not host or not host.isprintable() or " " in host or (port and not port.isdecimal()) or int(port or 1) > 65535:
        raise ConfigInvalid("Alarms cannot be mailed: monitoring.mail_server is not HOST or HOST:PORT.", _SEE)
    if settings.mail_security == "none" and host not in _THIS_MACHINE:
        raise ConfigInvalid(
            f"Alarms cannot be mailed: the connection to {host} would not be encrypted.",
            "Set monitoring.mail_security to starttls or tls.",
        )
    return host, int(port) if port else _PORTS[settings.mail_security]


def account(settings: MonitoringSettings) -> str:
    """The name of the password in the keyring."""
    return f"smtp://{settings.mail_user}@{server(settings)[0]}"


def password(settings: MonitoringSettings) -> str:
    """The password for the mail server; ConfigInvalid where there is none. May wait for the keyring."""
    found = key.find(account(settings), variable=VARIABLE).value
    if not found:
        raise ConfigInvalid(
            f"There is no password for {settings.mail_user} at the mail server.", "shadowpen monitor password"
        )
    return found


def _connected(host: str, port: int, security: str) -> smtplib.SMTP:
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, _NAME, timeout=_LIMIT_S, context=ssl.create_default_context())
    connection = smtplib.SMTP(host, port, _NAME, timeout=_LIMIT_S)
    if security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
        except BaseException:
            connection.close()
            raise
    return connection


def _message(alarms: Sequence[Alarm], settings: MonitoringSettings) -> EmailMessage:
    message = EmailMessage()
    try:
        message["Subject"] = "Shadowpen: an alarm" if len(alarms) == 1 else f"Shadowpen: {len(alarms)} alarms"
        message["From"] = settings.mail_from or settings.mail_to
        message["To"] = settings.mail_to
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=_NAME)
        message["Auto-Submitted"] = "auto-generated"
    except ValueError as error:  # a line break in an address
        raise ConfigInvalid("Alarms cannot be mailed: an address is wrong.", _SEE) from error
    message.set_content("\n\n".join([*(alarm.message for alarm in alarms), "`shadowpen monitor` shows the figures."]))
    return message


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"it did not answer within {_LIMIT_S:.0f} seconds"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it does not offer what monitoring.mail_security asks for"
    return getattr(error, "strerror", None) or type(error).__name__
