"""Uses all of Shadowpen once: commands, daemon, language server, a training run, the report. Run as a script.

`python everything_once.py TEXTS` expects SHADOWPEN_MODELS and a home folder of its own, and ends with 0 if each part
did its work. It is what the test of network use watches.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from support.editor import Editor
from tiny import LINES

_COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.cli")


def run(*arguments: str, text: str = "", may_fail: bool = False) -> str:
    done = subprocess.run([*_COMMAND, *arguments], input=text, capture_output=True, text=True, check=False)
    assert may_fail or done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout + (done.stderr if may_fail else "")


async def write_in_an_editor() -> None:
    editor = Editor()
    await editor.start(Path(os.environ["SHADOWPEN_HOME"]))
    text = LINES[0][:30]
    editor.open(text)
    assert await editor.texts(0, len(text)), "no ghost text came"
    assert await editor.leave() == 0


def prepare(texts: Path) -> None:
    """From a plan that names no page: then this command is as silent as all others."""
    home = Path(os.environ["SHADOWPEN_HOME"])
    plan = home / "corpus.toml"
    plan.write_text(f'[[data_sources]]\nfolder = "{texts}"\n\n[annotation_schema]\nentities = true\ntopics = 3\n')
    run("data", "prepare", "--config", str(plan), "--output", str(home / "corpus"))


def use_verbs() -> None:
    """Each verb that is offered, and what lists verbs, plug-ins and ratings."""
    text = "The boats came late. It was a apple that they dont sell. The river was cold."
    for verb in ("correct", "summarize", "outline"):
        assert run(verb, text=text).strip()
    run("reformat", "--to", "list", text=text)
    run("rewrite", "--to", "shorter", text=text)
    for listing in (("tasks",), ("plugins",), ("feedback", "list"), ("versions", "list"), ("monitor", "--json")):
        run(*listing)


def use_everything(texts: str) -> None:
    run("config", "set", "learning.automatic", "false")  # one run, when it is asked for
    run("learn", "on")
    told = json.loads(run("learn", "add", texts, "--json"))
    assert {".docx", ".odt", ".rtf", ".epub", ".pdf", ".html"} <= told["kinds"].keys(), told
    assert run("complete", "--words", "5", text=LINES[0][:30]).strip()
    assert "boats" in run("expand", text="boats came late\nthe river was cold\n").lower()
    run("expand", "--continue", "mention the rain", may_fail=True)
    assert run("expand", "--take").strip()
    run("expand", "--free", text="boats came late\nthe river was cold\n", may_fail=True)  # a tiny model makes none
    use_verbs()
    asyncio.run(write_in_an_editor())
    trained = run("train", "now", "--full-speed", "--json", may_fail=True)
    state = json.loads(run("train", "status", "--json"))["run"].get("state")
    assert state in ("promoted", "rejected"), trained  # the gate may refuse what a tiny model learned
    run("report")
    prepare(Path(texts))
    kept = Path(os.environ["SHADOWPEN_HOME"], "everything.age")
    run("learn", "export", str(kept), text="plum cakes in the rain\n")
    run("learn", "import", str(kept), text="plum cakes in the rain\n")
    run("doctor", may_fail=True)


def main(texts: str) -> None:
    try:
        use_everything(texts)
    finally:
        run("stop")  # whoever watches waits for every process


if __name__ == "__main__":
    main(sys.argv[1])
