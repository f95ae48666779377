"""Send mail that is due, and retry later what could not be sent. Knows nothing of SMTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.monitoring.alarms import Alarm

_TRY_AGAIN_S = 3600.0  # a server that refuses is not asked every few minutes


class MailQueue:
    """Mails alarms; those that could not be sent again after an hour. `problem` is the sentence why, "" for none."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._tried_s = clock, float("-inf")
        self._waiting: dict[str, Alarm] = {}
        self.problem = ""

    def post(self, due: Sequence[Alarm], settings: MonitoringSettings) -> None:
        """Mail what is due, and what waits, if the settings name an address."""
        if not settings.mail_to:
            self._waiting, self.problem = {}, ""
            return
        self._waiting.update({alarm.name: alarm for alarm in due})
        if not self._waiting or (not due and self._clock() - self._tried_s < _TRY_AGAIN_S):
            return
        from shadowpen.daemon.monitoring import mail  # brings ssl and email, of which a daemon has no need otherwise

        self._tried_s = self._clock()
        try:
            mail.send(list(self._waiting.values()), settings)
        except ShadowpenError as error:
            self.problem = f"{error.message} {error.hint}".strip()
        else:
            self._waiting, self.problem = {}, ""
