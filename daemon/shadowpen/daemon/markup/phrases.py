"""The words of a paragraph without inline markup: link targets, references, labels.

A table of patterns for each markup language but Markdown, which has its own (`inline`). All are bounded, so that no
text takes time that grows with its square. This file knows one paragraph at a time.
"""

from __future__ import annotations

import html
import re
from collections import Counter

from shadowpen.daemon.markup.languages import inline
from shadowpen.daemon.markup.languages.inline import LINK, without_addresses, without_passages
from shadowpen.daemon.markup.languages.lesser import NAMESPACES

_TAGS = re.compile(r"</?[A-Za-z!?][^<>]{0,1000}>")
_Form = tuple[re.Pattern[str], str, str]


def _forms(*forms: tuple[str, str, str]) -> tuple[_Form, ...]:
    return tuple((re.compile(form, re.DOTALL), words, reason) for form, words, reason in forms)


_FORMS: dict[str, tuple[_Form, ...]] = {
    "org": _forms(
        (r"(\A\*+[ \t][^\n]{0,400}?)[ \t]+:(?:[\w@#%]{1,40}:){1,20}[ \t]*(?=\n|\Z)", r"\1", "markup"),
        (r"\[\[[^\[\]\n]{1,1000}\]\[([^\[\]\n]{1,600})\]\]", r"\1", "link target"),
        (r"\[\[[^\[\]\n]{1,1000}\.(?i:png|jpe?g|gif|svg|webp|pdf)\]\]", "", "image"),
        (r"\[\[[a-z+]{2,20}:[^\[\]\n]{1,1000}\]\]", LINK, "link target"),
        (r"\[\[[*#]?([^\[\]\n]{1,1000})\]\]", r"\1", "link target"),
        (r"\[fn:[^\[\]\n]{0,400}\]", "", "footnote mark"),
        (r"\bsrc_[\w-]{1,40}(?:\[[^\]\n]{0,200}\])?\{[^{}\n]{0,400}\}"
         r"|\bcall_[\w-]{1,60}(?:\[[^\]\n]{0,200}\])?\([^()\n]{0,200}\)(?:\[[^\]\n]{0,200}\])?", "", "code"),
        (r"@@[\w-]{1,20}:[^@\n]{0,400}@@|\{\{\{[^{}\n]{1,200}\}\}\}|<<<?[^<>\n]{1,200}>?>>", "", "markup"),
    ),
    "rst": _forms(
        (r":[\w+.:-]{1,40}:`([^`<\n]{1,400}?)(?:\s{0,3}<[^>\n]{1,400}>)?`", r"\1", "link target"),
        (r"(?<!`)`([^`<\n]{1,400}?)\s{0,3}<[^>\n]{1,1000}>`__?", r"\1", "link target"),
        (r"(?<!`)`([^`<\n]{1,400})`__?(?!\w)", r"\1", "link target"),
        (r"[ ]?\[[\w#*-]{1,60}\]_(?!\w)", "", "footnote mark"),
        (r"\|([^|\n]{1,100})\|_?", r"\1", "markup"),
        (r"_`([^`\n]{1,200})`", r"\1", "markup"),
    ),
    "asciidoc": _forms(
        (r"\b(?:image|icon|audio|video):[^\s\[\]]{1,400}\[[^\]\n]{0,400}\]", "", "image"),
        (r"(?:\blink:|\bxref:|\bmailto:)[^\s\[\]]{1,1000}\[([^\]\n]{1,400})\]", r"\1", "link target"),
        (r"\b(?:https?|ftp)://[^\s\[\]]{1,1000}\[([^\],\n]{1,400})[^\]\n]{0,100}\]", r"\1", "link target"),
        (r"<<[^<>,\n]{1,200},\s?([^<>\n]{1,400})>>", r"\1", "link target"),
        (r"<<[^<>\n]{1,200}>>|\[\[[^\[\]\n]{1,200}\]\]|\(\(\([^()\n]{1,200}\)\)\)|indexterm2?:\[[^\]\n]{0,200}\]", "",
         "markup"),
        (r"\[\.?[\w.# -]{1,60}\]#([^#\n]{1,400})#", r"\1", "markup"),
        (r"\(\(([^()\n]{1,200})\)\)", r"\1", "markup"),
        (r"\+\+\+[^+\n]{0,400}\+\+\+|\bpass:\w{0,3}\[[^\]\n]{0,400}\]|[ ]\+(?=\n|\Z)", "", "markup"),
    ),
    "latex": _forms(
        (r"\\(?:label|index|vspace|hspace|vskip|todo|thispagestyle|pagestyle|addcontentsline|markboth|markright|input|include"
         r"|includegraphics|bibliography|bibliographystyle)\*?(?:\[[^\[\]\n]{0,200}\])?(?:\{[^{}\n]{0,400}\}){1,3}", "",
         "markup"),
        (r"(\\verb\*?([^\w\s*{])[^\n]{0,200}?\2)|\\(?:begin|end)\{[\w*]{1,40}\}(?:\[[^\[\]\n]{0,200}\])?", r"\1",
         "markup"),
        (r"\\(?:noindent|indent|par|newpage|clearpage|cleardoublepage|pagebreak|linebreak|newline|smallskip|medskip|bigskip"
         r"|centering|maketitle|tableofcontents|hfill|vfill|protect|relax|selectfont|normalsize)\b[ ]?", "", "markup"),
    ),
    "typst": _forms(
        (r"/\*.{0,2000}?\*/", "", "comment"),
        (r"#(?:v|h|pagebreak|linebreak|cite|ref|image|label|colbreak)\([^()\n]{0,400}\)", "", "markup"),
        (r"#[\w.-]{1,40}(?:\([^()\n]{0,600}\))?\[([^\[\]\n]{0,2000})\]", r"\1", "markup"),
        (r"[ ]?<[A-Za-z][\w:.-]{0,60}>(?=\s|\Z)|[ ]\\(?=\n|\Z)", "", "markup"),
    ),
    "wiki": _forms(
        (r"<ref\b[^<>\n]{0,200}/>|<ref\b[^<>\n]{0,200}>.{0,2000}?</ref>", "", "footnote mark"),
        (rf"\[\[{NAMESPACES}:(?:[^\[\]\n]|\[\[?[^\[\]\n]{{0,200}}\]\]?){{0,600}}\]\]", "", "image"),
        (r"<(syntaxhighlight|source|pre|math|score|gallery)\b[^<>\n]{0,200}>.{0,2000}?</\1\s*>", "", "code"),
        (r"\[\[[^\[\]|\n]{1,400}\|([^\[\]\n]{1,400})\]\]", r"\1", "link target"),
        (r"\[\[([^\[\]\n]{1,400})\]\]", r"\1", "link target"),
        (r"\[(?:https?|ftp)://[^\s\[\]]{1,1000}[ ]([^\[\]\n]{1,400})\]", r"\1", "link target"),
        (r"\{\{(?:[^{}\n]|\{\{[^{}\n]{0,300}\}\}){0,600}\}\}", "", "markup"),
    ),
    "textile": _forms(
        (r"![^\s!]{1,400}(?:\([^()\n]{0,200}\))?!(?::\S{1,400})?", "", "image"),
        (r"\"([^\"\n]{1,400})\":\S{1,1000}[^\s.,;:!?)]", r"\1", "link target"),
        (r"(?<=[\w.,;:!?)\"'”’])\[\d{1,4}\]", "", "footnote mark"),
        (r"%(?:\{[^{}\n]{1,200}\}|\([^()\n]{1,100}\))([^%\n]{1,400})%", r"\1", "markup"),
    ),
    "fountain": _forms(
        (r"\[\[[^\[\]]{0,2000}\]\]|/\*.{0,2000}?\*/", "", "comment"),
    ),
}  # fmt: skip
_TAGGED = frozenset(("wiki", "textile", "html"))


def words(paragraph: str, family: str, dropped: Counter[str]) -> str:
    """A paragraph in the words that its reader sees; `dropped` counts what went, by reason."""
    if family == "markdown":
        return inline.words(paragraph, dropped)
    for form, kept, reason in _FORMS.get(family, ()):
        changed = form.sub(kept, paragraph)
        dropped[reason] += max(0, len(paragraph) - len(changed))
        paragraph = changed
    if family in _TAGGED:
        changed = _TAGS.sub("", without_passages(paragraph, "<!--", "-->"))
        dropped["html"] += len(paragraph) - len(changed)
        paragraph = html.unescape(changed)
    return without_addresses(paragraph, dropped)
