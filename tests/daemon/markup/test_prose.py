"""daemon/markup/prose.py: of each kind of markup the author's sentences stay, and nothing else."""

# ruff: noqa: E501 (a case reads best in one line)
from __future__ import annotations

import pytest

from shadowpen.daemon.markup.prose import front_matter, strip

ONE = "This morning I walked along the harbour with my sister."
TWO = "In the evening the rain came back and the windows were shut."
THREE = "A week later the letter arrived at last, and I read it twice."


def prose(text: str, suffix: str) -> list[str]:
    """The lines that stay of a file, blank ones apart."""
    _, body = front_matter(text, suffix)
    return [" ".join(line.split()) for line in strip(body, suffix).lines if line.strip()]


@pytest.mark.parametrize(
    "hidden",
    [
        "```py\nx = 1\n\ny = 2\n```",
        "~~~\nx\n```\ny\n~~~",
        "- ```\n  x\n\n  y\n  ```",
        "> Somebody else's words\ngo on lazily.",
        "| a | b |\n|---|---|\n| c | d |",
        "a | b\n--|--\nc | d",
        "+---+---+\n| a | b |\n+---+---+",
        "<!-- a remark\n\nover two paragraphs -->",
        "<pre>\nx\n\ny\n</pre>",
        "<table>\n<tr><td>x</td></tr>\n\n<tr><td>y</td></tr>\n</TABLE>",
        "<blockquote>\nSomebody else's words.\n</blockquote>",
        "$$\nx + y\n\n= z\n$$",
        "\\begin{align}\nx &= y\n\\end{align}",
        "[1]: https://example.org 'words of a title'",
        "{% highlight ruby %}\nputs x\n\nputs y\n{% endhighlight %}",
        "{%- raw -%}\nx\n{%- endraw -%}",
        '{{< highlight go "linenos=table" >}}\nx\n{{< /highlight >}}',
        "{{% comment %}}\na remark\n{{% /comment %}}",
        "{% comment %}a remark{% endcomment %}",
        "{% quote Somebody %}\nwords of somebody else\n{% endquote %}",
        '{{< figure\n  src="x.png"\n  title="words" >}}',
        "%%\na remark\n\nof two paragraphs\n%%",
        "%% a remark %%",
        "status:: draft of a chapter",
        "- tags:: one and two",
        "^a1b2c3",
        "![[harbour photo.jpg|300]]",
        "> [!quote] Somebody\n> words of somebody else",
        "<%* tp.file.title %>",
        "::: {.callout}",
        "{: .no_toc}",
        "[TOC]",
        "***",
        "<?php echo 1;\n\necho 2; ?>",
        "<![CDATA[\nx\n\ny\n]]>",
        "<!DOCTYPE html>",
        "<%*\nlet x = 1;\n\nlet y;\n%>",
        "{# a remark #}",
        "{{{raw}}}",
        '!!! note "A title"',
        "??? warning",
        "#travel #notes/2012",
        "#+BEGIN_QUERY\n{:title x}\n\n#+END_QUERY",
        "{::comment}\na remark\n\nof two paragraphs\n{:/comment}",
        "{::nomarkdown}\n<b>x</b>\n{:/}",
        "\\begin{aligned}\nx &= y\n\\end{aligned}",
        "[![x](a.png)](https://example.org)",
        "{>>a remark<<}",
    ],
)
def test_what_is_no_prose_in_markdown(hidden: str) -> None:
    assert prose(f"{ONE}\n\n{hidden}\n\n{TWO}", ".md") == [ONE, TWO]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("```make all``` is how it is built.", "```make all``` is how it is built."),
        ("The sign `<!--` opens a comment.", "The sign `<!--` opens a comment."),
        ("The sign `%%` opens one too.", "The sign `%%` opens one too."),
        ("I met [[People/A Name|her]] there.", "I met her there."),
        ("I met [[her]] there.", "I met her there."),
        ("I sat on the [[Places/Old Quay#Pier]] there.", "I sat on the Old Quay there."),
        ("See [[#My year]] and [[Notes 3#^a1b2]] for it.", "See My year and Notes 3 for it."),
        ("We read %%not this%% the paper. ^a1b2c3", "We read the paper."),
        ("A [long\nname](https://example.org) of it.", "A long|name of it."),
        ("It was (mood:: good) enough.", "It was enough."),
        ("Today is {{date}} or <% tp.date.now() %> here.", "Today is or here."),
        ("<!-- a remark --> Seen.", "Seen."),
        ("It was so.[^1][^2] And ![a\nb](c.png) more.", "It was so. And more."),
        ("a | b\n- | -\nc | d\n\nSeen.", "Seen."),
        ("Before <!-- a remark\nand its end --> behind.", "Before|behind."),
        ("Title\n=====", "Title"),
        ("It runs at `http://localhost:80/` here.", "It runs at `⟦link⟧` here."),
        ("- ![a](b.png)\n- one more", "- one more"),
        ("> [!note] A title\n> My own words\n> go on.", "A title|My own words|go on."),
        ("- [ ] a task with `code`", "- [ ] a task with `code`"),
        ("1. one\n\n   its second paragraph", "1. one|its second paragraph"),
        ('!!! note "A title"\n    My own words.', "My own words."),
        ('=== "A tab"\n\n    My own words.\n\nAnd more.', "My own words.|And more."),
        ("## A title of it {.class #id}", "## A title of it"),
        ("A title of it {#id}\n-------------", "A title of it"),
        ("It was [small]{.smallcaps} and ![a](b.png){width=50%} seen.", "It was small and seen."),
        ("It was {# not #} here.", "It was here."),
        ("{% raw %}{{ x }}{% endraw %} Seen.", "Seen."),
        ("| Roses are red in here,\n| and violets are blue.", "Roses are red in here,|and violets are blue."),
        ("It {++was++}{--is--} {~~bad~>good~~} and {==seen==}{>>a remark<<}.", "It was good and seen."),
        ("- a task ((65a1b2c3-1234-1234-1234-1234567890ab))", "- a task"),
        ("#+BEGIN_NOTE\nMy own words.\n#+END_NOTE", "My own words."),
        ("It is `= this.mood` and `r 1 + 1` here.", "It is and here."),
        ("<details>\n<summary>More</summary>\n\nHidden words.\n\n</details>", "More|Hidden words."),
    ],
)
def test_what_is_said_in_markdown(written: str, said: str) -> None:
    assert "|".join(prose(f"{ONE}\n\n{written}\n\n{TWO}", ".md")) == f"{ONE}|{said}|{TWO}"


@pytest.mark.parametrize(
    "opened",
    ["<pre>", "<table>", "<!-- more", "<iframe src='x'>", "<figure>", "$$", "%%", "{% raw %}", "{{< highlight go >}}"],
)
def test_what_is_never_closed_does_not_swallow_the_rest(opened: str) -> None:
    assert prose(f"{ONE}\n\n{opened}\n\n{TWO}\n\n{THREE}", ".md")[-2:] == [TWO, THREE]


def test_mdx_is_no_program() -> None:
    text = f"import {{\n  Box,\n}} from './box'\n\nimport Chart from './chart'\nexport const year = 2018\n\n{ONE}\n\n{{/* a remark */}}\n\n{TWO}"
    assert prose(text, ".mdx") == [ONE, TWO]


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".md", "---\n---\n\nONE\n\n---\n\nTWO"),
        (".md", "---\n\nONE\n\n---\n\nTWO"),
        (".md", "---\nbase: &b x\n<<: *b\ntitle: y\n---\nONE\n\nTWO"),
        (".md", "- - -\n\nONE\n\n* * *\n\nTWO"),
        (".md", "\n\n---\ntitle: x\n---\nONE\n\nTWO"),
        (".md", "---\ntitle: x\n...\nONE\n\nTWO"),
        (".md", "---yaml\ntitle: x\n---\nONE\n\nTWO"),
        (".md", "---toml\ntitle = 'x'\n---\nONE\n\nTWO"),
        (".md", ';;;\n{\n"title": "x"\n}\n;;;\nONE\n\nTWO'),
        (".md", "+++\n+++\n\nONE\n\nTWO"),
        (".txt", "----\n\nONE\n\n~~~~\n\nTWO"),
        (".txt", "ONE\n* * *\nTWO"),
        (".org", "ONE\n\\[\nx\n\\]\nTWO"),
        (".md", "---\ntitle: x\n\ntags:\n- y\n---\nONE\n\nTWO"),
        (".md", '{\n  "title": "x"\n}\n\nONE\n\nTWO'),
        (".md", "Title: x\nDate: 2012-02-03\n\nONE\n\nTWO"),
        (".md", "% A title\n% Somebody\n% 2012\n\nONE\n\nTWO"),
        (".md", "<!--\n.. title: x\n.. date: 2012-02-03\n-->\n\nONE\n\nTWO"),
        (".org", "#+TITLE: x\nONE\n:PROPERTIES:\n:ID: x\n:END:\n: a fixed line\n\nTWO"),
        (".org", "ONE\nSCHEDULED: <2015-02-05 Thu>\n:logbook:\n- Note taken \\\\\n  a remark\n:end:\n\nTWO"),
        (".org", "ONE\n#+begin_example\nx\n\n* y\n#+end_example\n#+begin_quote\nno\n#+end_quote\nTWO"),
        (".org", "ONE\n#+BEGIN: clocktable\nx\n#+END:\n| a | b |\n# a remark\nTWO"),
        (".org", "ONE\n:drawer:\nTWO"),
        (".rst", ".. title: x\n\nONE\n\n.. code-block:: python\n   :linenos:\n\n   x = 1\n\n   y\n\nTWO"),
        (".rst", "ONE\n\n>>> x\ny\n\n===  ===\na    b\n===  ===\n\n+---+\n| a |\n+---+\n\nTWO"),
        (".rst", ":author: x\n\nONE\n\n.. image:: x.png\n   :alt: y\n\n.. a remark\n   goes on\n\nTWO"),
        (".adoc", "ONE\n\n[source,python]\n----\nx\n\ny\n----\n\n....\nz\n....\n\nTWO"),
        (".adoc", "ONE\n\n// a remark\n\n////\nx\n////\n\n|===\n|a |b\n|===\n\n____\nno\n____\n\nTWO"),
        (".adoc", "ONE\n\n[source]\nx = 1\n\n literal\n\nimage::x.png[]\n\n:toc: left\n\nTWO"),
        (".adoc", "ONE\n\n====\nTWO\n===="),
        (".tex", "\\usepackage{x}\n\\begin{document}\nONE\n\n\\begin{equation} x \\end{equation}\n\nTWO\n\\end{document}"),
        (".tex", "\\begin{document}\nONE\n\n\\begin{align*}\n a &= b\n c \\end{align*}\n\nTWO\n\\end{document}\nmore"),
        (".tex", "ONE \\begin{equation}x\\end{equation} TWO"),
        (".tex", "ONE \\[ x \\] TWO"),
        (".typ", "ONE\n\n#{\n  let x = 1\n  x\n}\n\nTWO"),
        (".wiki", "ONE\n\n%% a remark\n\nTWO"),
        (".tex", "\\noindent ONE\n\n\\[ x\n = y \\]\n\n\\label{x} TWO"),
        (".tex", "ONE % a remark\n\n\\begin{theorem}[x]\n\\begin{lstlisting}\ny\n\\end{lstlisting}\nTWO\n\\end{theorem}"),
        (".tex", "ONE\n\n\\begin{equation}\nnever closed\n\nTWO"),
        (".typ", "#set page(\n  width: 1cm,\n)\n\nONE\n\n```py\nx\n\ny\n```\n\n$ x\n y $\n\n// a remark\n\nTWO"),
        (".typ", "ONE\n\n#figure(\n  image(\"x.png\"),\n  caption: [no],\n)\n\n/* x\n\ny */\n\nTWO"),
        (".textile", "ONE\n\nbc.. x\n\ny\n\np. TWO"),
        (".textile", "ONE\n\nbq.:https://x.org Words.\n\n[alias]https://x.org\n\nTWO"),
        (".wiki", "ONE\n\n code = 1\n\n<blockquote>\nno\n\nno\n</blockquote>\n\nTWO"),
        (".typ", "#align(center)[\n  ONE\n]\n\n/* a\n\nb */ TWO"),
        (".textile", "ONE\n\nbq. Somebody else's words.\n\n|a|b|\n\nTWO"),
        (".wiki", "ONE\n\n{{Infobox\n| a = b\n}}\n\n{| class=x\n| a\n|}\n\n[[Category:X]]\n\nTWO"),
        (".wiki", "ONE\n\n<syntaxhighlight lang=c>\nx\n\ny\n</syntaxhighlight>\n\n{{{\nx\n}}}\n\nTWO"),
        (".fountain", "Title: x\nAuthor: y\n\nONE\n\n/* x\n\ny */\n\n[[a note]]\n\nTWO"),
        (".txt", "ONE\n\nTWO"),
    ],
)  # fmt: skip
def test_what_is_no_prose_elsewhere(suffix: str, text: str) -> None:
    assert prose(text.replace("ONE", ONE).replace("TWO", TWO), suffix) == [ONE, TWO]


@pytest.mark.parametrize(
    ("suffix", "text", "said"),
    [
        (".adoc", "Summary::\n  The text of an entry.\n\nSee https://x.org[the words].", "Summary::|The text of an entry.|"
         "See the words."),
        (".adoc", "A title\n-------\n\nThen text.", "A title|Then text."),
        (".rst", ".. note::\n   :class: x\n\n   Mind the step.\n\nSee `there <https://x.org>`_ [1]_.", "Mind the step.|"
         "See there."),
        (".rst", "Hi\n==\n\nOther\n`````\n\nText.", "Hi|Other|Text."),
        (".org", "#+begin_warning\nMind the step.\n#+end_warning\nSee [fn:1] [[x][there]].", "Mind the step.|See there."),
        (".tex", "\\section{One} Text behind it.\n\n\\textsc{This} was it.", "\\section{One} Text behind it.|\\textsc{This} "
         "was it."),
        (".tex", "\\begin{frame}{x}\nSome words.\n\\end{frame}", "Some words."),
        (".typ", '= Title\n\nSee #link("https://x.org")[the words] <label>', "= Title|See the words"),
        (".textile", 'h1. Title\n\nSee "the words":https://x.org now.', "h1. Title|See the words now."),
        (".wiki", "== Title ==\n\nSee [[A|the words]].<ref>x</ref>", "== Title ==|See the words."),
        (".rst", ".. figure:: x.png\n   :alt: y\n\n   A caption.\n\n.. tab:: One\n\n   Mine.", "A caption.|One|Mine."),
        (".org", "* TODO A letter  :home:@post:\nWords.", "* TODO A letter|Words."),
        (".org", "* COMMENT Not yet\nno\n** Below it\nno\n* One more\nWords.", "* One more|Words."),
        (".org", "See src_sh{ls}, call_x(1)[y] and it.[fn:1]\n\n[fn:1] A note.", "See , and it.|A note."),
        (".rst", "It was seen [#f]_.\n\n.. [#f] A note\n   of two lines.\n\n.. [Ann2010] A book.", "It was seen.|A note|of two"
         " lines."),
        (".rst", ".. tip::\n\n   Mine.\n\n   .. code::\n\n      x\n\n   Mine too.\n\nEnd.", "Mine.|Mine too.|End."),
        (".adoc", "It was (((hidden))) ((shown)) here.", "It was shown here."),
        (".typ", "The marks `//` and `/*` open. // a remark", "The marks `//` and `/*` open."),
        (".typ", "See https://x.org/a//b now. // a remark", "See ⟦link⟧ now."),
        (".tex", "The \\verb|\\begin{verbatim}| opens.\n\nMore.", "The \\verb|\\begin{verbatim}| opens.|More."),
        (".textile", "A %{color:red}red% word.[1]\n\nfn1. A note.", "A red word.|A note."),
        (".org", "#+CAPTION: x\n[[./x.png]]\n\\newpage\nSee [[*A part]], [[id:x]].", "See A part, ⟦link⟧."),
        (".wiki", "[[Datei:x.jpg|mini|A [[b]] c]] Seen {{cite|x={{y}}}} <pre>x</pre>here.", "Seen here."),
        (".wiki", "~~NOTOC~~\nSeen.\n<php>\nx\n\ny\n</php>\n<source>x</source>", "Seen."),
        (".wiki", "Seen.<ref>no\nno</ref> More.", "Seen. More."),
        (".txt", "A title\n=======\n\nText.", "A title|Text."),
        (".txt", "=======\nA title\n=======\n\nText.", "A title|Text."),
        (".fountain", "FADE IN:\n\nWords.", "FADE IN:|Words."),
        (".fountain", "INT. HARBOUR - DAY\n\nANN\nI am [[no]] here.", "INT. HARBOUR - DAY|ANN|I am here."),
    ],
)  # fmt: skip
def test_what_is_said_elsewhere(suffix: str, text: str, said: str) -> None:
    assert "|".join(prose(text, suffix)) == said


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nDear Anna: ONE\n\n---\n\nTWO",
        "---\nNote: ONE\n---\n\nTWO",
        "Date: ONE\n\nTWO",
        "---\nAnna: ONE\nBob: TWO\n---\n\nAnd more.",
    ],
)
def test_prose_between_rules_is_no_head_though_it_has_a_colon(text: str) -> None:
    said = "\n".join(prose(text.replace("ONE", ONE).replace("TWO", TWO), ".md"))

    assert ONE in said
    assert TWO in said
