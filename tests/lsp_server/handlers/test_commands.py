"""How the arguments of commands are read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from shadowpen.lsp_server.handlers import commands
from shadowpen.lsp_server.writing.expansion import ExpansionOptions


class Server:
    """Stands in for the server, and notes what reaches the session."""

    def __init__(self) -> None:
        self.marks: list[float] = []
        self.wishes: list[ExpansionOptions] = []
        self.session: Any = SimpleNamespace(suggestions=SimpleNamespace(rate=self._rate), expand=self._expand)

    def _rate(self, mark: float) -> bool:
        self.marks.append(mark)
        return True

    async def _expand(self, uri: str, span: types.Range, wish: ExpansionOptions, editor: object) -> dict[str, Any]:
        self.wishes.append(wish)
        return {}


async def rate(server: Any, *given: Any) -> dict[str, Any]:
    return await commands.rate(server, types.ExecuteCommandParams(commands.RATE_COMMAND, list(given)))


@pytest.mark.parametrize(("given", "mark"), [("good", 5), ("bad", 1), ("3", 3), (4, 4)])
async def test_a_mark_is_good_or_bad_or_from_1_to_5(given: object, mark: int) -> None:
    server = Server()
    assert await rate(server, given) == {"rated": True}
    assert server.marks == [mark]


@pytest.mark.parametrize("given", [(), ("fine",), (0,), (6,), (True,), (2.5,), ("good", "bad")])
async def test_anything_else_is_no_mark(given: tuple[object, ...]) -> None:
    with pytest.raises(JsonRpcInvalidParams, match="1 to 5"):
        await rate(Server(), *given)


async def expand(server: Any, options: dict[str, Any]) -> None:
    place = {"line": 0, "character": 0}
    arguments = ["file:///a.md", {"start": place, "end": place}, options]
    await commands.write_expansion(server, types.ExecuteCommandParams("shadowpen.expand", arguments), None)  # type: ignore[arg-type]


async def test_a_turn_comes_with_the_paragraph_it_is_about() -> None:
    server = Server()
    await expand(server, {"preview": True, "turn": "shorter", "shown": "Text.", "new": 1})
    assert server.wishes == [ExpansionOptions(preview=True, turn="shorter", shown="Text.")]


@pytest.mark.parametrize("options", [{"turn": 1}, {"shown": None}, {"preview": "yes"}, {"seed": -1}])
async def test_options_of_another_kind_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(JsonRpcInvalidParams):
        await expand(Server(), options)
