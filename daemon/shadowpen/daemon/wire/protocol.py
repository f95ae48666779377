"""Messages between a client and the daemon, their encoding, and the protocol's version.

Typed MessagePack (msgspec), one message a ZeroMQ frame, told apart by the tag `type`. A client sends
`Hello` first; every request carries an `id` of its own choosing and gets exactly one final reply
(Completion, Continuation, Expansion, VerbResult, Explanation, Done, AttentionReport, LogReport, StatusReport, Welcome
or Failure), before it any number of `Partial`.
This file knows neither sockets nor the model.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from shadowpen.daemon.base.errors import RequestInvalid, ShadowpenError, from_code
from shadowpen.daemon.wire.journal_events import ReportedEvent, encode_event
from shadowpen.daemon.wire.reports import DaemonReport, DaemonState

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 2 * 1024 * 1024  # answered with an error beyond
MAX_FRAME_BYTES = 16 * 1024 * 1024  # disconnected beyond
MAX_TEXT_CHARACTERS = 64_000  # of a prefix or suffix
LONGEST_PAUSE_MINUTES = 366 * 24 * 60
MOST_CHARACTERS = 1_000_000  # of a text that was offered
MOST_EVENTS = 1000  # of a Record
MOST_SEED = 2**53
MOST_OPTIONS = 32  # of a verb
MOST_TURNS = 16  # about one expansion
MOST_INSTRUCTION = 400  # characters
MOST_SHOWN = 16_000  # characters of a paragraph that a turn is about
_QUOTED = 200  # characters of a reason

# Every field that comes from outside has limits where it enters: sums of such numbers fit the wire, and no id, name or
# list costs more than a message may.
_Id = Annotated[str, msgspec.Meta(max_length=256)]
_Document = Annotated[str, msgspec.Meta(max_length=16_384)]
_Name = Annotated[str, msgspec.Meta(max_length=256)]
_Level = Annotated[int, msgspec.Meta(ge=0, le=99)]
_Small = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
_Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
VerbOption = Annotated[str, msgspec.Meta(max_length=4096)] | bool | int | float


class Message(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True, kw_only=True):
    """The base of all messages; `id` joins a request with its replies."""

    id: _Id


# --- client → daemon ---------------------------------------------------------------------------------


class Hello(Message, tag="hello", frozen=True, kw_only=True):
    """The first message of a connection."""

    protocol: _Int32 = PROTOCOL_VERSION
    client: str = ""
    version: str = ""


Extent = Literal["word", "clause", "sentence", "line", "paragraph"]
LastEdit = Literal["", "typed", "deleted", "pasted", "undone"]
PauseWish = Annotated[float, msgspec.Meta(ge=0, le=LONGEST_PAUSE_MINUTES)] | Literal["tomorrow", "on"]
OutcomeKind = Literal["shown", "taken", "typed_over", "dismissed", "typed_out", "left"]


class Complete(Message, tag="complete", frozen=True, kw_only=True):
    """Request: ghost text.

    Ghost text for the place between `prefix` and `suffix` of `document` (an opaque key, one per text).

    `last_edit` says what the author did last there; "" is unknown. `headings` are those that the beginning of `prefix`
    is under, each with its level.

    Asked for by a key (`explicit`), the text goes as far as `extent`, is sent in `Partial`s as it is made, and begins
    with `shown`, which stands on the screen already. Where that has reached `extent`, the next larger one is meant.
    """

    document: _Document
    prefix: str
    suffix: str = ""
    version: _Int32 | None = None
    language: _Name = "plaintext"
    deadline_ms: Annotated[int, msgspec.Meta(ge=0, le=600_000)] | None = None
    explicit: bool = False
    last_edit: LastEdit = ""
    headings: Annotated[list[tuple[_Level, str]], msgspec.Meta(max_length=100)] = []
    extent: Extent = "clause"
    shown: str = ""


class Sampling(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How a text is drawn, for this request alone; what is None is as the settings of the verb have it.

    The fields are those of `base.sections.SamplingSettings`, within the same limits.
    """

    do_sample: bool | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0.01, le=2)] | None = None
    top_p: Annotated[float, msgspec.Meta(ge=0.01, le=1)] | None = None
    top_k: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None
    repetition_penalty: Annotated[float, msgspec.Meta(ge=1, le=2)] | None = None
    max_new_tokens: Annotated[int, msgspec.Meta(ge=0, le=4096)] | None = None


class Continue(Message, tag="continue", frozen=True, kw_only=True):
    """Request: continue a paragraph.

    Go on with the paragraph after `prefix`; text arrives in `Partial`s as it is made.
    """

    document: _Document
    prefix: str
    suffix: str = ""
    max_words: _Small = 80
    sampling: Sampling = Sampling()


class Turn(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the user said about the paragraph that was `shown`, such as "shorter" or "mention the roof"."""

    instruction: Annotated[str, msgspec.Meta(max_length=MOST_INSTRUCTION)]
    shown: Annotated[str, msgspec.Meta(max_length=MOST_SHOWN)]


class Expand(Message, tag="expand", frozen=True, kw_only=True):
    """Request: expand notes.

    Make a paragraph of `notes`; `candidates` come back best first (None: as many as the settings say). Nothing is added
    to the notes but small words, unless it is `free`. `heading` and `before`: the heading they stand below and the
    paragraph before them. `turns` are what was said about it since, the oldest first: the last is what is asked for
    now, of the paragraph that it was said about.
    """

    document: _Document
    notes: str
    free: bool = False
    heading: str = ""
    before: str = ""
    candidates: _Small | None = None
    seed: Annotated[int, msgspec.Meta(ge=-MOST_SEED, le=MOST_SEED)] = 0
    max_words: _Small = 160
    sampling: Sampling = Sampling()
    turns: Annotated[list[Turn], msgspec.Meta(max_length=MOST_TURNS)] = []


class RunVerb(Message, tag="verb", frozen=True, kw_only=True):
    """Request: carry out the task that is registered under the name `verb` on `text`.

    `before` is what stands above it in the document, for tasks that read on from there. `language` is the editor's name
    of the markup. `options` are the task's own; one that it does not know is refused.
    """

    document: _Document
    verb: _Name
    text: str
    before: str = ""
    language: _Name = "markdown"
    options: Annotated[dict[_Name, VerbOption], msgspec.Meta(max_length=MOST_OPTIONS)] = {}


class Prepare(Message, tag="prepare", frozen=True, kw_only=True):
    """Request: warm a document's cache.

    Warm the cache for `prefix`; nothing waits for the reply.
    """

    document: _Document
    prefix: str


class Cancel(Message, tag="cancel", frozen=True, kw_only=True):
    """Drop the request `target` of this client; that one is answered with RequestCancelled."""

    target: _Id


class Close(Message, tag="close", frozen=True, kw_only=True):
    """The document is closed in this client: its cache may go."""

    document: _Document


class Record(Message, tag="record", frozen=True, kw_only=True):
    """Request: store journal events.

    `events` are encoded each by itself (see journal_events), so that one that is malformed costs no other its place.

    Done means: on the disk, but for those that it names in `refused`.
    """

    events: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MOST_EVENTS)]

    @classmethod
    def of(cls, events: Iterable[ReportedEvent], request_id: str) -> Record:
        return cls(id=request_id, events=[encode_event(event) for event in events])


class Outcome(Message, tag="outcome", frozen=True, kw_only=True):
    """What became of the text offered in answer to the request `of`; nobody waits for the reply.

    First "shown", when it came to the screen. "taken" comes with each piece, `characters` being all that was taken so
    far. Else "typed_over" (something else was typed), "dismissed" (by a key), "typed_out" (letter by letter to its
    end) or "left" (the author turned elsewhere).
    """

    of: _Id
    kind: OutcomeKind
    characters: Annotated[int, msgspec.Meta(ge=0, le=MOST_CHARACTERS)] = 0


class Attend(Message, tag="attention", frozen=True, kw_only=True):
    """Change when ghost text comes by itself, in every editor; what is None stays as it is.

    `pause`: for so many minutes (0: go on), until "tomorrow", or "on": until told otherwise. `manual`: only by a key.
    """

    pause: PauseWish | None = None
    manual: bool | None = None


class Why(Message, tag="why", frozen=True, kw_only=True):
    """Ask why something, or nothing, was offered in answer to the request `of`, one of the last few hundred."""

    of: _Id


class Log(Message, tag="log", frozen=True, kw_only=True):
    """Ask for the last `count` decisions to show something or not."""

    count: _Small = 50


class Reload(Message, tag="reload", frozen=True, kw_only=True):
    """Serve what the registry's `current` names now; Done when the new version answers."""


class Status(Message, tag="status", frozen=True, kw_only=True):
    """Ask for a StatusReport."""


class Shutdown(Message, tag="shutdown", frozen=True, kw_only=True):
    """End gracefully: running requests are cancelled, the journal is closed, then Done."""


Request = (
    Hello
    | Complete
    | Continue
    | Expand
    | RunVerb
    | Prepare
    | Cancel
    | Close
    | Outcome
    | Attend
    | Why
    | Log
    | Record
    | Reload
    | Status
    | Shutdown
)

# --- daemon → client ---------------------------------------------------------------------------------


class Timings(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Milliseconds a request waited and took in all; tokens of its prompt that were known, and tokens the model ran."""

    queue_ms: float = 0.0
    total_ms: float = 0.0
    reused_tokens: int = 0
    computed_tokens: int = 0


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One ghost text: inserted at the cursor as it stands; `probability` of all of it, as the model sees it.

    `remembered` is the share of it, 0 to 1, that comes from the author's own text: 1 where it was recalled as it stands
    there, else the mean over its characters of what the memory put into each token's probability (see memory.blending).
    """

    text: str
    probability: float = 0.0
    remembered: float = 0.0


class Welcome(Message, tag="welcome", frozen=True, kw_only=True):
    """The answer to Hello."""

    protocol: int = PROTOCOL_VERSION
    version: str = ""
    events: str = ""  # endpoint of the PUB socket


class Completion(Message, tag="completion", frozen=True, kw_only=True):
    """The answer to Complete; no suggestions: nothing worth showing, and `reason` names the rule that says so.

    `probability` is the trigger's, that something of the text would be taken. Not `final`: the text goes on growing.
    `extent` is how far the text goes that was asked for by a key; "" for text that came by itself.
    """

    suggestions: list[Suggestion] = []
    final: bool = True
    model: str = ""
    reason: str = ""
    extent: Extent | Literal[""] = ""
    probability: float = 0.0
    timings: Timings = Timings()


class Partial(Message, tag="partial", frozen=True, kw_only=True):
    """Text so far of a Continue, a RunVerb, or a Complete that is `explicit`, whole from its beginning."""

    text: str


class Continuation(Message, tag="continuation", frozen=True, kw_only=True):
    """The answer to Continue."""

    text: str
    model: str = ""
    timings: Timings = Timings()


class Expansion(Message, tag="expansion", frozen=True, kw_only=True):
    """The answer to Expand: different paragraphs, best first, each with the content words of the notes it lacks.

    `added`: start and end of each word, in characters, that the notes have in no form. `tells`: for each sentence the
    place of its note, from 0.
    """

    candidates: list[str] = []
    missing: list[list[str]] = []
    added: list[list[tuple[int, int]]] = []
    tells: list[list[int]] = []
    model: str = ""
    timings: Timings = Timings()


class VerbEdit(msgspec.Struct, frozen=True, kw_only=True):
    """`text` in the place of the characters from `start` to `end` of what was sent; `kind` is the task's word for it.

    `log_odds`: how much likelier the model finds the text with it; 0 where no model judged.
    """

    start: int
    end: int
    text: str
    kind: str = ""
    log_odds: float = 0.0


class VerbResult(Message, tag="verb_result", frozen=True, kw_only=True):
    """The answer to RunVerb: the whole new text; `edits` lead to it from the old one, where the task works by edits.

    `notes` are sentences for the user about what was left as it is, and why.
    """

    text: str
    edits: list[VerbEdit] = []
    notes: list[str] = []
    model: str = ""
    timings: Timings = Timings()


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a Record that is not kept: its `place` in the list, from 0, and why."""

    place: int
    reason: str


class Done(Message, tag="done", frozen=True, kw_only=True):
    """The request was carried out and has nothing to return; `refused` is for Record alone."""

    refused: list[Refused] = []


class AttentionReport(Message, tag="attention_report", frozen=True, kw_only=True):
    """The answer to Attend: how things stand now; `paused_until` in epoch seconds, None: until told otherwise."""

    paused: bool = False
    paused_until: float | None = None
    manual_only: bool = False


class Source(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where the author wrote it before: `document` is a path or an address, `line` counts from 1 (0: unknown)."""

    document: str
    line: int = 0


class Explanation(Message, tag="explanation", frozen=True, kw_only=True):
    """The answer to Why; `reason` is "offered", the name of the rule that kept silent, or "" for a request not known.

    `probability` is the trigger's, that something of the text would be taken; `likelihood` and `remembered` are those
    of the best suggestion, `sources` where it was remembered from, or where the words stand that led the model to it.
    """

    reason: str = ""
    probability: float = 0.0
    likelihood: float = 0.0
    remembered: float = 0.0
    sources: list[Source] = []
    model: str = ""
    explicit: bool = False


class LoggedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, without text. `reason` names the rule that kept silent, or is "offered"; `outcome` what came of it.

    `time` is in seconds since 1970, `document` the first digits of its address' SHA-256: who knows the address can find
    it, and nobody else learns it. `probability` is the trigger's, `characters` those of the text offered, `likelihood`
    the model's that all of it is right, `remembered` the share of it that the user's memory spoke for.
    """

    time: float
    document: str
    reason: str
    probability: float
    characters: int
    explicit: bool
    outcome: OutcomeKind | Literal[""] = ""
    model: str = ""
    likelihood: float = 0.0
    remembered: float = 0.0


class LogReport(Message, tag="log_report", frozen=True, kw_only=True):
    """The answer to Log, oldest first."""

    decisions: list[LoggedDecision]


class StatusReport(Message, tag="status_report", frozen=True, kw_only=True):
    """The answer to Status."""

    report: DaemonReport


class Failure(Message, tag="failure", frozen=True, kw_only=True):
    """The answer to a request that failed.

    `code` names a class of daemon.base.errors.
    """

    code: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, error: ShadowpenError, request_id: str) -> Failure:
        return cls(id=request_id, code=error.code, message=error.message, hint=error.hint)

    def error(self) -> ShadowpenError:
        return from_code(self.code, self.message, self.hint)


Reply = (
    Welcome
    | Completion
    | Partial
    | Continuation
    | Expansion
    | VerbResult
    | Done
    | AttentionReport
    | Explanation
    | LogReport
    | StatusReport
    | Failure
)


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="event"):
    """Published to every client: `kind` is e.g. "model_swapped", "training", "attention", "stopping".

    An event of a kind that a client does not know still tells it the state, so kinds are names and no types.
    """

    kind: str
    data: DaemonState = DaemonState()


_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_replies = msgspec.msgpack.Decoder(Reply)
_events = msgspec.msgpack.Decoder(Event)


def encode(message: Request | Reply | Event) -> bytes:
    return _encoder.encode(message)


def encode_request(message: Request) -> bytes:
    """The bytes of `message`; RequestInvalid when there are none, or the daemon would refuse them for their size."""
    try:
        frame = _encoder.encode(message)
    except (UnicodeEncodeError, OverflowError) as error:
        raise RequestInvalid(
            f"The message cannot be sent: {str(error)[:_QUOTED]}.",
            "Send whole characters (Unicode without lone surrogates) and numbers of at most 64 bits.",
        ) from error
    if len(frame) > MAX_MESSAGE_BYTES:
        raise _too_large(frame)
    return frame


def decode_request(frame: bytes) -> Request:
    """The request in `frame`; RequestInvalid when it is malformed or beyond its limits."""
    if len(frame) > MAX_MESSAGE_BYTES:
        raise _too_large(frame)
    try:
        request = _requests.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestInvalid(
            f"The message is malformed: {str(error)[:_QUOTED]}.", "Update Shadowpen in the editor and here."
        ) from error
    headings = "".join(title for _, title in getattr(request, "headings", ()))
    for text in (
        *(getattr(request, field, "") for field in ("prefix", "suffix", "notes", "shown", "text", "before")),
        headings,
    ):
        if len(text) > MAX_TEXT_CHARACTERS:
            raise RequestInvalid(
                f"A text of {len(text):,} characters exceeds the limit of {MAX_TEXT_CHARACTERS:,}.",
                "Send less text.",
            )
    return request


def _too_large(frame: bytes) -> RequestInvalid:
    return RequestInvalid(
        f"A message of {len(frame):,} bytes exceeds the limit of {MAX_MESSAGE_BYTES:,}.", "Send less text."
    )


def decode_reply(frame: bytes) -> Reply:
    """The reply in `frame`; RequestInvalid when it is malformed."""
    try:
        return _replies.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestInvalid(f"The daemon's answer is malformed: {error}.", "Restart it: shadowpen stop.") from error


def decode_event(frame: bytes) -> Event:
    """The event in `frame`; RequestInvalid when it is malformed."""
    try:
        return _events.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestInvalid(f"The daemon's event is malformed: {error}.", "Restart it: shadowpen stop.") from error


class _Identified(msgspec.Struct):
    id: _Id = ""


_identified = msgspec.msgpack.Decoder(_Identified)


def request_id(frame: bytes) -> str:
    """The id inside a frame that could not be decoded, as far as it can be found; else ""."""
    try:
        return _identified.decode(frame).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
