"""Channels of alarms outside the editor: a desktop notification, and a command of the user's.

Both are off until a setting names them. One that fails costs a sentence and holds up nothing. What is told are the
alarms' sentences, which hold numbers and names of versions, never text.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from shadowpen.daemon.base.sections import MonitoringSettings
from shadowpen.daemon.base.translation.language import translated
from shadowpen.daemon.monitoring.alarms import Alarm

_LIMIT_S = 20.0
_SCRIPT = 'on run {told}\ndisplay notification told with title "Shadowpen"\nend run'  # of osascript: no quoting needed


def told(alarms: Sequence[Alarm], settings: MonitoringSettings) -> list[str]:
    """Tell the alarms in each way that is set; a sentence for each that failed."""
    problems: list[str] = []
    if settings.desktop:
        shown = [Alarm(alarm.name, translated(alarm.message)) for alarm in alarms]
        problems += _each(shown, desktop_command(), "The desktop notification", "monitoring.desktop")
    if settings.command:
        problems += _each(alarms, settings.command, "The command for alarms", "monitoring.command")
    return problems


def desktop_command() -> list[str]:
    """What shows a notice on this desktop; nothing where there is no such command."""
    if sys.platform == "darwin":
        return ["osascript", "-e", _SCRIPT]
    found = shutil.which("notify-send")
    return [found, "--app-name=Shadowpen", "Shadowpen"] if found else []


def _each(alarms: Sequence[Alarm], command: Sequence[str], what: str, setting: str) -> list[str]:
    """Run the command with each alarm's sentence as its last argument; why that failed, once."""
    if not command:
        return [f"{what} needs notify-send, which is not installed ({setting})."]
    for alarm in alarms:
        try:
            done = subprocess.run(
                [*command, alarm.message],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "SHADOWPEN_ALARM": alarm.name},
                timeout=_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [f"{what} did not end within {_LIMIT_S:.0f} seconds ({setting})."]
        except (OSError, ValueError) as error:
            return [f"{what} cannot be run: {getattr(error, 'strerror', None) or error} ({setting})."]
        if done.returncode:
            return [f"{what} failed with exit status {done.returncode} ({setting})."]
    return []
