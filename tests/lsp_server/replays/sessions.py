"""Logs of people writing, made or read from files, and their replay against a language server.

A log is a list of events [milliseconds, what, ...] as in CoAuthor's logs, reduced:

    init text            the document at the beginning
    ins position text    typed, one key or an input method's word; ins-ai: put in at once, as a paste is
    del position count   deleted
    get                  asked for suggestions by key
    open | accept i | dismiss   a suggestion came, was taken, was waved away
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .driver import AUTOMATIC, INVOKED, URI, Client

Event = list[Any]
Wait = Callable[[float, list[asyncio.Future[Any]]], Awaitable[None]]

DEBOUNCE_MS = 250.0
_CONTINUATIONS = (" and then", " the sea was calm.", " 🥸 你好 again", "ly, he said", "\nA new line of it", " עולם", "")
_PIECES = ("a", "e", " ", "n", " the", ".", "\n", "🥸", "é", "你", "\t", "\r\n", "ש", "👩‍👧", ", ")
_PASTES = ("A sentence from elsewhere, with more words than anybody types at once.\nAnd one more line 🥸.", "x" * 90)


def continuation(prefix: str) -> str:
    """What the model of made sessions says after `prefix`: often something, and always the same."""
    return _CONTINUATIONS[zlib.crc32(prefix.encode()) % len(_CONTINUATIONS)]


def read(path: Path) -> list[Event]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def made(seed: int, events: int) -> list[Event]:
    """A session of all kinds of events: typing, along the model's words too, jumps, deletions, pastes, asking."""
    chance = random.Random(seed)
    text, cursor, now, log = "It began\r\nwith a 🥸 ship.\n", 0, 0, []
    log.append([0, "init", text])

    def put(what: str, piece: str, gap: int) -> None:
        nonlocal text, cursor, now
        now += gap
        log.append([now, what, cursor, piece])
        text, cursor = text[:cursor] + piece + text[cursor:], cursor + len(piece)

    while len(log) < events:
        gap = chance.choice((60, 120, 400, 900))
        match chance.choices(("type", "along", "delete", "jump", "paste", "get"), (9, 4, 3, 2, 1, 2))[0]:
            case "type":
                for _ in range(chance.randint(1, 6)):
                    put("ins", chance.choice(_PIECES), gap)
            case "along":
                said = continuation(_plain(text[:cursor]))
                for letter in said[: chance.randint(0, len(said))]:
                    put("ins", letter, 400)
            case "delete" if cursor:
                count = min(cursor, chance.choice((1, 1, 3, 12)))
                count += text[cursor - count - 1 : cursor - count + 1] == "\r\n"  # there is no place between these
                cursor, now = cursor - count, now + gap
                log.append([now, "del", cursor, count])
                text = text[:cursor] + text[cursor + count :]
            case "jump":
                cursor = chance.choice([at for at in range(len(text) + 1) if text[max(0, at - 1) : at + 1] != "\r\n"])
            case "paste":
                put("ins-ai", chance.choice(_PASTES), gap)
            case "get":
                log += [[now + gap, "get"], [now + gap + 400, "open", []]]
                now += gap + 900
                log.append([now, "accept", 0] if chance.random() < 0.5 else [now, "dismiss"])
    return log


@dataclass
class Tally:
    """What was counted; `wrong` and `stale` describe each item that should not have been sent."""

    sessions: int = 0
    requests: int = 0
    shown: int = 0
    late: int = 0  # answers for text that had moved on: all must be empty
    taken: int = 0
    wrong: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.sessions} sessions, {self.requests} requests, {self.shown} answers with text, {self.late} answers "
            f"after the text had moved on, {self.taken} taken, {len(self.stale)} stale, {len(self.wrong)} wrong ranges"
        )


@dataclass(frozen=True)
class Asked:
    """A request: for which text, where in it, and over which characters a popup has something selected."""

    text: str
    offset: int
    selected: tuple[int, str] | None


class Replay:
    """Plays logs to `client`; `wait` is given the milliseconds to the next event and the requests under way.

    After the last event they are infinitely many: until all requests are answered. `enough` ends a log early.
    """

    def __init__(
        self,
        client: Client,
        wait: Wait,
        tally: Tally,
        chance: random.Random,
        enough: Callable[[], bool] = lambda: False,
    ) -> None:
        self._client = client
        self._wait = wait
        self._chance = chance
        self._enough = enough
        self._asked: dict[int, Asked] = {}
        self._running: list[asyncio.Future[Any]] = []
        self._item: tuple[int, dict[str, Any]] | None = None
        self.tally = tally
        client.on_answer = self._judge

    def asked(self, id: int) -> Asked | None:
        """The request of that id, as long as it has no answer."""
        return self._asked.get(id)

    async def play(self, log: Iterable[Event], uri: str = URI) -> None:
        events = [*log]
        self._client.open(events[0][2], uri)
        cursor = len(events[0][2])
        for event, following in zip(events[1:], [*events[2:], None], strict=True):
            if self._enough():
                break
            cursor = await self._do(event, cursor, uri)
            gap = following[0] - event[0] if following else DEBOUNCE_MS
            if event[1] in ("ins", "del", "ins-ai") and gap > DEBOUNCE_MS:
                self._ask(cursor, uri, AUTOMATIC)
                gap -= DEBOUNCE_MS
            await self._wait(gap, self._running)
            self._running = [future for future in self._running if not future.done()]
        await self._wait(math.inf, self._running)
        assert self._client.believed(uri) == self._client.text[uri]
        self._client.shut(uri)
        self.tally.sessions += 1

    async def _do(self, event: Event, cursor: int, uri: str) -> int:
        """Carry out one event; where the cursor is then."""
        match event[1:]:
            case ["ins" | "ins-ai", at, text]:
                self._edit(at, at, text, uri)
                return int(at + len(text))
            case ["del", at, count]:
                self._edit(at, at + count, "", uri)
                return int(at)
            case ["get"]:
                self._ask(cursor, uri, INVOKED)
            case ["accept", *_]:
                self._take_and_undo(cursor, uri)
            case ["dismiss", *_] if self._item is not None:
                await self._client.command("shadowpen.dismiss", self._item[1]["command"]["arguments"][0])
                self._item = None
        return cursor

    def _edit(self, start: int, end: int, text: str, uri: str) -> None:
        self._item = None
        self._client.edit(start, min(end, len(self._client.text[uri])), text, uri)

    def _take_and_undo(self, cursor: int, uri: str) -> None:
        """Whole; taken back at once, since the log goes on without it."""
        if self._item is not None and self._item[0] == cursor:
            text = self._item[1]["command"]["arguments"][1]
            self._edit(cursor, cursor, text, uri)
            self._edit(cursor, cursor + len(text), "", uri)
            self.tally.taken += 1

    def _ask(self, cursor: int, uri: str, kind: int) -> None:
        text = self._client.text[uri]
        selected = self._popup(text[:cursor])
        popup = selected and {"range": self._client.span(selected[0], cursor, uri), "text": selected[1]}
        params = self._client.asking(cursor, uri, kind, popup)
        self._asked[self._client.next_id] = Asked(text, cursor, selected)
        self._running.append(self._client.begin("textDocument/inlineCompletion", params))
        self.tally.requests += 1

    def _popup(self, before: str) -> tuple[int, str] | None:
        """Now and then a popup has a word selected, which the model may or may not go on from."""
        word = before.split("\n")[-1].split(" ")[-1]
        if not word or "\r" in word or self._chance.random() > 0.15:
            return None
        return len(before) - len(word), word + self._chance.choice(("", "ly", continuation(_plain(before))[:3], "qu"))

    def _judge(self, id: int, result: Any) -> None:
        """Look at an answer at the moment it is sent."""
        asked = self._asked.pop(id, None)
        if asked is None or not isinstance(result, dict):
            return
        now = self._client.text.get(URI)
        self.tally.late += now != asked.text
        for item in result["items"]:
            self.tally.shown += 1
            if now != asked.text:
                self.tally.stale.append(repr((item["insertText"], asked.offset)))
            else:
                self._check(item, asked)
                self._item = (asked.offset, item)

    def _check(self, item: dict[str, Any], asked: Asked) -> None:
        """The range is what was asked for, and with the item in it the text is the text and the suggestion."""
        start = asked.offset if asked.selected is None else asked.selected[0]
        suggested = item["command"]["arguments"][1]
        expected = asked.text[: asked.offset] + suggested + asked.text[asked.offset :]
        right = (
            self._client.covered(item, asked.offset) == (start, asked.offset)
            and self._client.after(item, asked.offset) == expected
            and suggested.strip()
            and (asked.selected is None or item["insertText"].startswith(asked.selected[1]))
        )
        if not right:
            self.tally.wrong.append(repr(item))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
