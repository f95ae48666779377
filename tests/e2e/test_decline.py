"""A version that is taken less often: status, editor and mail say so, and the version before it answers again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support import daemons
from support.editor import Editor
from support.models import kept_versions
from support.servers import mail_stand_in, named_daemon

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.monitoring import record
from shadowpen.daemon.monitoring.figures import Counts
from shadowpen.daemon.reporting.report import write
from shadowpen.daemon.storage import models, versions
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import Complete, Completion, Outcome

SHOWN, TAKEN = 250, 20


@pytest.fixture
def two(layout: store.Layout, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The version before, of which 40 % were taken, and the one in use."""
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    model, layout = models.resolve("default"), store.layout()
    old, new = kept_versions.make(model), kept_versions.make(model)
    for name in (old, new):
        versions.use(layout, model, name, "int8")
    record.add(layout, {(record.days_ago(9), f"default@{old}"): Counts(shown=400, taken=160)})
    return old, new


def decline(client: Client) -> None:
    """A writer whom the version in use seldom suits."""
    for number in range(SHOWN):
        asked = Complete(id=f"c{number}", document="a.md", prefix="It was late.")
        assert isinstance(client.request(asked), Completion)
        client.request(Outcome(id=f"s{number}", of=asked.id, kind="shown"))
        end = "taken" if number < TAKEN else "typed_over"
        client.request(Outcome(id=f"e{number}", of=asked.id, kind=end, characters=5 if end == "taken" else 0))


def status() -> dict[str, object]:
    command = [sys.executable, "-P", "-m", "shadowpen.daemon.cli", "status", "--json"]
    found: dict[str, object] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


async def test_a_decline_reaches_status_editor_and_mail_and_the_version_goes_back(
    home: Path, two: tuple[str, str]
) -> None:
    old, new = two
    layout, editor = store.layout(), Editor()
    with mail_stand_in.serving() as mail:
        settings = {"log_interval_s": 1, "mail_to": "a@b.c", "mail_server": mail.address, "mail_security": "none"}
        for name, value in settings.items():
            config_file.write(layout.config_file, "monitoring", name, value)
        daemons.start(layout, command=named_daemon.COMMAND)
        await editor.start(home)
        editor.open("The quick")
        assert await editor.texts(0, 9)

        with daemons.connect(layout) as client:
            await asyncio.to_thread(decline, client)
            await editor.until(lambda: any("significantly less than" in message for message in editor.messages))
            assert await asyncio.to_thread(mail.came.wait, 20)
            now = client.request(Complete(id="now", document="a.md", prefix="It was late."))

        told = next(message for message in editor.messages if "significantly less than" in message)
        assert told.endswith(f"by {old} before it. {old} answers again.")
        assert told.partition(" by ")[0] in mail.mails[0]
        assert versions.current(layout).version == old
        assert isinstance(now, Completion) and now.model == f"default@{old}"
        found = status()
        assert found["monitoring"] == {"alarms": [{"name": "decline", "message": told}], "problems": []}
        assert versions.read(layout, new).reasons[0] in write(layout).text
        assert editor.messages.count(told) == len(mail.mails) == 1
        await editor.leave()
