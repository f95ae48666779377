"""Mail of alarms: sent by the user's server alone, encrypted or within this machine, and a refusal is one sentence."""

from __future__ import annotations

import dataclasses

import pytest
from support.servers.mail_stand_in import MailServer

from shadowpen.daemon.base.errors import ConfigInvalid, ServerFailed
from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.monitoring import mail
from shadowpen.daemon.monitoring.alarms import Alarm

ALARMS = [Alarm("taken", "You accepted 5% of 300 suggestions."), Alarm("kept", "After ten minutes 25% still stood.")]


def test_all_alarms_come_in_one_mail(server: MailServer, settings: MonitoringSettings) -> None:
    mail.send(ALARMS, settings)

    (body,) = server.mails
    assert "To: anna@example.org" in body and "Subject: Shadowpen: 2 alarms" in body
    assert all(alarm.message in body for alarm in ALARMS)
    assert server.logins == 0


def test_the_password_comes_from_the_environment(
    server: MailServer, settings: MonitoringSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = dataclasses.replace(settings, mail_user="anna")
    monkeypatch.setattr(mail.key, "_keyring", lambda: None)
    with pytest.raises(ConfigInvalid, match="no password for anna"):
        mail.send(ALARMS, named)
    monkeypatch.setenv(mail.VARIABLE, "secret")

    mail.send(ALARMS, named)

    assert (server.logins, len(server.mails)) == (1, 1)


@pytest.mark.parametrize(
    ("refuses", "user", "said"),
    [
        ("550 no", "", "refused the address anna@example.org"),
        ("535 no", "anna", "did not accept your name and password"),
        ("421 busy", "", "refused the address|refused the alarm"),
    ],
)
def test_a_server_that_refuses_is_one_sentence(
    server: MailServer,
    settings: MonitoringSettings,
    monkeypatch: pytest.MonkeyPatch,
    refuses: str,
    user: str,
    said: str,
) -> None:
    server.refuses = refuses
    monkeypatch.setenv(mail.VARIABLE, "secret")

    with pytest.raises(ServerFailed, match=said) as raised:
        mail.send(ALARMS, dataclasses.replace(settings, mail_user=user))
    assert "secret" not in raised.value.message + raised.value.hint


@pytest.mark.parametrize(
    ("given", "security", "found"),
    [
        ("mail.example.org", "starttls", ("mail.example.org", 587)),
        ("mail.example.org", "tls", ("mail.example.org", 465)),
        ("mail.example.org:2525", "tls", ("mail.example.org", 2525)),
        ("[::1]:25", "none", ("::1", 25)),
        ("::1", "none", ("::1", 25)),
    ],
)
def test_servers_by_host_and_port(given: str, security: str, found: tuple[str, int]) -> None:
    assert mail.server(MonitoringSettings(mail_server=given, mail_security=security)) == found


@pytest.mark.parametrize(
    ("given", "security"),
    [("", "tls"), ("mail.example.org", "none"), ("a b", "tls"), ("host:99999", "tls"), ("host:x", "tls")],
)
def test_what_is_no_server_or_would_not_be_encrypted_is_refused(given: str, security: str) -> None:
    with pytest.raises(ConfigInvalid):
        mail.send(ALARMS, MonitoringSettings(mail_to="a@example.org", mail_server=given, mail_security=security))


def test_no_way_without_encryption_where_it_was_asked_for(server: MailServer, settings: MonitoringSettings) -> None:
    with pytest.raises(ServerFailed, match="does not offer"):
        mail.send(ALARMS, dataclasses.replace(settings, mail_security="starttls"))
    assert server.mails == []
