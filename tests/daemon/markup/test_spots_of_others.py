"""daemon/markup/spots.py: where no running text stands in the lesser markup languages; it is silent there."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.sections import CompletionSettings
from shadowpen.daemon.markup.spots import SILENT, spot
from shadowpen.daemon.showing.silence.quiet import why_silent
from shadowpen.daemon.wire.protocol import Complete

CASES = [
    ("org", "* A heading", ""),
    ("org", "Text that goes", ""),
    ("org", "#+TITLE: My", "markup"),
    ("org", "# a comment", "markup"),
    ("org", ":PROPERTIES:", "markup"),
    ("org", "#+BEGIN_SRC python\nprint(", "code"),
    ("org", "#+begin_src sh\nls\n#+end_src\nThen", ""),
    ("org", "#+begin_quote\nWords of", ""),
    ("org", "ls\n#+end_src\nThen", ""),
    ("norg", "@code lua\nprint(", "code"),
    ("norg", "@code lua\nprint(1)\n@end\nThen", ""),
    ("asciidoc", "= A title", ""),
    ("asciidoc", "----\ncode", "code"),
    ("asciidoc", "----\n....\ncode", "code"),
    ("asciidoc", "----\ncode\n----\nThen", ""),
    ("asciidoc", "[source,ruby", "markup"),
    ("asciidoc", ":toc:", "markup"),
    ("asciidoc", "// a comment", "markup"),
    ("rst", "As follows::\n\n    code", "code"),
    ("rst", "As follows::\n\n    code\n\n    more", "code"),
    ("rst", "As follows::\n\n    if x:\n        code", "code"),
    ("rst", "As follows::\n\n    code\n\nThen", ""),
    ("rst", ".. code-block:: python\n   :linenos:\n\n   code", "code"),
    ("rst", ".. note::\n\n   Mind the", ""),
    ("rst", ".. note:: Mind the", ""),
    ("rst", ".. image:: a", "markup"),
    ("rst", ".. code:: pyt", "markup"),
    ("rst", ":author: Me", "markup"),
    ("rst", ":ref:`there` and", ""),
    ("restructuredtext", "x::\n\n  y", "code"),
    ("typst", "= A heading", ""),
    ("typst", "#let x = 1", "markup"),
    ("typst", "// a comment", "markup"),
    ("typst", "```\ncode", "code"),
    ("typst", "```\ncode\n```\nThen", ""),
    ("typst", "Let $x", "math"),
    ("typst", "It cost \\$3 and", ""),
    ("typst", "One $x\n\nThen", ""),
    ("gitcommit", "Mend the", ""),
    ("gitcommit", "Mend it\n\n# Please enter", "markup"),
    ("gitcommit", "Mend it\n\n#12 is", ""),
    ("gitcommit", "Mend it\n# ------------------------ >8 ------------------------\n+code", "code"),
    ("hgcommit", "HG: Enter", "markup"),
    ("plaintext", "# A heading", ""),
    ("plaintext", "As follows::\n\n    code", ""),
]


@pytest.mark.parametrize(("language", "prefix", "expected"), CASES)
def test_what_holds_the_end_of_a_text(language: str, prefix: str, expected: str) -> None:
    found = spot(prefix, language)
    assert (found if found in SILENT else "") == expected


@pytest.mark.parametrize(("language", "prefix", "expected"), [case for case in CASES if case[2]])
def test_it_is_silent_there_by_name(language: str, prefix: str, expected: str) -> None:
    request = Complete(id="1", document="d", prefix=prefix, language=language)
    assert why_silent(request, CompletionSettings()) == f"in_{expected}"
