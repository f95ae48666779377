"""The client of a program without an event loop, and of the commands: `WritingClient`.

Typed verbs over `wire.blocking_client`; knows neither ZeroMQ nor models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar

from shadowpen.daemon.client import answers, requests
from shadowpen.daemon.client.answers import CompletedText, ContinuedText, ExpandedNotes, InstalledTask
from shadowpen.daemon.wire.blocking_client import Client
from shadowpen.daemon.wire.protocol import (
    Completion,
    Continuation,
    Expansion,
    Extent,
    Partial,
    Reply,
    Request,
    Status,
    StatusReport,
)

OnText = Callable[[str], None]
ReplyType = TypeVar("ReplyType", bound=Reply)


class WritingClient:
    """A connection to the daemon, for one thread; connected when made. Use it in a `with` block, or `close` it.

    `name` is shown in `shadowpen status`. `start`: start a daemon when none runs. Raises DaemonUnreachable or
    ProtocolMismatch. Every method may raise a ShadowpenError: one sentence in `message`, what to do in `hint`.
    Leaving a method early, by Ctrl-C or an exception of `on_text`, ends the work in the daemon.
    """

    def __init__(self, name: str = "", *, start: bool = True) -> None:
        self._client = Client(name, start=start)
        self._document = f"client:{name}"

    def complete(
        self,
        prefix: str,
        suffix: str = "",
        *,
        extent: Extent = "clause",
        only_if_likely: bool = False,
        on_text: OnText | None = None,
        timeout_ms: float = requests.COMPLETE_TIMEOUT_MS,
    ) -> CompletedText:
        """What comes between `prefix` and `suffix`, up to the end of `extent`.

        `only_if_likely`: as ghost text comes by itself, so there is no text where it would hardly be accepted; then
        `extent` has no meaning. `on_text` gets the text so far, whole, while it is made.
        """
        request = requests.completion(
            self._client.next_id(), self._document, prefix, suffix, extent=extent, only_if_likely=only_if_likely
        )
        return answers.completed(self._ask(request, Completion, timeout_ms, on_text))

    def continue_text(
        self,
        prefix: str,
        suffix: str = "",
        *,
        max_words: int = 80,
        settings: Mapping[str, Any] | None = None,
        on_text: OnText | None = None,
        timeout_ms: float = requests.CONTINUE_TIMEOUT_MS,
    ) -> ContinuedText:
        """Go on with the paragraph after `prefix`, to the end of a sentence within `max_words` (1 to 400).

        `settings` hold for this request in place of those of `[continuation]` in config.toml, for example
        `{"temperature": 0.5}`. `on_text` gets the text so far; its last sentence may yet be taken back.
        """
        request = requests.continuation(
            self._client.next_id(), self._document, prefix, suffix, max_words=max_words, settings=settings
        )
        return answers.continued(self._ask(request, Continuation, timeout_ms, on_text))

    def expand(
        self,
        notes: str,
        *,
        context: str = "",
        free: bool = False,
        max_words: int = 160,
        candidates: int | None = None,
        seed: int = 0,
        settings: Mapping[str, Any] | None = None,
        turns: Sequence[tuple[str, str]] = (),
        on_text: OnText | None = None,
        timeout_ms: float = requests.EXPAND_TIMEOUT_MS,
    ) -> ExpandedNotes:
        """Paragraphs made of `notes`, best first: a sentence for each note, with nothing added but small words.

        `context` is the text before them in the document; its last heading and paragraph are read. `free`: more may be
        said than the notes say, in at most `max_words` (1 to 400); `settings` are for this alone.

        `candidates` (1 to 8) are written side by side. `settings` hold in place of those of `[expansion]` in
        config.toml. The same notes, `seed`, settings and model give the same. `on_text` gets the first paragraph so
        far; another one may be the best in the end.

        `turns` are what was said since, each with the paragraph that it was said about: `[("shorter", first.text)]`.
        The last is what is asked for now. RequestInvalid names the list where the model takes no other instruction.
        """
        request = requests.expansion(
            self._client.next_id(),
            self._document,
            notes,
            context=context,
            free=free,
            max_words=max_words,
            candidates=candidates,
            seed=seed,
            settings=settings,
            turns=turns,
        )
        return answers.expanded(self._ask(request, Expansion, timeout_ms, on_text))

    def tasks(self) -> list[InstalledTask]:
        """The tasks that the daemon can carry out."""
        request = Status(id=self._client.next_id())
        return self._ask(request, StatusReport, requests.STATUS_TIMEOUT_MS, None).report.tasks

    def close(self) -> None:
        """Close the connection; the daemon goes on."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: Request, kind: type[ReplyType], timeout_ms: float, on_text: OnText | None) -> ReplyType:
        def show(partial: Partial) -> None:
            if on_text is not None:
                on_text(partial.text)

        reply = self._client.request(request, timeout_ms, show)
        assert isinstance(reply, kind), reply
        return reply
