"""Find expansions and continuations in the document once the user accepts them.

No client reports it reliably, so the text tells: one of them stands where it was asked for, whatever the blanks and
line ends between its words. This file knows neither the daemon's connection nor where what was taken is kept.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from shadowpen.daemon.wire.protocol import (
    Continuation,
    Continue,
    Expand,
    Expansion,
    Partial,
    Reply,
    RunVerb,
    VerbResult,
)
from shadowpen.lsp_server.documents.context import plain_ends
from shadowpen.lsp_server.documents.documents import DocumentEdit, OpenDocument
from shadowpen.lsp_server.documents.last_edit import net_of
from shadowpen.lsp_server.documents.positions import Point
from shadowpen.lsp_server.documents.spans import TextSpan
from shadowpen.lsp_server.ghost_text.suggestions import CONTEXT_CHARACTERS, Display, SuggestionRecord
from shadowpen.lsp_server.writing.threads import ExpansionThreads
from shadowpen.lsp_server.writing.writing import AskForText

_A_DOCUMENT = 8  # orders whose text may still be taken
_BLANKS = 64  # characters around a paragraph that a client may add
_LITTLE = 30  # characters
_SHORT = 4_000  # characters of a verb's text that is looked for at each key
_MENTION = re.compile(r"(?i)(?:please )?(?:also )?mention (?:that )?(\S.*?)[.!]?")


@dataclass(eq=False)
class _Order:
    """What was asked for behind `before`, and the `texts` that came of it."""

    id: str
    notes: str
    mentioned: str  # what the user had it mention beside the notes, a line each
    before: TextSpan
    texts: Sequence[str] = ()
    model: str = ""
    task: str = "expand"
    is_own: bool = True  # False for a verb's text: it is the user's own in other words or another place
    is_followed: bool = True  # False where nobody could tell when it was taken

    patterns: Sequence[re.Pattern[str]] = ()  # of the texts, as they may stand in the document

    def answer(self, texts: Sequence[str], model: str) -> None:
        """These came of it. Their patterns are made here, once: they are looked for at each key."""
        # An editor may put the paragraph in before it takes the notes out.
        notes = f"(?P<notes>{_words(self.notes)})?" if self.notes else "(?P<notes>)"
        self.texts, self.model = texts, model
        self.patterns = [re.compile(rf"\s*{notes}\s*(?P<text>{_words(text)})(?!\w)") for text in texts]

    def may_come_of(self, inserted: str) -> bool:
        """Whether an edit that puts in `inserted` may put in one of the texts."""
        if self.is_own:
            return bool(inserted)
        # The texts of verbs may be long, and then only matter where they would be taken for pasted.
        return _is_much(inserted) or (self.is_followed and all(len(text) <= _SHORT for text in self.texts))


@dataclass
class TakenParagraphs:
    """`on_taken` is given the record of a paragraph that was taken, and the notes that it was made of.

    `on_verb_taken` is given the record of a verb's text.
    """

    on_taken: Callable[[SuggestionRecord, str], None]
    on_verb_taken: Callable[[SuggestionRecord], None]
    threads: ExpansionThreads = field(default_factory=ExpansionThreads)
    _orders: dict[str, deque[_Order]] = field(default_factory=dict)

    def noting(self, document: OpenDocument, place: Point, ask: AskForText) -> AskForText:
        """`ask`, whose answers are known again when they are put at `place`."""

        async def asked(
            message: Continue | Expand | RunVerb,
            timeout_s: float,
            *,
            patient: bool,
            on_partial: Callable[[Partial], None],
        ) -> Reply:
            notes, mentioned = (message.notes, _mentioned(message)) if isinstance(message, Expand) else ("", "")
            order = _Order(message.id, notes, mentioned, TextSpan(Point(0, 0), place))
            if isinstance(message, RunVerb):
                order.task, order.is_own = message.verb, False
            elif isinstance(message, Continue):
                order.task = "continue"
            self._orders.setdefault(document.uri, deque(maxlen=_A_DOCUMENT)).append(order)
            given = message.text if isinstance(message, RunVerb) else ""
            reply = await ask(message, timeout_s, patient=patient, on_partial=on_partial)
            if isinstance(reply, Continuation | Expansion | VerbResult):
                texts = reply.candidates if isinstance(reply, Expansion) else [reply.text]
                order.answer([text for text in texts if text.strip() and text != given], reply.model)
                # A summary may begin as the text below it does, and a list differ from it by its line ends alone.
                order.is_followed = order.is_own or not any(_found(document, order))
            return reply

        return asked

    def changed(self, document: OpenDocument, edit: DocumentEdit) -> bool:
        """Follow an edit that `document` already contains; True where it put one of the paragraphs there."""
        orders = self._orders.get(document.uri)
        if orders is None:
            return False
        net = net_of(edit)
        for order in orders:
            order.before.move(net)
        looked_at = [order for order in orders if order.may_come_of(net.inserted)]
        found = [taken for order in looked_at for taken in _found(document, order)]
        if not found:
            return False
        # One paragraph may begin as another does, where a sentence was added to it.
        taken = max(found, key=lambda each: len(each.text))
        place = taken.order.before.end
        kept = [order for order in orders if order.before.end != place]  # nothing else is taken there any more
        self._orders[document.uri] = deque(kept, maxlen=_A_DOCUMENT)
        if taken.order.is_own:
            self.threads.end(document.uri)
            self.on_taken(_record(document, taken), "\n".join(filter(None, (taken.order.notes, taken.order.mentioned))))
        elif taken.order.is_followed:
            self.on_verb_taken(_record(document, taken))
        return True

    def close(self, uri: str) -> None:
        self._orders.pop(uri, None)
        self.threads.end(uri)


@dataclass(frozen=True)
class _Taken:
    """The `text` of `order` that stands at `span`, and where the user's own text `before` it ends."""

    order: _Order
    span: TextSpan
    text: str
    before: Point


def _is_much(text: str) -> bool:
    """Whether an insertion may be judged as pasted."""
    return len(text) > _LITTLE or "\n" in text


def _mentioned(request: Expand) -> str:
    """What its turns had it mention, a line each."""
    said = [_MENTION.fullmatch(turn.instruction.strip()) for turn in request.turns]
    return "\n".join(match[1] for match in said if match is not None)


def _found(document: OpenDocument, order: _Order) -> Iterator[_Taken]:
    """The texts of `order` that stand where they were asked for."""
    place = document.lines.clamp(order.before.end)
    for text, pattern in zip(order.texts, order.patterns, strict=True):
        following = document.lines.after(place, 2 * (len(order.notes) + len(text)) + _BLANKS)
        found = pattern.match(following)
        if found is not None:
            start = place.after(following[: found.start("text")])
            span = TextSpan(start, start.after(found["text"]))
            yield _Taken(order, span, plain_ends(found["text"]), before=place if found["notes"] else start)


def _words(text: str) -> str:
    """A pattern for the words of `text`, whatever blanks stand between them."""
    return r"\s+".join(map(re.escape, text.split()))


def _record(document: OpenDocument, taken: _Taken) -> SuggestionRecord:
    """The paragraph as a suggestion of which all was taken."""
    context = plain_ends(document.lines.before(taken.before, CONTEXT_CHARACTERS))
    text, span = taken.text, taken.span
    display = Display(span.end, "", context, "", time.time(), begun=span.start, passed=text, accepted=text)
    return SuggestionRecord(
        id=taken.order.id,
        uri=document.uri,
        language=document.language,
        model=taken.order.model,
        before="",
        after="",
        whole=False,
        text=text,
        final=True,
        can_be_typed_along=False,
        task=taken.order.task,
        display=display,
    )
