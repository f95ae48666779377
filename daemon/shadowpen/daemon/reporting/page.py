"""A report as one self-contained, escaped HTML file, in the reader's language.

Titles, sentences and headers are put into it here; the cells of tables are not, since names of the user's are among
them. Knows no journal and no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from rich.cells import cell_len

from shadowpen.daemon.base.translation.language import tag, translated


@dataclass(frozen=True)
class Section:
    """A section of the report.

    `picture` is an <svg> element of ours and stands as it is; all else is text.
    """

    title: str
    sentences: Sequence[str] = ()
    picture: str = ""
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


_PAGE = Template("""<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--vscode-editor-foreground, #222); background: var(--vscode-editor-background, #fff); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
svg { width: 100%; height: auto; background: #fff; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .15rem .9rem .15rem 0; border-bottom: 1px solid #8885; vertical-align: top; }
td:first-child { white-space: nowrap; }
footer { margin: 2.5rem 0 1rem; opacity: .75; font-size: .85rem; }
</style>
</head>
<body>
<h1>$title</h1>
$sections
<footer>$footer</footer>
</body>
</html>
""")
_SECTION = Template("<section>\n<h2>$title</h2>\n$sentences\n$picture\n$table\n</section>")
_TABLE = Template('<div class="wide"><table>\n<thead><tr>$header</tr></thead>\n<tbody>\n$rows\n</tbody></table></div>')


def render(title: str, sections: Sequence[Section], footer: str) -> str:
    """The page; sections without anything in them are left out."""
    shown = [_section(section) for section in sections if section.sentences or section.picture or section.rows]
    return _PAGE.substitute(language=tag(), title=_escaped(title), sections="\n".join(shown), footer=_escaped(footer))


def render_text(title: str, sections: Sequence[Section], footer: str) -> str:
    """The same as Markdown, without the pictures; sections of which nothing is left are left out."""
    parts = [f"# {translated(title)}"]
    for section in sections:
        lines = list(map(translated, section.sentences))
        if section.rows:
            lines.append("\n".join(_columns([list(map(translated, section.header)), *section.rows])))
        if lines:
            parts += [f"## {translated(section.title)}", *lines]
    return "\n\n".join([*parts, translated(footer)]) + "\n"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table under each other, as wide as they must be."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    padded = [[_padded(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    padded.insert(1, ["-" * width for width in widths])
    return [f"| {' | '.join(row)} |" for row in padded]


def _padded(cell: str, width: int) -> str:
    return cell.replace("|", "/") + " " * (width - cell_len(cell))


def _escaped(text: str) -> str:
    """Our own words in the reader's language, as HTML has them."""
    return escape(translated(text))


def _section(section: Section) -> str:
    return _SECTION.substitute(
        title=_escaped(section.title),
        sentences="\n".join(f"<p>{_escaped(sentence)}</p>" for sentence in section.sentences),
        picture=section.picture,
        table=_table(section) if section.rows else "",
    )


def _table(section: Section) -> str:
    header = "".join(f"<th>{_escaped(name)}</th>" for name in section.header)
    rows = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in section.rows)
    return _TABLE.substitute(header=header, rows=rows)
