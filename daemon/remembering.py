"""The author's memory at work in the daemon: opened with each model, told of every edit that may be kept.

Edits count from the next key on. The index of all sources, the journal and the author's folders, is made by a process
of its own (`python -m shadowpen.daemon.remembering`), which gives way to everything else, so that neither the time nor
the memory it takes is taken from ghost text. Without the author's consent nothing is opened and nothing learned.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from shadowpen.daemon import config, power, registry, store
from shadowpen.daemon.errors import ShadowpenError
from shadowpen.daemon.journal import Accepted, Edit, Event, Kept
from shadowpen.daemon.logs import LOGGER
from shadowpen.daemon.privacy.consent import journal_allowed

if TYPE_CHECKING:
    from shadowpen.daemon.memory.memory import Memory
    from shadowpen.daemon.memory.phrases import Phrase
    from shadowpen.daemon.memory.texts import Tokens

# -P: never import from the folder the process happens to stand in.
COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.remembering")
_FIRST_LOOK_S = 20.0  # after a model was loaded, the author has other things to wait for
_RECENT_EDITS = 512


class Remembering:
    """One for the daemon's life; safe to use from several threads. Nothing here raises into a key or a record."""

    def __init__(
        self,
        layout: store.Layout,
        load_config: Callable[[], config.Config] | None = None,
        command: Sequence[str] = COMMAND,
        first_look_s: float = _FIRST_LOOK_S,
    ) -> None:
        self._layout = layout
        self._load_config = load_config or (lambda: config.load(layout.config_file))
        self._command, self._first_look_s = list(command), first_look_s
        self._lock = threading.Lock()
        self._tokens: Tokens | None = None
        self._memory: Memory | None = None
        self._edits: OrderedDict[str, Edit] = OrderedDict()
        self._ended = threading.Event()
        self._indexer: threading.Thread | None = None

    def phrase(self, ids: Sequence[int], stub: bytes, max_words: int) -> Phrase | None:
        """As `Memory.phrase`; None while there is no memory."""
        memory = self._memory
        return memory.phrase(ids, stub, max_words) if memory is not None else None

    def open(self, tokens: Tokens) -> None:
        """A model was loaded: the memory speaks in its tokens from now on. Edits of this run are learned again."""
        self._tokens = tokens
        if not journal_allowed(self._load_config()):
            self._memory = None
            return
        self._reopen()
        if not self._ended.is_set() and (self._indexer is None or not self._indexer.is_alive()):
            self._indexer = threading.Thread(target=self._index, name="shadowpen-memory", daemon=True)
            self._indexer.start()

    def kept(self, events: Iterable[Mapping[str, Any]]) -> None:
        """These events were just put into the journal: what was taken, and what stands there now, is remembered."""
        for raw in events:
            try:
                event = msgspec.convert(dict(raw), Event, strict=False)
            except msgspec.ValidationError:
                continue  # the journal said so
            edit = self._joined(event)
            if edit is not None:
                self._learn(edit)

    def report(self) -> dict[str, Any]:
        """Numbers for `shadowpen status`; empty while there is no memory."""
        memory = self._memory
        return memory.report() if memory is not None else {}

    def close(self) -> None:
        self._ended.set()

    def _joined(self, event: object) -> Edit | None:
        with self._lock:
            if isinstance(event, Accepted):
                self._edits[event.id] = Edit(event)
                while len(self._edits) > _RECENT_EDITS:
                    self._edits.popitem(last=False)
            edit = self._edits.get(getattr(event, "id", ""))
            if edit is not None and isinstance(event, Kept):
                edit.kept[event.when] = event.text
            return edit

    def _learn(self, edit: Edit) -> None:
        memory = self._memory
        if memory is None:
            return
        from shadowpen.daemon.memory.texts import of_edit

        text = of_edit(edit)
        if edit.final_text:
            memory.learn(text)
        else:
            memory.forget([text.origin])

    def _reopen(self) -> None:
        from shadowpen.daemon.memory.memory import Memory  # brings numpy in, which the wire thread can do without

        assert self._tokens is not None
        memory = Memory.open(self._layout.memory, self._tokens)
        with self._lock:
            edits = list(self._edits.values())
        self._memory = memory
        for edit in edits:
            self._learn(edit)

    def _index(self) -> None:
        """Have the index made, and take it over."""
        if self._ended.wait(self._first_look_s) or power.on_battery():
            return
        with subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            while process.poll() is None:
                if self._ended.wait(0.2):
                    process.terminate()
        if process.returncode == 0 and not self._ended.is_set():
            self._reopen()
        elif not self._ended.is_set():
            LOGGER.warning("the memory's index could not be made: status %d", process.returncode)


def main() -> int:
    """Make the index of everything that may be remembered now; 0 when it is there."""
    from shadowpen.daemon.memory.memory import Memory
    from shadowpen.daemon.text.tokenizer import Tokenizer
    from shadowpen.daemon.training.corpus import collect
    from shadowpen.daemon.training.priority import become_unimportant

    become_unimportant()
    layout = store.layout()
    try:
        settings = config.load(layout.config_file)
        if not journal_allowed(settings):
            return 0
        model = registry.resolve(settings.model.name, layout)
        tokens = Tokenizer(model.tokenizer, model.manifest.bos_id, model.manifest.eos_ids)
        memory = Memory.open(layout.memory, tokens)
        memory.refresh(lambda: collect(layout, settings.learning).documents, most_live_tokens=0)
    except ShadowpenError as error:
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
