"""What clients of different abilities get: menus, alternatives, explanations, actions, settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from shadowpen.daemon.base import store
from shadowpen.daemon.wire.protocol import Complete, Completion, Explanation, Reply, Request, Source, Suggestion

from ..abled import GHOST, Abled
from ..replays.driver import INVOKED, URI, Refused

RESOLVING = {"dataSupport": True, "resolveSupport": {"properties": ["edit", "command"]}}
HARD = {
    "emoji": "Ein 🥸 Tag 🥸🥸\n🥸 zwei",
    "cjk": "你好,世界。\n再见 𠀀 朋友们",
    "crlf": "one\r\ntwo é\r\n\r\nthree 🥸\r\n",
    "tabs": "\tone\t\ttwo\n\t- three 🥸\t",
    "right-to-left": "שלום עולם\nمرحبا بالعالم 🥸\u200f",
    "combined": "e\u0301cole na\u0131\u0308ve\nप्रकाश 각",
}


def offers(*texts: str) -> Callable[[Request], Reply]:
    def answer(request: Request) -> Reply:
        assert isinstance(request, Complete)
        found = [Suggestion(text=text, probability=0.5) for text in texts[: 3 if request.explicit else 1]]
        return Completion(id=request.id, suggestions=found, model="m@base", reason="" if texts else "unsure")

    return answer


# --- the menu ------------------------------------------------------------------------------------------


async def test_an_item_repeats_the_word_it_is_found_by(client: Abled) -> None:
    client.daemon.suggests("ck brown\nfox")
    await client.shake(textDocument={"completion": {}})
    client.open("Say: the qui")
    (item,) = await client.menu(12)
    assert item["label"] == "quick brown ⏎"
    assert item["filterText"] == "quick brown"
    assert item["textEdit"] == {"range": client.span(9, 12), "newText": "quick brown\nfox"}
    assert (item["kind"], item["insertTextFormat"], item["insertTextMode"]) == (1, 1, 1)
    assert item["documentation"] == {"kind": "plaintext", "value": "quick brown\nfox"}
    assert item["command"]["command"] == "shadowpen.accept"
    assert item["command"]["arguments"][1] == "ck brown\nfox"
    await client.leave()


async def test_nothing_is_an_empty_list_that_is_asked_for_again(client: Abled) -> None:
    client.daemon.suggests("")
    await client.shake()
    client.open("The quick")
    assert await client.menu(9) == []
    place = {"textDocument": {"uri": "file:///writing/unknown.md"}, "position": {"line": 0, "character": 0}}
    assert (await client.request("textDocument/completion", place))["items"] == []
    await client.leave()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
async def test_items_of_the_menu_stand_at_the_very_place_and_are_seen_when_taken(
    client: Abled, text: str, encoding: str
) -> None:
    await client.shake(encoding)
    for offset in range(len(text) + 1):
        if text[max(0, offset - 1) : offset + 1] == "\r\n":
            continue
        client.open(text)
        (item,) = await client.menu(offset)
        span = item["textEdit"]["range"]
        start, end = client.offset(span["start"]), client.offset(span["end"])
        assert end == offset
        assert item["textEdit"]["newText"] == text[start:end] + GHOST
        client.edit(start, end, item["textEdit"]["newText"])
        await client.command("shadowpen.accept", *item["command"]["arguments"])
        assert client.journal("accepted")[-1]["taken"] == GHOST
        client.shut()
    await client.leave()


async def test_who_asks_again_at_the_same_place_gets_several_and_whichever_is_taken_is_seen(client: Abled) -> None:
    client.daemon.answers["Complete"] = offers(" fox", " cat sleeps", " dog")
    await client.shake()
    client.open("The quick")
    assert [item["label"] for item in await client.menu(9)] == ["quick fox"]
    items = await client.menu(9)
    assert [item["label"] for item in items] == ["quick fox", "quick cat sleeps", "quick dog"]
    assert [item["sortText"] for item in items] == ["~0", "~1", "~2"]
    client.edit(4, 9, "quick cat sleeps")
    await client.command("shadowpen.accept", *items[1]["command"]["arguments"])
    (taken,) = client.journal("accepted")
    assert (taken["taken"], taken["suggested"], taken["id"]) == (
        " cat sleeps",
        " cat sleeps",
        items[1]["command"]["arguments"][0],
    )
    assert (await client.counts())["accepted"] == 1
    assert ("taken", len(" cat sleeps")) in client.outcomes()
    await client.leave()


# --- several at once -----------------------------------------------------------------------------------


async def test_ghost_text_on_request_is_several_and_each_can_be_taken_in_any_way(client: Abled) -> None:
    client.daemon.answers["Complete"] = offers(" the fox ran. It", " that cat", " dogs")
    await client.shake(textDocument={"inlineCompletion": {}})
    for taken, command in ((" the", False), (" that cat", True), (" dogs", False), (" the fox ran.", False)):
        client.open("I saw")
        items = await client.ask(5, kind=INVOKED)
        assert [item["insertText"] for item in items] == [" the fox ran. It", " that cat", " dogs"]
        client.edit(5, 5, taken)
        (item,) = [item for item in items if item["insertText"].startswith(taken)]
        if command:
            await client.command("shadowpen.accept", *item["command"]["arguments"])
        client.shut()
        await client.counts()
        assert client.journal("accepted")[-1]["taken"] == taken
    assert (await client.counts())["accepted"] == 4
    await client.leave()


async def test_of_several_the_one_that_is_typed_along_stays(client: Abled) -> None:
    client.daemon.answers["Complete"] = offers(" the fox", " that cat sleeps", " dogs")
    await client.shake(textDocument={"inlineCompletion": {}})
    client.open("I saw")
    items = await client.ask(5, kind=INVOKED)
    for offset, letter in enumerate(" tha", start=5):
        client.edit(offset, offset, letter)
    assert await client.texts(9) == ["t cat sleeps"]
    client.edit(9, 9, "t cat")
    await client.counts()
    (taken,) = client.journal("accepted")
    assert taken["id"] == items[1]["command"]["arguments"][0]
    await client.leave()


async def test_dismissing_one_of_several_dismisses_all(client: Abled) -> None:
    client.daemon.answers["Complete"] = offers(" fox", " cat", " dog")
    await client.shake(textDocument={"inlineCompletion": {}})
    client.open("The quick")
    items = await client.ask(9, kind=INVOKED)
    await client.command("shadowpen.dismiss", items[2]["command"]["arguments"][0])
    assert [kind for kind, _ in client.outcomes()] == ["shown", "dismissed"]
    client.daemon.answers["Complete"] = offers()
    assert await client.texts(9) == []
    await client.leave()


# --- why -----------------------------------------------------------------------------------------------

REMEMBERED = Explanation(
    id="",
    reason="offered",
    probability=0.61,
    likelihood=0.4,
    remembered=1.0,
    sources=[Source(document="/home/me/notes/my_2023.md", line=12), Source(document="untitled:Untitled-1")],
    model="m@2",
)


async def test_hovering_over_ghost_text_says_why_it_is_there(client: Abled) -> None:
    client.daemon.answers["Why"] = REMEMBERED
    await client.shake(textDocument={"inlineCompletion": {}})
    client.open("Say 🥸 quick now")
    (item,) = await client.ask(11)
    assert (await client.hover(11))["contents"] == {
        "kind": "markdown",
        "value": "Shadowpen: 61% likely to be accepted\n\n"
        "from your own text: [notes/my\\_2023.md line 12](file:///home/me/notes/my_2023.md#L12), untitled:Untitled-1",
    }
    assert client.daemon.of("Why")[-1].of == item["command"]["arguments"][0]  # type: ignore[union-attr]
    for offset in (0, 10, 12, 16):
        assert await client.hover(offset) is None
    client.edit(11, 11, " ")
    assert (await client.hover(12)) is not None, "typed along"
    client.edit(12, 12, "x")
    assert await client.hover(13) is None
    await client.leave()


async def test_a_client_that_shows_plain_text_gets_it(client: Abled) -> None:
    client.daemon.answers["Why"] = Explanation(
        id="", reason="offered", probability=0.5, likelihood=0.25, model="m@2", explicit=True
    )
    await client.shake(textDocument={"inlineCompletion": {}, "hover": {"contentFormat": ["plaintext"]}})
    client.open("The quick")
    await client.ask(9, kind=INVOKED)
    assert (await client.hover(9))["contents"] == {
        "kind": "plaintext",
        "value": "Shadowpen: asked for, 50% likely to be accepted\n"
        "written by your version 2 of the model m, 25% sure of all of it",
    }
    await client.leave()


async def test_why_nothing_is_shown(client: Abled) -> None:
    client.daemon.answers["Complete"] = offers()
    client.daemon.answers["Why"] = Explanation(id="", reason="repeats_suffix", model="m@2")
    await client.shake(textDocument={"inlineCompletion": {}})
    client.open("The quick")
    assert await client.hover(9) is None
    assert await client.texts(9) == []
    assert "nothing shown: it repeats the text after the cursor" in (await client.hover(9))["contents"]["value"]
    assert await client.hover(8) is None
    client.edit(9, 9, "!")
    assert await client.hover(9) is None
    await client.leave()


async def test_the_command_returns_the_same_as_data(client: Abled) -> None:
    client.daemon.answers["Why"] = REMEMBERED
    await client.shake(textDocument={"inlineCompletion": {}})
    assert await client.command("shadowpen.why") is None
    client.open("The quick")
    await client.ask(9)
    told = await client.command("shadowpen.why", URI, client.place(9))
    assert told == await client.command("shadowpen.why")
    assert (told["shown"], told["reason"], told["model"], told["remembered"]) == (True, "offered", "m@2", 1.0)
    assert told["text"].startswith("Shadowpen: ") and "notes/my_2023.md line 12" in told["text"]
    assert told["sources"][0] == {"document": "/home/me/notes/my_2023.md", "line": 12}
    with pytest.raises(Refused, match="needs the arguments"):
        await client.command("shadowpen.why", URI)
    await client.leave()


async def test_an_older_daemon_or_one_that_forgot_explains_nothing(client: Abled) -> None:
    client.daemon.answers["Why"] = Explanation(id="")
    await client.shake(textDocument={"inlineCompletion": {}})
    client.open("The quick")
    await client.ask(9)
    assert await client.hover(9) is None
    told = await client.command("shadowpen.why")
    assert "no longer known" in told["text"] and not told["shown"]
    await client.leave()


# --- code actions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_one_character_that_is_selected_as_the_cursor_is_not_notes(client: Abled, encoding: str) -> None:
    await client.shake(encoding)
    client.open("Ein 🥸 Tag\n会议 Anna")
    for start, end in ((4, 5), (9, 10), (10, 11), (3, 5), (0, 1)):
        titles = [action["title"] for action in await client.actions(start, end)]
        assert titles == ["Continue paragraph", "Correct spelling and grammar"]
    for start, end in ((0, 3), (9, 13), (10, 12)):
        titles = [action["title"] for action in await client.actions(start, end)]
        assert titles[:3] == ["Expand into a paragraph", "Continue paragraph", "Correct spelling and grammar"]
    await client.leave()


async def test_a_client_that_resolves_commands_gets_them_when_it_wants_them(client: Abled) -> None:
    await client.shake(textDocument={"codeAction": RESOLVING}, workspace={"applyEdit": True})
    client.open("tea, milk")
    for listed in await client.actions(0, 9):
        assert "command" not in listed and "edit" not in listed
        resolved = await client.request("codeAction/resolve", listed)
        assert resolved["command"] == {"title": listed["title"], **listed["data"]}
        assert resolved["title"] == listed["title"]
    await client.leave()


async def test_a_client_that_resolves_edits_alone_but_applies_ours_gets_the_command_at_once(client: Abled) -> None:
    edits = {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}
    await client.shake(textDocument={"codeAction": edits}, workspace={"applyEdit": True})
    client.open("tea, milk")
    listed = await client.actions(0, 9)
    called = [action["command"]["command"] for action in listed]
    assert called == ["shadowpen.expand", "shadowpen.continue", *["shadowpen.verb"] * 12]
    assert await client.request("codeAction/resolve", listed[0]) == listed[0]
    await client.leave()


@pytest.mark.parametrize("versions", [True, False])
async def test_a_client_that_cannot_be_sent_an_edit_gets_it_by_resolving(client: Abled, versions: bool) -> None:
    client.daemon.expands("We had tea with milk.")
    await client.shake(
        textDocument={"codeAction": RESOLVING}, workspace={"workspaceEdit": {"documentChanges": versions}}
    )
    client.open("🥸 tea, milk\n")
    expand, *_ = await client.actions(1, 12)
    edit = (await client.request("codeAction/resolve", expand))["edit"]
    change = {"range": client.span(2, 11), "newText": "We had tea with milk."}
    if versions:
        assert edit["documentChanges"][0]["edits"] == [change]
    else:
        assert edit == {"changes": {URI: [change]}}
    await client.leave()


async def test_resolving_is_cancelled_with_its_request_and_refused_with_the_reason(client: Abled) -> None:
    await client.shake(textDocument={"codeAction": RESOLVING})
    client.open("tea, milk")
    expand, *_ = await client.actions(0, 9)
    pending = client.begin("codeAction/resolve", expand)
    await client.daemon.wait_for("Expand")
    client.notify("$/cancelRequest", {"id": client._asked})
    with pytest.raises(Refused):
        await pending
    while not client.daemon.cancelled:
        await asyncio.sleep(0)
    client.daemon.expands()
    with pytest.raises(Refused, match="nothing"):
        await client.request("codeAction/resolve", expand)
    for data in (None, 7, {"command": "shadowpen.learn", "arguments": ["on"]}):
        foreign = {"title": "Fix", "data": data}
        assert (await client.request("codeAction/resolve", foreign)).get("command") is None
    with pytest.raises(Refused):
        await client.request("codeAction/resolve", {**expand, "data": {"command": "shadowpen.expand"}})
    await client.leave()


# --- settings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", ["model", "engine", "command", "learning", "folders", "include", "min_probability", "transport", "manual"]
)
async def test_an_editor_cannot_set_what_is_the_authors(client: Abled, key: str) -> None:
    await client.shake(textDocument={"inlineCompletion": {}})
    settings = {"shadowpen": {key: "anything", "exclude": ["*.secret"]}}
    client.notify("workspace/didChangeConfiguration", {"settings": settings})
    client.open("The quick", uri="file:///writing/a.secret")
    assert await client.texts(9, uri="file:///writing/a.secret") == []
    assert any(f"no option '{key}'" in message for message in client.messages())
    await client.leave()


async def test_an_editor_cannot_take_an_exclusion_away(client: Abled) -> None:
    store.write_atomic(store.layout().config_file, b'[learning]\nexclude = ["*.private"]\n')
    await client.shake(textDocument={"inlineCompletion": {}})
    client.notify("workspace/didChangeConfiguration", {"settings": {"shadowpen": {"exclude": []}}})
    for name in ("a.private", ".env"):
        client.open("The quick", uri=f"file:///writing/{name}")
        assert await client.texts(9, uri=f"file:///writing/{name}") == []
    assert client.daemon.of("Complete") == []
    await client.leave()
