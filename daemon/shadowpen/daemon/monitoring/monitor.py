"""Watch how suggestions do: write the counts, raise each alarm once a day, go back if need be.

Lives in the daemon as one thread that sleeps for `monitoring.log_interval_s`; on a key only numbers in memory change.
Knows neither sockets nor models: it is given a way to publish, and to have the daemon serve what `current` names.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from shadowpen.daemon.base import config as configuration
from shadowpen.daemon.base import sections, store
from shadowpen.daemon.base.errors import StateUnusable, TrainingError
from shadowpen.daemon.base.logs import LOGGER, describe
from shadowpen.daemon.learning import runs
from shadowpen.daemon.monitoring import alarms, channels, record
from shadowpen.daemon.monitoring.alarms import DECLINE, Alarm
from shadowpen.daemon.monitoring.bert_score import BertScore
from shadowpen.daemon.monitoring.gathering import Gathered
from shadowpen.daemon.monitoring.mail_queue import MailQueue
from shadowpen.daemon.monitoring.produced_texts import ProducedTexts
from shadowpen.daemon.storage import versions
from shadowpen.daemon.wire.protocol import Event
from shadowpen.daemon.wire.reports import DaemonState, MonitoringReport, RaisedAlarm

EVENT = "alarm"
_END_WAIT_S = 5.0


class Monitor:
    """The monitor, one for the daemon's life. Nothing here raises into a key.

    `gathered` takes what the daemon sees of suggestions, `produced_texts` what became of expansions and verbs.
    """

    def __init__(
        self,
        layout: store.Layout,
        load_config: Callable[[], configuration.Config] | None = None,
    ) -> None:
        self._bert_score = BertScore()
        self.gathered, self.produced_texts = Gathered(), ProducedTexts(record.today, encode=self._bert_score.measured)
        self._layout = layout
        self._load_config = load_config or (lambda: configuration.load(layout.config_file))
        self._announce: Callable[[Event], None] = lambda event: None
        self._take_up: Callable[[], None] = lambda: None
        self._wake, self._ending = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
        self._raised: list[Alarm] = []
        self._problems: list[str] = []
        self._untold: list[str] = []  # why desktop or command did not tell the last alarms
        self._mail_queue = MailQueue()

    def start(self, announce: Callable[[Event], None], take_up: Callable[[], None]) -> None:
        """Begin. `announce` publishes an event, `take_up` has the daemon serve what `current` names."""
        self._announce, self._take_up = announce, take_up
        self._thread.start()

    def stop(self) -> None:
        """End, and write what was gathered."""
        self._ending = True
        self._wake.set()
        self._bert_score.stop()
        if self._thread.is_alive():
            self._thread.join(_END_WAIT_S)

    def forget(self) -> None:
        """Hold no text: something was forgotten."""
        self.gathered.forget()
        self.produced_texts.forget()

    def report(self) -> MonitoringReport:
        """For `shadowpen status`: the alarms that stand, and why they could not be told on a way that is set."""
        return MonitoringReport(
            alarms=[RaisedAlarm(name=alarm.name, message=alarm.message) for alarm in self._raised],
            problems=[one for one in (*self._problems, *self._untold, self._mail_queue.problem) if one],
        )

    def look(self) -> None:
        """Write what was gathered, go back if need be, and tell what is new."""
        settings = self._load_config()
        if not settings.monitoring.enabled:
            self.gathered.take()
            self.produced_texts.take(compare=False)
            self._raised, self._problems = [], []
            return
        self._problems = []
        self._write()
        self._problems.append(self._bert_score.problem(settings.monitoring.encoder))
        found = self._declined(settings)
        found += standing(self._layout, settings.monitoring)
        went_back = [one for one in self._raised if one.name == DECLINE]  # stands until the daemon ends
        self._raised = [*(went_back if not any(one.name == DECLINE for one in found) else ()), *found]
        self._tell(found, settings.monitoring)

    def _run(self) -> None:
        while True:
            self._wake.wait(self._load_config().monitoring.log_interval_s)
            try:
                if self._ending:
                    self._write()
                    return
                self.look()
            except Exception as fault:  # monitoring must not end what it watches
                LOGGER.error("monitoring failed: %s", describe(fault))

    def _write(self) -> None:
        found = self.gathered.take()
        settings = self._load_config().monitoring
        if not settings.enabled:
            self.produced_texts.take(compare=False)
            return
        if found:
            try:
                record.add(self._layout, found)
            except StateUnusable as error:
                self.gathered.give_back(found)
                self._problems.append(error.message)
        if tasks := self.produced_texts.take(compare=not self._ending, encoder=settings.encoder):
            try:
                record.add_tasks(self._layout, tasks)
            except StateUnusable as error:
                self.produced_texts.give_back(tasks)
                self._problems.append(error.message)

    def _declined(self, settings: configuration.Config) -> list[Alarm]:
        """Go back to the version before, if the one in use surely does worse and no run is about to replace it."""
        if not versions.current(self._layout).version:
            return []
        from shadowpen.daemon.monitoring import decline  # brings what places models, while the daemon starts

        try:
            with runs.only_run(self._layout):
                before, message = decline.go_back(self._layout, settings)
                if not message:
                    return []
                version = "" if before == versions.BASE else before
                runs.StatusKeeper(self._layout, runs.status(self._layout)).ended(
                    "rolled_back", message, version=version
                )
        except (TrainingError, StateUnusable):
            return []
        self._take_up()
        return [Alarm(DECLINE, message)]

    def _tell(self, found: Sequence[Alarm], settings: sections.MonitoringSettings) -> None:
        """Each alarm once a day."""
        told = record.told(self._layout)
        due = [alarm for alarm in found if told.get(alarm.name) != record.today()]
        try:
            for alarm in due:
                record.tell(self._layout, alarm.name)
        except StateUnusable as error:  # else it would be told at every look
            self._problems.append(error.message)
            return
        if due:
            if settings.editor:
                self._announce(Event(kind=EVENT, data=DaemonState(alarms=[alarm.message for alarm in due])))
            self._untold = channels.told(due, settings)
        self._mail_queue.post(due, settings)


def standing(layout: store.Layout, settings: sections.MonitoringSettings) -> list[Alarm]:
    """The alarms that the figures on the disk speak for now; none where nothing is counted."""
    if not settings.enabled:
        return []
    first = record.days_ago(settings.period_days - 1)
    found = alarms.raised(record.read(layout), settings, first)
    return [*found, *alarms.of_tasks(record.read_tasks(layout), settings, first)]
