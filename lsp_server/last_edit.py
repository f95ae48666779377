"""What kind of edit the last one was: typing, or something after which ghost text would be in the way.

Clients choose the range of an edit freely, so only what really came and went counts. Undo and redo cannot be told
from what they bring about.
"""

from __future__ import annotations

from shadowpen.daemon.protocol import LastEdit
from shadowpen.lsp_server.documents import Edit, common_start

# Input methods, snippets and clients that gather keys put in so much at once; a paste is mostly more.
_TYPED_CHARACTERS = 64
_TYPED_WORD = 32
_TYPED_LINES = 2


def kind_of(edit: Edit) -> LastEdit:
    """Judge an edit that is not the taking of a suggestion."""
    came, went = _net(edit.inserted, edit.removed)
    if not came:
        return "deleted" if went else ""
    too_long = len(came) > _TYPED_CHARACTERS or any(len(word) > _TYPED_WORD for word in came.split())
    lines = sum(1 for line in came.splitlines() if len(line.split()) > 1)
    return "pasted" if too_long or lines >= _TYPED_LINES else "typed"


def _net(came: str, went: str) -> tuple[str, str]:
    """Both without what they have in common at their beginning and end."""
    head = common_start(came, went)
    came, went = came[head:], went[head:]
    tail = common_start(came[::-1], went[::-1])
    return came[: len(came) - tail], went[: len(went) - tail]
