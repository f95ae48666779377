"""Parts of notes that the model must not rewrite: links, citations, footnotes, placeholders, code.

`read_notes` gives the notes in plain words (a link's text, the words around a citation) and beside them what was taken
out, each piece with the words that it hangs on; `placing.put_back` puts the pieces into a paragraph. `plain` takes such
markup out of any text, so that it never counts as words. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from shadowpen.daemon.markup.bare_code import bare_code
from shadowpen.daemon.markup.blocks import code_blocks
from shadowpen.daemon.tasks.correction.confusions import CONTRACTIONS
from shadowpen.daemon.text.content_words import content_words
from shadowpen.daemon.text.function_words import is_english
from shadowpen.daemon.text.sentences import ENDS

# Split selected notes: a line, a bullet, a task, a phrase between commas.
_BULLET = re.compile(r"^\s*(?:(?:[-*+•–—]|\d+[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+|>\s?)+")
_SEPARATORS = re.compile(r"[;\n]+|(?<=\S),\s+|\s+/\s+")


def split_notes(text: str) -> list[str]:
    """The single notes in what an author selected: lines, bullets, tasks, or stubs between commas and semicolons."""
    lines = [_BULLET.sub("", line).strip() for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and is_sentence(lines[0]):
        return lines
    pieces = [piece for line in lines for piece in ([line] if len(lines) > 2 else _SEPARATORS.split(line))]
    return [piece.strip(" ,.;") for piece in pieces if piece.strip(" ,.;")]


def is_sentence(line: str) -> bool:
    """Whether a note is a whole sentence, to be taken as one."""
    return line[:1].isupper() and line.rstrip()[-1:] in (".", "!", "?") and len(line.split()) > 4


class PieceKind(Enum):
    """How a piece stands in a text."""

    LINK = "around the words that a text has for it"
    WORD = "in the place of its words"
    MARK = "after the words it belongs to"
    IMAGE = "after a sentence"
    BLOCK = "below the paragraph"


@dataclass(frozen=True)
class MarkupPiece:
    """A piece of markup that must be preserved.

    One piece of markup, `source` as the author wrote it.

    `words` are what the model reads in its place. `wrap` is what a link puts around words. `alone` is how it stands
    where no words stand for it. `near` are the words that a mark follows in its note, `note` all words of that note.
    """

    source: str
    kind: PieceKind
    words: str = ""
    wrap: tuple[str, str] = ("", "")
    alone: str = ""
    near: str = ""
    note: str = ""
    glued: bool = False  # follows its word without a space
    ends_note: bool = True


@dataclass(frozen=True)
class Notes:
    """Notes, with their markup set apart.

    `told` are the notes as the model reads them; `pieces` what must be put back, in the author's order.
    """

    told: list[str]
    pieces: list[MarkupPiece]

    @property
    def text(self) -> str:
        return " ".join(self.told)


# Lengths are bounded: a text of nothing but brackets must not take time that grows with its square.
_URL = r"(?:[^\s<>()\[\]{}\"`，。、；：！？）」』]|\([^\s<>()]{0,300}\)|\[[^\s\[\]]{0,100}\]|\{[^\s{}]{0,100}\})"
_TARGET = r"\((?:[^()\n]|\([^()\n]{0,300}\)){0,2000}\)"
_LABEL = r"(?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){1,400}"

# In this order; the first that fits a place takes it. Each has the name of the function that reads it.
_FORMS = {
    "block": r"(?m:^[ ]{0,3}\[(?!TK\b|TODO\b)[^\[\]\n]{1,200}\]:[ \t]*\S[^\r\n]{0,2000}$)",
    "code": r"(?P<ticks>`{1,3})(?!`)[^\n`](?:[^\n`]|(?!(?P=ticks))`){0,400}(?P=ticks)(?!`)",
    "placeholder": r"\{\{[^{}\n]{1,200}\}\}|⟦[^⟦⟧\n]{1,200}⟧",
    "image": (
        rf"\[!\[[^\[\]\n]{{0,400}}\]{_TARGET}\]{_TARGET}|!\[[^\[\]\n]{{0,400}}\](?:{_TARGET}|\[[^\[\]\n]{{0,200}}\])"
        r"|!\[\[[^\[\]\n]{1,400}\]\]"
    ),
    "org": r"\[\[(?P<org_target>[^\[\]\n]{1,1000})\]\[(?P<org_text>[^\[\]\n]{1,400})\]\]",
    "wiki": r"\[\[(?P<wiki_target>[^\[\]|\n]{1,400})(?:\|(?P<wiki_text>[^\[\]\n]{1,400}))?\]\]",
    "link": rf"\[(?P<link_text>{_LABEL})\](?P<link_target>{_TARGET})",
    "mark": (
        r"\[\^[^\[\]\n]{1,100}\]"
        r"|\[\d{1,4}(?:[ ]?[-–,;][ ]?\d{1,4}){0,20}\]"
        r"|\[(?:[^\[\]\n@]{0,200}[ (-])?-?@[\w{][^\[\]\n]{0,400}\]"
        r"|\[(?:TK|TKTK|TODO|FIXME|XXX|TBD|citation needed)\b[^\[\]\n]{0,200}\]"
        r"|<(?:TODO|TK|FIXME|XXX|TBD)\b[^<>\n]{0,400}>"
        r"|\b(?:TODO|FIXME|XXX)\([^()\n]{0,200}\):?"
        r"|~?\\(?:[A-Za-z]{0,20}cite[A-Za-z]{0,20}|footnote|(?:[a-zA-Z]{0,8}ref)|label)\*?"
        r"(?:\[[^\[\]\n]{0,200}\]){0,2}\{[^{}\n]{0,400}\}"
    ),
    "reference": r"\[(?P<reference_text>(?!\d+\]|[\^@!])[^\[\]\n]{1,400})\](?P<reference_target>\[[^\[\]\n]{0,200}\])",
    "address": (
        r"<(?:https?|ftp|mailto):[^\s<>]{1,2000}>"
        rf"|\b(?:(?:https?|ftp|gemini|gopher)://|www\.){_URL}{{1,2000}}(?<![.,;:!?'\"’”*_])"
        r"|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b"
    ),
    "key": r"(?<![\w@./\\])-?@(?P<cited>[A-Za-z][\w:.#$%&+?<>~/-]{0,99}(?<![:.#$%&+?<>~/-]))",
}
_MARKUP = re.compile("|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items()))
# Non-characters of Unicode, free for such use: while the notes are told apart they stand around a piece's number.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_AFTER_FULL_STOP = re.compile(f"([{ENDS}]+)((?:[ ]?{_OPEN}\\d+{_CLOSE})+)(?=\\s|\\Z)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^\n]{1,1000}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])([^\n*_]{1,1000}?)(?<=\S)\1(?![\w*_])")
_BRACKETS_LEFT = re.compile(r"\(\s*\)|\[\s*\]")
_GLUE = re.compile(rf"[^\W_]|[])}}>%`*_\"”’{ENDS}]")
_SPACES = re.compile(r"[ \t\u00a0]+")
# Days and months that are no other word; "sat" and "sun" only where a day must stand.
_SMALL_DAY = re.compile(
    r"(?<![\w.@/'’-])(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs)?|fri|jan|feb|apr|aug|sept?|oct"
    r"|nov|dec|january|february|april|june|july|august|september|october|november|december"
    r"|(?:(?<=since )|(?<=until )|(?<=till )|(?<=next )|(?<=last )|(?<=this )|(?<=every ))(?:sat|sun))"
    r"(?![\w@/'’-]|\.\w)"
)
# Neither an "id" nor German's "im Haus".
_BARE_WORD = re.compile(r"(?<![\w.@/'’-])(?!id\b|im\b(?-i:(?! [a-z])))[A-Za-z]{2,}(?![\w@/'’-]|\.\w)", re.IGNORECASE)
_SPACE_BEFORE_STOP = re.compile(r" +(?=[,.;:!?)](?:\s|\Z))")


def read_notes(text: str) -> Notes:
    """The notes in `text` and what was taken out of them; no notes where there is nothing but markup."""
    marked, pieces = _take_out(text)
    told: list[str] = []
    for note in _split(marked, pieces):
        words = _told(note, pieces)
        # A note of nothing but a mark belongs to the one above it.
        context = words if content_words(words) or not told else told[-1]
        _settle(note, context, pieces)
        if any(c.isalnum() or not c.isascii() for c in words):
            told.append(words)
    mended = [_mended(words) for words in told]
    told = mended if is_english(" ".join(mended)) else told
    return Notes(told, [replace(piece, note=piece.note or " ".join(told[:1])) for piece in pieces])


def _mended(words: str) -> str:
    """`words` with "didnt" as "didn't" and "fri" as "Fri": what people leave out in a hurry."""

    def written(match: re.Match[str]) -> str:
        full = CONTRACTIONS.get(match[0].lower(), match[0])
        return full[0].upper() + full[1:] if match[0][0].isupper() else full

    return _SMALL_DAY.sub(lambda match: match[0].capitalize(), _BARE_WORD.sub(written, words))


def plain(text: str) -> str:
    """`text` in the words that a reader sees: no addresses, citations or emphasis, of links their text."""
    marked, pieces = _take_out(text)
    return _told(marked, pieces)


def _take_out(text: str) -> tuple[str, list[MarkupPiece]]:
    """`text` with a numbered place for every piece."""
    pieces: list[MarkupPiece] = []
    text = text.replace(_OPEN, "").replace(_CLOSE, "").replace("\r\n", "\n")
    marked, last = "", 0
    for start, end, piece in _found(text):
        glued = bool(_GLUE.fullmatch(text[max(0, start - 1) : start]))
        marked += f"{text[last:start]}{_OPEN}{len(pieces)}{_CLOSE}"
        pieces.append(replace(piece, glued=glued))
        last = end
    marked += text[last:]
    for pattern in (_STRONG, _EMPHASIS):
        marked = pattern.sub(r"\2", marked)
    return marked, pieces


def _found(text: str) -> Iterator[tuple[int, int, MarkupPiece]]:
    """Every piece in `text`, and where it stands; within a block of code there is none."""
    last = 0
    fenced = code_blocks(text)
    bare = [] if fenced else bare_code(text)
    for start, end in (*fenced, *bare, (len(text), len(text))):
        for match in _MARKUP.finditer(text, last, start):
            yield *match.span(), _READERS[match.lastgroup or ""](match)
        if start < end:
            yield start, end, MarkupPiece(text[start:end].strip(), PieceKind.BLOCK)
        last = end


def _split(marked: str, pieces: Sequence[MarkupPiece]) -> list[str]:
    """The single notes, places still in them; a mark behind a full stop comes to stand before it."""

    def swapped(match: re.Match[str]) -> str:
        places = [int(place) for place in _PLACE.findall(match[2])]
        return match[2] + match[1] if all(pieces[place].kind is PieceKind.MARK for place in places) else match[0]

    marked = _AFTER_FULL_STOP.sub(swapped, marked)
    lines = marked.splitlines()
    said = [words for line in lines if (words := _told(line, pieces))]
    if len(said) == 1 and is_sentence(said[0]):
        return lines
    return split_notes(marked)


def _told(marked: str, pieces: Sequence[MarkupPiece]) -> str:
    words = _PLACE.sub(lambda match: pieces[int(match[1])].words, marked)
    words = _SPACES.sub(" ", _BRACKETS_LEFT.sub("", words))
    return _SPACE_BEFORE_STOP.sub("", words).strip().lstrip(":,; ")


def _settle(note: str, context: str, pieces: list[MarkupPiece]) -> None:
    """Tell every piece of a note which words it hangs on: marks on those between them, all others on the note."""
    places = [int(place) for place in _PLACE.findall(note)]
    marks = [place for place in places if pieces[place].kind is PieceKind.MARK]
    for place in places:
        pieces[place] = replace(pieces[place], note=context, near=context)
    stretches = [words if content_words(words) else "" for words in _between(note, set(marks), pieces)]
    # Marks in a row belong to the same words: the last before them, the first after them.
    before, after = _filled(stretches), _filled(stretches[::-1])[::-1]
    for index, place in enumerate(marks):
        near, follows = before[index], after[index + 1]
        pieces[place] = replace(pieces[place], near=near or follows or context, ends_note=not (near and follows))


def _filled(stretches: Sequence[str]) -> list[str]:
    """Each empty one as the one before it."""
    filled: list[str] = []
    for words in stretches:
        filled.append(words or (filled[-1] if filled else ""))
    return filled


def _between(note: str, marks: set[int], pieces: Sequence[MarkupPiece]) -> list[str]:
    """The words before, between and after the `marks`."""
    stretches, last = [], 0
    for match in _PLACE.finditer(note):
        if int(match[1]) in marks:
            stretches.append(note[last : match.start()])
            last = match.end()
    return [_told(stretch, pieces) for stretch in (*stretches, note[last:])]


def _block(match: re.Match[str]) -> MarkupPiece:
    return MarkupPiece(match[0].strip(), PieceKind.BLOCK)


def _code(match: re.Match[str]) -> MarkupPiece:
    return MarkupPiece(match[0], PieceKind.WORD, words=match[0].strip("`").strip(), alone=f"({match[0]})")


def _placeholder(match: re.Match[str]) -> MarkupPiece:
    words = " ".join(re.findall(r"[^\W_]+", match[0]))
    return MarkupPiece(match[0], PieceKind.WORD, words=words, alone=f"({match[0]})")


def _image(match: re.Match[str]) -> MarkupPiece:
    return MarkupPiece(match[0], PieceKind.IMAGE, alone=match[0])


def _org(match: re.Match[str]) -> MarkupPiece:
    return _link_of(match, match["org_text"], f"[[{match['org_target']}][", "]]")


def _wiki(match: re.Match[str]) -> MarkupPiece:
    target = match["wiki_target"]
    return _link_of(match, match["wiki_text"] or re.sub(r"[#^/_]+", " ", target).strip(), f"[[{target}|", "]]")


def _link(match: re.Match[str]) -> MarkupPiece:
    return _link_of(match, match["link_text"], "[", f"]{match['link_target']}")


def _reference(match: re.Match[str]) -> MarkupPiece:
    target = match["reference_target"]
    # `[text][]` names its target by its text: around other words the name has to be said.
    name = f"[{match['reference_text']}]" if target == "[]" else target
    return _link_of(match, match["reference_text"], "[", f"]{name}")


def _link_of(match: re.Match[str], text: str, before: str, after: str) -> MarkupPiece:
    words = _told(text.replace("`", ""), ())
    for pattern in (_STRONG, _EMPHASIS):
        words = pattern.sub(r"\2", words)
    return MarkupPiece(match[0], PieceKind.LINK, words=words, wrap=(before, after), alone=f"({match[0]})")


def _mark(match: re.Match[str]) -> MarkupPiece:
    return MarkupPiece(match[0], PieceKind.MARK, alone=match[0])


def _address(match: re.Match[str]) -> MarkupPiece:
    return MarkupPiece(match[0], PieceKind.MARK, alone=match[0] if match[0].startswith("<") else f"({match[0]})")


def _key(match: re.Match[str]) -> MarkupPiece:
    """`@smith2020 shows that`: the author's name is a word of the sentence."""
    name = re.match(r"[^\W\d_]+", match["cited"])
    assert name is not None
    return MarkupPiece(match[0], PieceKind.WORD, words=name[0].capitalize(), alone=f"[{match[0]}]")


_READERS: dict[str, Callable[[re.Match[str]], MarkupPiece]] = {
    "block": _block,
    "code": _code,
    "placeholder": _placeholder,
    "image": _image,
    "org": _org,
    "wiki": _wiki,
    "link": _link,
    "mark": _mark,
    "reference": _reference,
    "address": _address,
    "key": _key,
}
