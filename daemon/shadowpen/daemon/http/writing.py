"""Ask the daemon for the text that a request wants. Knows neither HTTP nor the wire, only the client."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from shadowpen.daemon.client.asynchronous import AsyncWritingClient
from shadowpen.daemon.http.cutting import CutText, cut, settled
from shadowpen.daemon.http.verbs import WantedText
from shadowpen.daemon.text.sentences import whole_sentences

_MOST_CANDIDATES = 8

OnText = Callable[[str], None]


class Busy(Exception):
    """As many texts are under way as there are places."""


class Places:
    """Keys of documents for the daemon, a few that are used again and again.

    A program that asks for one text after the other gets the same place each time, and the daemon goes on from what it
    has read there; those who ask at the same time get others, so that none displaces another.
    """

    def __init__(self, count: int) -> None:
        self._free = list(range(count))

    @contextlib.contextmanager
    def taken(self) -> Iterator[str]:
        """The first free place; Busy if there is none."""
        if not self._free:
            raise Busy
        number = min(self._free)
        self._free.remove(number)
        try:
            yield f"serve:{number}"
        finally:
            self._free.append(number)


async def write(
    client: AsyncWritingClient, document: str, wanted: WantedText, on_text: OnText | None = None
) -> Sequence[CutText]:
    """The texts, best first, at least one and at most as many as wanted.

    `on_text` gets each longer beginning of the first, if it can be told before the end: none of it is taken back.
    """

    def grown(text: str) -> None:
        if on_text is not None:
            on_text(settled(text, wanted.stops, wanted.most_words))

    if wanted.verb == "complete":
        completed = await client.complete(
            wanted.text,
            wanted.suffix,
            document=document,
            extent=wanted.extent,
            only_if_likely=wanted.only_if_likely,
            on_text=grown,
        )
        texts = [completed.text, *completed.alternatives]
    elif wanted.verb == "continue":
        continued = await client.continue_text(
            wanted.text,
            wanted.suffix,
            document=document,
            max_words=wanted.most_words or 80,
            settings=wanted.settings,
            on_text=lambda text: grown(whole_sentences(text)),
        )
        texts = [continued.text]
    else:
        expanded = await client.expand(
            wanted.text,
            document=document,
            max_words=wanted.most_words or 160,
            candidates=min(wanted.count, _MOST_CANDIDATES) if wanted.count > 1 else None,
            seed=wanted.seed,
            settings=wanted.settings,
        )
        texts = [paragraph.text for paragraph in expanded.paragraphs] or [""]
    return [cut(text, wanted.stops, wanted.most_words) for text in texts[: wanted.count]]
