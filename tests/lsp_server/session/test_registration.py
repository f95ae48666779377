"""What clients of different abilities are told to use, at the handshake and later, and what no longer."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.waiting import until

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.grammar.findings import GrammarFinding
from shadowpen.lsp_server.grammar import checker
from shadowpen.lsp_server.grammar.checker import Checker

from ..abled import DYNAMIC, GHOST, Abled
from ..replays.driver import URI, Client, Refused

# --- what is announced ---------------------------------------------------------------------------------


async def test_a_menu_is_offered_only_to_clients_without_ghost_text(client: Abled) -> None:
    assert (await client.shake(textDocument={"inlineCompletion": {}}))["inlineCompletionProvider"] is not None
    await client.leave()
    plain = Abled()
    offered = await plain.shake(textDocument={"completion": {}})
    assert offered["completionProvider"] == {"triggerCharacters": [" "], "resolveProvider": False}
    assert offered["hoverProvider"] is True
    await plain.leave()


async def test_ghost_text_and_a_menu_are_never_both_offered(client: Abled) -> None:
    offered = await client.shake(textDocument={"inlineCompletion": {}, "completion": DYNAMIC})
    assert "completionProvider" not in offered
    assert client.registered() == {}
    await client.leave()


async def test_who_registers_later_hears_of_everything_once_and_after_the_handshake(client: Abled) -> None:
    names = ("inlineCompletion", "completion", "hover", "codeAction")
    offered = await client.shake(
        textDocument=dict.fromkeys(names, DYNAMIC),
        workspace={"didChangeConfiguration": DYNAMIC, "configuration": True},
    )
    assert not offered.keys() & {"inlineCompletionProvider", "completionProvider", "hoverProvider"}
    assert "codeActionProvider" not in offered
    client.notify("initialized", {})
    registered = client.registered()
    actions = registered.pop("textDocument/codeAction")
    assert "refactor.rewrite" in actions["codeActionKinds"] and actions["resolveProvider"] is True
    assert registered == {
        "workspace/didChangeConfiguration": {},
        "textDocument/inlineCompletion": {},
        "textDocument/hover": {},
    }
    client.open("The quick")
    assert await client.texts(9) == [GHOST]
    await client.leave()


async def test_a_client_that_cannot_be_asked_is_told_which_settings_to_send(client: Abled) -> None:
    await client.shake(textDocument={"completion": DYNAMIC}, workspace={"didChangeConfiguration": DYNAMIC})
    assert client.registered() == {
        "workspace/didChangeConfiguration": {"section": "shadowpen"},
        "textDocument/completion": {"triggerCharacters": [" "], "resolveProvider": False},
    }
    client.open("The quick")
    assert await client.texts(9) == [GHOST]
    client.notify("workspace/didChangeConfiguration", {"settings": {"shadowpen": {"enabled": False}}})
    assert await client.texts(9) == []
    await client.leave()


async def test_a_registration_that_is_refused_costs_nothing(client: Abled) -> None:
    await client.shake(textDocument={"inlineCompletion": DYNAMIC})
    (asked,) = [id for method, id in client.requested if method == "client/registerCapability"]
    client.send({"id": asked, "error": {"code": -32601, "message": "no such method"}})
    client.open("The quick")
    assert await client.texts(9) == [GHOST]
    await client.leave()


# --- switching off and on ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capability", "method"),
    [("inlineCompletion", "textDocument/inlineCompletion"), ("completion", "textDocument/completion")],
)
async def test_what_is_switched_off_is_unregistered_and_registered_anew_when_it_is_on(
    client: Abled, capability: str, method: str
) -> None:
    await client.shake(textDocument={capability: DYNAMIC, "hover": DYNAMIC})
    await client.configure(enabled=True)
    assert set(client.registered()) == {method, "textDocument/hover"} and client.unregistered() == []
    await client.configure(enabled=False)
    await client.configure(enabled=False, singleLine=True)
    assert client.unregistered() == [method]
    client.heard = [told for told in client.heard if told[0] != "client/registerCapability"]
    await client.configure(enabled=True)
    await client.configure()
    assert set(client.registered()) == {method}
    client.open("The quick")
    assert await client.texts(9) == [GHOST]
    await client.configure(enabled=False)
    gone = [each["id"] for _, params in client.heard for each in (params or {}).get("unregisterations", ())]
    assert len(set(gone)) == 2, "each time by the id that it has then"
    await client.leave()


async def test_what_is_off_from_the_beginning_is_registered_once_it_is_on(client: Abled) -> None:
    await client.shake(options={"enabled": False}, textDocument={"inlineCompletion": DYNAMIC})
    assert client.registered() == {}
    await client.configure()
    assert set(client.registered()) == {"textDocument/inlineCompletion"} and client.unregistered() == []
    await client.leave()


async def test_without_dynamic_registration_nothing_is_unregistered(client: Abled) -> None:
    await client.shake(textDocument={"inlineCompletion": {}, "diagnostic": {}})
    await client.configure(enabled=False)
    await client.configure(enabled=True)
    assert client.registered() == {} and client.unregistered() == []
    await client.leave()


async def test_what_was_refused_is_neither_unregistered_nor_offered_again(client: Abled) -> None:
    await client.shake(textDocument={"inlineCompletion": DYNAMIC, "hover": DYNAMIC})
    refused = client.requested[0][1]
    client.send({"id": refused, "error": {"code": -32601, "message": "no such method"}})
    await client.configure(enabled=False)
    await client.configure(enabled=True)
    assert len(client.registered()) == 2 and client.unregistered() == []
    await client.leave()


# --- spelling and grammar ------------------------------------------------------------------------------

DIAGNOSTIC = "textDocument/diagnostic"


@pytest.fixture
def checked(client: Abled, monkeypatch: pytest.MonkeyPatch) -> Abled:
    """A client of a server that flags every x."""

    async def check(self: Checker, text: str, language: str) -> list[GrammarFinding]:
        return [
            GrammarFinding(at, at + 1, "SpellCheck", "Spelling", "No x.", []) for at, x in enumerate(text) if x == "x"
        ]

    monkeypatch.setattr(checker, "installed", lambda: True)
    monkeypatch.setattr(Checker, "check", check)
    config_file.write(store.layout().config_file, "grammar", "enabled", True)
    return client


async def pull(client: Abled, known_as: str | None = None) -> dict[str, Any]:
    asked = {"textDocument": {"uri": URI}, "identifier": "shadowpen", "previousResultId": known_as}
    report: dict[str, Any] = await client.request(DIAGNOSTIC, {k: v for k, v in asked.items() if v is not None})
    return report


def pushed(client: Abled) -> list[Any]:
    """What was sent unasked."""
    return [params for method, params in client.heard if method == "textDocument/publishDiagnostics"]


async def test_who_asks_for_diagnostics_is_not_sent_them_as_well(checked: Abled) -> None:
    offered = await checked.shake(textDocument={"diagnostic": {}})
    assert offered["diagnosticProvider"] == {
        "identifier": "shadowpen",
        "interFileDependencies": False,
        "workspaceDiagnostics": False,
    }
    checked.open("🥸 x\r\nand more")
    report = await pull(checked)
    assert (report["kind"], [each["range"] for each in report["items"]]) == ("full", [checked.span(2, 3)])
    assert await pull(checked, report["resultId"]) == {"kind": "unchanged", "resultId": report["resultId"]}
    assert pushed(checked) == []
    await checked.leave()


async def test_who_does_not_ask_is_sent_them(checked: Abled) -> None:
    offered = await checked.shake(textDocument={"publishDiagnostics": {}})
    assert "diagnosticProvider" not in offered
    checked.open("x")
    await until(lambda: pushed(checked), "diagnostics")
    (told,) = pushed(checked)
    assert len(told["diagnostics"]) == 1
    await checked.leave()


@pytest.mark.parametrize("diagnostic", [DYNAMIC, {}])
async def test_where_the_author_has_it_off_nothing_is_offered(client: Abled, diagnostic: dict[str, Any]) -> None:
    offered = await client.shake(textDocument={"diagnostic": diagnostic})
    await client.configure(grammar=True)
    assert "diagnosticProvider" not in offered and client.registered() == {}
    await client.leave()


async def test_it_is_registered_while_it_is_on(checked: Abled) -> None:
    offered = await checked.shake(
        options={"grammar": False},
        textDocument={"diagnostic": DYNAMIC},
        workspace={"diagnostics": {"refreshSupport": True}},
    )
    assert "diagnosticProvider" not in offered and checked.registered() == {}
    await checked.configure()
    assert checked.registered()[DIAGNOSTIC]["identifier"] == "shadowpen"
    checked.open("x")
    known = (await pull(checked))["resultId"]
    await checked.configure(grammar=False)
    assert checked.unregistered() == [DIAGNOSTIC]
    assert (await pull(checked, known))["items"] == []
    await checked.leave()


@pytest.mark.parametrize("supported", [True, False])
async def test_a_word_that_is_added_lets_the_client_ask_anew_where_it_can(checked: Abled, supported: bool) -> None:
    await checked.shake(
        textDocument={"diagnostic": {}}, workspace={"diagnostics": {"refreshSupport": True} if supported else {}}
    )
    checked.open("x")
    known = (await pull(checked))["resultId"]
    assert await checked.command("shadowpen.addWord", "x") == {"added": True}
    bid = [method for method, _ in checked.requested if method == "workspace/diagnostic/refresh"]
    assert len(bid) == supported
    assert (await pull(checked, known))["items"] == []
    await checked.leave()


async def test_a_request_can_be_cancelled_and_a_long_one_is_put_off(
    checked: Abled, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def wait(self: Checker, text: str, language: str) -> list[GrammarFinding]:
        await gate.wait()
        return []

    monkeypatch.setattr(Checker, "check", wait)
    await checked.shake(textDocument={"diagnostic": {}})
    checked.open("x")
    pending = checked.begin(DIAGNOSTIC, {"textDocument": {"uri": URI}})
    checked.notify("$/cancelRequest", {"id": checked.next_id - 1})
    with pytest.raises(Refused, match="cancel"):
        await pending
    monkeypatch.setattr(checked._server.session.grammar, "_answer_s", 0.01)
    errors: list[Any] = []
    monkeypatch.setattr(checked, "write", lambda data: (errors.append(json.loads(data)), Client.write(checked, data)))
    with pytest.raises(Refused, match="Still reading"):
        await pull(checked)
    (error,) = [message["error"] for message in errors if "error" in message]
    assert (error["code"], error["data"]) == (-32802, {"retriggerRequest": True})
    gate.set()
    await checked.leave()


async def test_a_client_that_refuses_the_registration_is_sent_them(checked: Abled) -> None:
    await checked.shake(textDocument={"diagnostic": DYNAMIC})
    checked.open("x")
    checked.send({"id": checked.requested[0][1], "error": {"code": -32601, "message": "no such method"}})
    await until(lambda: pushed(checked), "diagnostics")
    (told,) = pushed(checked)
    assert len(told["diagnostics"]) == 1
    await checked.leave()
