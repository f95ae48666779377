"""Mail that could not be sent is sent again after an hour, and none is sent without an address."""

from __future__ import annotations

import dataclasses

from support.servers.mail_stand_in import MailServer

from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.monitoring.alarms import Alarm
from shadowpen.daemon.monitoring.mail_queue import MailQueue

ALARMS = [Alarm("taken", "You accepted 5% of 300 suggestions."), Alarm("kept", "After ten minutes 25% still stood.")]


def test_what_could_not_be_sent_is_sent_after_an_hour(server: MailServer, settings: MonitoringSettings) -> None:
    now = [0.0]
    queue = MailQueue(lambda: now[0])
    server.refuses = "550 no"

    queue.post(ALARMS, settings)
    assert "refused the address" in queue.problem
    server.refuses = ""
    queue.post([], settings)
    assert server.mails == []
    now[0] = 3601.0
    queue.post([], settings)

    assert queue.problem == ""
    assert all(alarm.message in server.mails[0] for alarm in ALARMS)
    queue.post([], settings)
    assert len(server.mails) == 1


def test_nothing_is_sent_without_an_address(server: MailServer, settings: MonitoringSettings) -> None:
    MailQueue().post(ALARMS, dataclasses.replace(settings, mail_to=""))
    assert server.mails == []
