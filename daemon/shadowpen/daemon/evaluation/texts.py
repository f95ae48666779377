"""The texts of an evaluation: a folder, cleaned as for learning, ordered by time, one piece of each.

Knows no model.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.corpus import read_alone
from shadowpen.daemon.corpus.documents import Document
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

CONTEXT_CHARACTERS = 1_500
_LEAST_TYPED = 40  # characters; less says nothing
_CONTEXT_SHARE = 3  # of a short text a third stands there before typing begins


@dataclass(frozen=True)
class Excerpt:
    """A part of a document that is typed.

    Of `document` the characters `start`..`end` are typed, those from `begin` stand there before.

    `name` is the file's below its folder.
    """

    name: str
    document: Document
    begin: int
    start: int
    end: int

    @property
    def is_typed(self) -> bool:
        return self.end > self.start

    @property
    def shown(self) -> str:
        """All that is ever seen of the document."""
        return self.document.text[self.begin : self.end]

    @property
    def before(self) -> int:
        """How many characters of `shown` stand there before typing begins."""
        return self.start - self.begin


def read(folder: Path) -> list[Document]:
    """The texts of `folder` as training would read them, oldest first; ConfigInvalid if there is none."""
    if not folder.is_dir():
        raise ConfigInvalid(f"{folder} is not a folder.", "Name the folder that holds the texts.")
    documents = read_alone(str(folder.resolve()), LearningSettings(), ForgottenTexts()).documents
    if not documents:
        raise ConfigInvalid(f"There is no prose in {folder}.", "`shadowpen data prepare` says what was left out.")
    return documents


def without(documents: Sequence[Document], others: Sequence[Document]) -> list[Document]:
    """`documents` that are none of `others`: who knows the text already types nothing new."""
    known = {document.sha256 for document in others} | {document.origin for document in others}
    return [document for document in documents if not {document.sha256, document.origin} & known]


def pieces(
    documents: Sequence[Document], folder: Path, *, characters: int, texts: int, context: int, seed: int
) -> list[Excerpt]:
    """A piece of each document, the oldest first; 0 `characters` or `texts` is no limit.

    Beyond `texts` documents those that are typed are spread evenly over time; of the others nothing is. Where in a long
    text typing begins is chosen by `seed`.
    """
    long_enough = [number for number, one in enumerate(documents) if len(one.text) > 2 * _LEAST_TYPED]
    typed = set(_spread(long_enough, texts))
    root = folder.resolve()
    return [_piece(one, root, number in typed, characters, context, seed) for number, one in enumerate(documents)]


def _spread(numbers: Sequence[int], count: int) -> list[int]:
    if not count or count >= len(numbers):
        return list(numbers)
    return [numbers[(2 * place + 1) * len(numbers) // (2 * count)] for place in range(count)]


def _piece(document: Document, root: Path, is_typed: bool, characters: int, context: int, seed: int) -> Excerpt:
    name = Path(document.origin).relative_to(root).as_posix()
    if not is_typed:
        return Excerpt(name, document, 0, 0, 0)
    length = len(document.text)
    start = min(context, length // _CONTEXT_SHARE)
    if characters and length - start > characters:
        start = random.Random(f"{seed}:{name}").randint(start, length - characters)
        start = _word_start(document.text, start)
    end = min(length, start + characters) if characters else length
    return Excerpt(name, document, max(0, start - context), start, end)


def _word_start(text: str, place: int) -> int:
    """Behind the last blank before `place`."""
    while place and not text[place - 1].isspace():
        place -= 1
    return place
