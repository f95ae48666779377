"""A folder of the user's texts is named from the editor, and the user is told what of it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base import config

from ..replays.driver import Client, Refused

_TEXT = "The harbour lay still in the morning, and nobody was there to see it but the dog who waited for the boats."


async def test_what_is_read_and_what_not_is_told(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my essays"
    folder.mkdir()
    (folder / "a.md").write_text(_TEXT)
    (folder / "b.png").write_bytes(b"\0")
    client = Client()
    await client.request("initialize", {"processId": None, "capabilities": {}})
    client.notify("initialized", {})
    told = await client.command("shadowpen.addFolder", str(folder))
    assert (
        told["added"]
        and "1 text with about" in told["message"]
        and "1 (not a kind of text that is read)" in told["message"]
    )
    assert "before you turn learning on" in told["message"]
    assert config.load().learning.folders == [str(folder)]
    missing = await client.command("shadowpen.addFolder", str(folder / "nowhere"))
    assert (missing["added"], "is not a folder" in missing["message"]) == (False, True)
    assert client.messages() == [told["message"], missing["message"]]
    for wrong in ([], [7], [""], ["a", "b"]):
        with pytest.raises(Refused):
            await client.command("shadowpen.addFolder", *wrong)
    await client.leave()
