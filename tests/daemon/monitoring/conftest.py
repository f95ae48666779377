"""A mail server, and the settings that name it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.servers import mail_stand_in
from support.servers.mail_stand_in import MailServer

from shadowpen.daemon.base.sections import MonitoringSettings


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_stand_in.serving() as server:
        yield server


@pytest.fixture
def settings(server: MailServer) -> MonitoringSettings:
    return MonitoringSettings(mail_to="anna@example.org", mail_server=server.address, mail_security="none")
