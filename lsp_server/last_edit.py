"""What kind of edit the last one was: typing, or something after which ghost text would be in the way.

Clients choose the range of an edit freely, so only what really came and went counts. Undo and redo cannot be told
from what they bring about.
"""

from __future__ import annotations

from shadowpen.daemon.protocol import LastEdit
from shadowpen.lsp_server.documents import Edit, common_start

_TYPED_CHARACTERS = 32  # input methods and snippets put in so much at once; a paste mostly more
_TYPED_WORDS = 4


def kind_of(edit: Edit) -> LastEdit:
    """Judge an edit that is not the taking of a suggestion."""
    came, went = _net(edit.inserted, edit.removed)
    if not came:
        return "deleted" if went else ""
    pasted = len(came) > _TYPED_CHARACTERS or len(came.split()) > _TYPED_WORDS
    return "pasted" if pasted else "typed"


def _net(came: str, went: str) -> tuple[str, str]:
    """Both without what they have in common at their beginning and end."""
    head = common_start(came, went)
    came, went = came[head:], went[head:]
    tail = common_start(came[::-1], went[::-1])
    return came[: len(came) - tail], went[: len(went) - tail]
