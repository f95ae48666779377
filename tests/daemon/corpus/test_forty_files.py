"""A folder of forty files in twenty formats and eight encodings: what is read, how it is dated, what is left out."""

# ruff: noqa: E501 (a file reads best in one line)

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shadowpen.daemon.base.sections import LearningSettings
from shadowpen.daemon.corpus.corpus import Corpus, read_alone
from shadowpen.daemon.privacy.forgotten import ForgottenTexts

_WORDS = str.split(
    "harbour boat tide morning letter brother winter river dog walked wrote waiting still kept wanted left along "
    "thought sent never always another which there would because through about should their being from this with have "
    "kitchen window garden sister market village painter captain rope lamp storm spring evening street table bread"
)
_WRITTEN = datetime(2020, 6, 7, 12, tzinfo=UTC)  # when every file was last written
_CODE = "def measure(value):\n    return value * 2"


def sentence(name: str) -> str:
    """A sentence of its own for each name, with letters that every Western code page has elsewhere."""
    dice = random.Random(name)
    words = dice.choices(_WORDS, k=22)
    words.insert(dice.randrange(3, 18), "café")
    return f"The {' '.join(words)}."


@dataclass(frozen=True)
class File:
    """A file with ONE and TWO for two sentences of its own, and what becomes of it."""

    name: str
    content: str
    said: str = "ONE|TWO"
    date: str = "2020-06-07"
    encoding: str = "utf-8"
    before: bytes = b""
    behind: bytes = b""

    def filled(self, text: str) -> str:
        return text.replace("ONE", sentence(f"{self.name} 1")).replace("TWO", sentence(f"{self.name} 2"))

    def write(self, folder: Path) -> None:
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.before + self.filled(self.content).encode(self.encoding) + self.behind)
        os.utime(path, (_WRITTEN.timestamp(), _WRITTEN.timestamp()))


READ = [
    File("plain.md", "ONE\n\nTWO"),
    File("yaml.md", "---\ntitle: x\ndate: 2012-02-03\n---\n\nONE\n\n```py\n" + _CODE + "\n```\n\nTWO", date="2012-02-03"),
    File("toml.md", "+++\ndate = 2012-02-04T10:00:00Z\n+++\nONE\n\nTWO", date="2012-02-04"),
    File("json.md", '{\n"date": "2012/02/05"\n}\n\nONE\n\nTWO', date="2012-02-05"),
    File("pelican.md", "Title: x\nDate: 2012-02-06 10:20\nCategory: y\n\nONE\n\nTWO", date="2012-02-06"),
    File("pandoc.markdown", "% x\n% y\n% 7 February 2012\n\nONE\n\nTWO", date="2012-02-07"),
    File("rule.mkd", "---\n\nONE\n\n---\n\nTWO"),
    File("2012-02-08 obsidian.md", "ONE %%no%% ^a1b2\n\nmood:: good\n\n![[a.png]]\n\nTWO", date="2012-02-08"),
    File("hugo.md", "{{< highlight py >}}\n" + _CODE + "\n{{< /highlight >}}\n\nONE {{< ref x >}}\n\nTWO"),
    File("jekyll.md", "ONE\n\n{% comment %}\nno\n\nno\n{% endcomment %}\n\nTWO\n{: .lead}"),
    File("page.mdx", "import X from './x'\n\nONE\n\n<X y={1} />\n\nTWO"),
    File("paper.qmd", "---\ndate: last-modified\n---\n\nONE\n\n::: {.note}\nTWO\n:::"),
    File("paper.rmd", "ONE\n\n```{r, echo=FALSE}\nplot(1)\n```\n\nTWO"),
    File("note.dj", "ONE\n\n> no\n\nTWO"),
    File("diary.org", "#+DATE: <2012-02-09 Thu>\nONE\n:LOGBOOK:\n- no\n:END:\n\nTWO", date="2012-02-09"),
    File("tree.org", "* COMMENT no\nno\n* Written in the evening\nONE\n\nTWO", said="* Written in the evening\nONE|TWO"),
    File("neorg.norg", "@document.meta\ncreated: 2012-02-10\n@end\n\nONE\n\nTWO", date="2012-02-10"),
    File("guide.rst", ":Date: 2012-02-11\n\nONE\n\n.. code:: py\n\n   x = 1\n\nTWO", date="2012-02-11"),
    File("guide.adoc", "= A title of it\n:revdate: 2012-02-12\n\nONE\n\n----\nx\n\ny\n----\n\nTWO",
         said="= A title of it|ONE|TWO", date="2012-02-12"),
    File("thesis.tex", "\\date{13 February 2012}\n\\begin{document}\nONE\n\n\\begin{align} x \\end{align}\n\nTWO\n\\end{document}",
         date="2012-02-13"),
    File("paper.typ", '#set document(date: datetime(year: 2012, month: 2, day: 14))\nONE\n\n// no\n\nTWO', date="2012-02-14"),
    File("post.textile", "ONE\n\nbc.. x\n\ny\n\np. TWO"),
    File("page.wiki", "ONE<ref>no</ref>\n\n{{Infobox\n| a = b\n}}\n\nTWO"),
    File("page.mediawiki", "ONE\n\n{| class=x\n| a\n|}\n\nTWO"),
    File("play.fountain", "Title: x\nDraft date: 2/15/2012\n\nONE\n\n/* no\n\nno */\n\nTWO", date="2012-02-15"),
    File("page.html", "<html><head><title>x</title></head><body><article><p>ONE</p><pre>no</pre><p>TWO</p></article></body></html>"),
    File("letter.text", "A title of it\n=============\n\nONE\n\n* * *\n\nTWO", said="A title of it|ONE|TWO"),
    File("2012/02/16/walk.txt", "ONE\n\nTWO", date="2012-02-16"),
    File("17.02.2012.txt", "ONE\n\nTWO", date="2012-02-17"),
    File("windows.txt", "ONE “Good morning.”\r\n\r\nTWO", encoding="cp1252", said="ONE “Good morning.”|TWO"),
    File("latin.tex", "\\documentclass{x}\n\\usepackage[latin1]{inputenc}\n\\begin{document}\nONE\n\nTWO\n\\end{document}",
         encoding="latin-1"),
    File("mac.txt", "ONE “Good morning.”\r\rTWO", encoding="mac-roman", said="ONE “Good morning.”|TWO"),
    File("dos.txt", "ONE\r\n\r\nTWO\r\n\x1a", encoding="cp850"),
    File("mark.txt", "ONE\n\nTWO", encoding="utf-8-sig"),
    File("wide.txt", "ONE\n\nTWO", encoding="utf-16"),
    File("wide without mark.md", "ONE\n\nTWO", encoding="utf-16-le"),
    File("wider.txt", "ONE\n\nTWO", encoding="utf-32"),
    File("stray.md", "ONE – naïve\n\nTWO It", behind=b"\x92s.", said="ONE – naïve|TWO It’s."),
    File("zeros.md", "ONE\n\nTWO\n", behind=b"\0" * 600),
    File("crash.md", "ONE\n\nTWO", before=b"\0" * 40),
]  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("texts")
    for file in READ:
        file.write(folder)
    left_out = {
        "picture.md": b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(3_000),
        "program.py": _CODE.encode(),
        ".env.md": b"KEY=1",
        "nothing.md": b" \n\n",
        "only-code.md": f"```\n{_CODE}\n```\n".encode(),
        "node_modules/readme.md": b"No.",
        ".trash/old.md": b"No.",
        "russian.txt": ("На следующее утро мы спустились к гавани, и никто не подумал взять с собой лампу. " * 4).encode("koi8-r"),
    }  # fmt: skip
    for name, content in left_out.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    yield read_alone(str(folder), LearningSettings(), ForgottenTexts())


@pytest.mark.parametrize("file", READ, ids=lambda file: file.name)
def test_each_file_is_read_and_dated(corpus: Corpus, file: File) -> None:
    document = next(one for one in corpus.documents if one.origin.endswith(f"/{file.name}"))

    assert document.text.split("\n\n") == file.filled(file.said).split("|")
    assert datetime.fromtimestamp(document.time, UTC).date().isoformat() == file.date


def test_nothing_else_is_read_and_each_reason_is_told(corpus: Corpus) -> None:
    assert len(corpus.documents) == len(READ) == 40
    assert dict(corpus.report.files) == {
        "its content is not text": 1,
        "not a kind of text that is read": 1,
        "its name says that it may hold secrets": 1,
        "empty": 1,
        "no sentences in it": 1,
        "another language": 1,
    }
    assert dict(corpus.report.folders) == {"made by programs": 1, "hidden": 1}
    assert sum(corpus.report.encodings.values()) == 10


def test_there_are_twenty_formats_and_eight_encodings() -> None:
    assert len({Path(file.name).suffix for file in READ}) >= 20
    assert len({file.encoding for file in READ}) >= 8
