"""Reads the sentences that people see out of the sources, as the catalogues of `base/translation` name them.

A sentence with values is named as its f-string with numbers for the values: "{0} free at {1}.". Where a value is one of
two texts ("file" or "files"), both sentences are named. This file knows no catalogue.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from collections.abc import Collection, Iterator
from pathlib import Path

_SHOWN_BY = {"say", "translated", "padded", "words", "Section"}  # what they are given is shown, also a single word
_NOT_SHOWN_BY = {
    *("compile", "strftime", "strptime", "getLogger", "debug", "info", "warning", "exception"),
    *("JsonRpcInvalidParams", "JsonRpcException"),  # for who writes a client
}
_WORDS = re.compile(
    r"[A-Za-z’']{2,}[,;:.)`”]* [(`“—→]*[A-Za-z]|(?<![\w-])[a-z’]{2,} ?\{|\} (?:% )?[a-z’]{2,}(?![\w-])"
    r"|^a [a-z]{2,}|^\s*[A-Z][a-z]{2,}:? \{.*\.$"
)
_COMMAND_LINE = re.compile(r"shadowpen( [a-z{][\w{}-]*)+|[\w.]+ = \{0\}")
_BETWEEN = re.compile(r"(?<=[.!?]) +(?=[A-Z`{—-])|(?<=^\{0\}) +(?=[A-Z][a-z]* )|  \[|\]$")  # two sentences
_FILES = ("<", ";;;", "on run {told}")  # markup and programs
_VALUE = re.compile(r"\{\d*\}")
_LONGEST_PHRASE = 200  # characters without a comma
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)


def sentences(path: Path, only_in: Collection[str] = ()) -> Iterator[str]:
    """Each sentence of a source file that may be shown to people, in their order, some more than once.

    `only_in` names functions and classes: then those that these are called with.
    """
    for text in _read(ast.parse(path.read_text(encoding="utf-8")), frozenset(only_in), inside=not only_in):
        yield from split(text)


def split(text: str) -> Iterator[str]:
    """The sentences of a text; the values in each are numbered from 0. None of a file's content."""
    for line in text.splitlines() if not text.startswith(_FILES) else ():
        for sentence in _BETWEEN.split(line.strip()):
            if not re.search("[A-Za-z]{2}", _VALUE.sub("", sentence)):
                continue
            found = dict.fromkeys(_VALUE.findall(sentence))
            numbers = {value: f"{{{place}}}" for place, value in enumerate(found)}
            yield _VALUE.sub(lambda match, numbers=numbers: numbers[match[0]], sentence)


def paragraphs(docstring: str) -> Iterator[str]:
    """A command's help as it is shown: its paragraphs, each on one line."""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(docstring)):
        yield " ".join(paragraph.split())


def _read(node: ast.AST, only_in: frozenset[str], *, inside: bool, shown: bool = False) -> Iterator[str]:
    """The texts below a node; `shown`: a single word is one too."""
    if isinstance(node, ast.Assert) or _called(node) in _NOT_SHOWN_BY:
        return
    if isinstance(node, ast.JoinedStr | ast.Constant):
        yield from _texts(node, only_in, inside=inside, shown=shown)
        return
    if isinstance(node, _DEFINITIONS) and ast.get_docstring(node) is not None:
        if inside and any(_called(each) in ("command", "group") for each in getattr(node, "decorator_list", ())):
            yield from paragraphs(ast.get_docstring(node) or "")
        node.body = node.body[1:]
    inside = inside or _called(node) in only_in
    for child in ast.iter_child_nodes(node):
        is_help = isinstance(node, ast.keyword) and node.arg == "help"
        is_word = is_help or (_called(node) in _SHOWN_BY and child in getattr(node, "args", ()))
        is_choice = child in _choices(node) and (shown or any(map(_is_prose, _choices(node))))
        yield from _read(child, only_in, inside=inside, shown=is_word or is_choice)


def _choices(node: ast.AST) -> list[ast.expr]:
    """The expressions of which a node is one: where one of them is prose, a single word among them is shown too."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.BoolOp):
        return node.values
    return node.values if isinstance(node, ast.Dict) else []


def _is_prose(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and is_prose(node.value)


def _texts(node: ast.JoinedStr | ast.Constant, only_in: frozenset[str], *, inside: bool, shown: bool) -> Iterator[str]:
    if isinstance(node, ast.Constant) and not isinstance(node.value, str):
        return
    for parts in _alternatives(node) if inside else ():
        numbers = itertools.count()
        text = "".join(part if isinstance(part, str) else f"{{{next(numbers)}}}" for part in parts)
        if shown or any(map(is_prose, (text, *split(text)))):
            yield text
    for value in _values(node):
        yield from _read(value, only_in, inside=inside, shown=isinstance(value, ast.BoolOp | ast.IfExp))


def is_prose(text: str) -> bool:
    """Whether it has two words beside each other, or a word beside a value, and is no command line or list of names."""
    is_list = len(text) > _LONGEST_PHRASE and not re.search(r"[,.;](\s|$)", text)
    return _WORDS.search(text) is not None and not is_list and "%s" not in text and not _COMMAND_LINE.fullmatch(text)


def _alternatives(node: ast.AST) -> list[list[str | ast.AST]]:
    """The texts and values that an expression becomes, once for each choice of its texts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [[node.value]]
    if isinstance(node, ast.IfExp) and _is_text(node.body) and _is_text(node.orelse):
        return _alternatives(node.body) + _alternatives(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return [list(itertools.chain(*parts)) for parts in itertools.product(*map(_alternatives, node.values))]
    if isinstance(node, ast.FormattedValue) and node.format_spec is None:
        return _alternatives(node.value) if _is_text(node.value) else [[node.value]]
    return [[node]]


def _values(node: ast.AST) -> Iterator[ast.AST]:
    """What is not part of the text itself, and may hold texts of its own."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FormattedValue) and not _is_text(child.value):
            yield child.value
        elif isinstance(child, ast.FormattedValue | ast.JoinedStr | ast.IfExp):
            if isinstance(child, ast.IfExp):
                yield child.test
            yield from _values(child)


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) and _is_text(node.orelse)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _called(node: ast.AST) -> str:
    """The name of what a call calls, or of what a decorator is; "" for any other node."""
    function = node.func if isinstance(node, ast.Call) else node
    if not isinstance(node, ast.Call | ast.Attribute | ast.Name):
        return ""
    return str(getattr(function, "attr", getattr(function, "id", "")))
