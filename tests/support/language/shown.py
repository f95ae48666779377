"""Which sources hold sentences that people see, and which of their texts are none: what is translated.

The demo, the text of the benchmarks' tables and what `shadowpen serve` answers are English only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from shadowpen.daemon.base import errors

from . import templates
from .prose import sentences

ROOT = Path(__file__).resolve().parents[3]
_DAEMON = "daemon/shadowpen/daemon/"
# All of whose prose is shown; a folder stands for all below it.
WHOLE = (
    "lsp_server/shadowpen/lsp_server",
    "exporters/shadowpen/exporters/lab/commands.py",
    "exporters/shadowpen/exporters/recipes/commands.py",
    "exporters/shadowpen/exporters/recipes/ladder/commands.py",
    "exporters/shadowpen/exporters/recipes/ladder/recommending.py",
    "exporters/shadowpen/exporters/recipes/personal.py",
    "exporters/shadowpen/exporters/sources/base.py",
    "exporters/shadowpen/exporters/sources/hub_client.py",
    "exporters/shadowpen/exporters/sources/package_index.py",
    *(
        _DAEMON + path
        for path in (
            *(
                "bench/machine.py",
                "base/config.py",
                "base/sections.py",
                "base/config_file.py",
                "base/extras.py",
                "base/store.py",
                "base/terminal.py",
            ),
            *(
                "cli/__init__.py",
                *(f"cli/desktop/{name}.py" for name in ("forms", "learned", "open", "overview", "pages")),
                *(f"cli/desktop/{name}.py" for name in ("settings_page", "versions_page", "writing")),
                "cli/help.py",
                "cli/learning",
                "cli/running",
                "cli/setup",
                "cli/table.py",
            ),
            *("cli/telemetry_files.py", "cli/text_input.py", "cli/writing"),
            *("corpus/annotation.py", "corpus/cleaning.py", "corpus/corpus.py", "corpus/folders.py"),
            *("corpus/repair.py", "corpus/filtering.py", "corpus/split.py"),
            *("engine/engines.py", "engine/openai", "formats"),
            *(
                "learning/conditions",
                "learning/forgetting.py",
                "learning/gate.py",
                "learning/runs.py",
                "learning/told.py",
            ),
            *(
                f"monitoring/{name}.py"
                for name in ("alarms", "bert_score", "channels", "decline", "similarity", "mail")
            ),
            *(
                "preparation/fetching.py",
                "preparation/local_models.py",
                "preparation/media.py",
                "preparation/sources.py",
            ),
            *("plugins", "privacy/consent.py", "privacy/paths.py"),
            *(f"reporting/{name}.py" for name in ("learned", "measured", "monitored", "own", "page", "plots")),
            "reporting/report.py",
            *("serving/worker.py", "showing/naming.py", "showing/silence/reasons.py"),
            *("storage/device_record.py", "storage/devices.py", "storage/models.py", "storage/placement.py"),
            *("storage/versions.py", "tasks/registry.py", "tasks/verbs", "text/languages.py", "trainer/by_recipe"),
            *("trainer/process.py", "trainer/recipes", "trainer/scratch/recipes.py", "typist/glances.py"),
            "wire/launch.py",
        )
    ),
)
# Of the others, what errors and steps of progress are made with.
_STEPS = ("progress", "tell", "copy_file", "copy_pieces", "_progress_of", "words")
_CLASS = re.compile(r"^class (\w+)\((\w+)", re.MULTILINE)
_ENGLISH = ("daemon/shadowpen/daemon/bench", "daemon/shadowpen/daemon/http", "daemon/shadowpen/daemon/cli/demo")
TEMPLATES = sorted((ROOT / "daemon/shadowpen/daemon/cli/desktop/templates").glob("*.html"))


def messages() -> Iterator[tuple[Path, str]]:
    """Every sentence that is to be translated, with the file it is in."""
    paths = sorted(path for folder in ("daemon", "exporters", "lsp_server") for path in (ROOT / folder).rglob("*.py"))
    makers = {*_errors(paths), "StillWaiting", *_STEPS}
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        is_whole = name.startswith(WHOLE)
        if is_whole or not name.startswith(_ENGLISH):
            yield from (
                (path, sentence)
                for sentence in sentences(path, () if is_whole else makers)
                if sentence not in NOT_SHOWN
            )
    for path in TEMPLATES:
        yield from ((path, sentence) for sentence in templates.sentences(path))


def _errors(paths: Sequence[Path]) -> set[str]:
    """The names of all classes of errors, whichever of their modules are imported."""
    bases = {name: base for path in paths for name, base in _CLASS.findall(path.read_text("utf-8"))}
    names = {errors.ShadowpenError.__name__}
    while more := {name for name, base in bases.items() if base in names} - names:
        names |= more
    return names


# Read as prose by `prose`, and shown to nobody, or names and command lines that are the same in every language.
NOT_SHOWN = frozenset(
    {
        "(\\S+): cannot open shared object file",
        "-----BEGIN PGP MESSAGE-----",
        "--for writing",
        "Anna wrote to her brother.",
        "C:/Program Files/LibreOffice/program",
        "Cursor",
        "Go on with this sentence: {0}",
        "HTML",
        "Library/Application Support/LibreOffice",
        "Python {0}, shadowpen {1}",
        "Send initialize first.",
        "Shadowpen: an alarm",
        "Shadowpen: {0} alarms",
        "The harbour lay quiet in the morning, and the boats",
        "The request failed inside the language server; its log says why.",
        "This server is initialized already; start another one.",
        "This server was told to shut down and answers nothing more.",
        "VS Code",
        "VS Code Insiders",
        "VSCodium",
        "Visual Studio Code",
        "Visual Studio Code - Insiders",
        "^(none|embeddings|all but head|lowest [0-9]{1,3})$",
        "a device of {0}",
        "all but head",
        "an earlier answer than the daemon's own deadline; a later one is not granted",
        "an editor",
        "an error",
        "and its",
        "author {0}",
        "bold red",
        "cancel {0}",
        "code-server",
        "files never read, on top of the author's own list",
        "footnote mark",
        "ghost text ends with its line",
        "git init {0}",
        "instead {0}",
        "is the hub there",
        "killed by signal {0}",
        "languages without suggestions, e.g. python",
        "late command",
        "lib{0}.so",
        "link target",
        "log variance of {0}",
        "model name",
        "more",
        "not an object",
        "off: no spelling and grammar here, whatever the author's own setting",
        "off: no suggestions in this editor",
        "p[style-name='Block Text'] => blockquote:fresh",
        "p[style-name='HTML Preformatted'] => pre:separator('\\n')",
        "p[style-name='Intense Quote'] => blockquote:fresh",
        "p[style-name='Quote'] => blockquote:fresh",
        "p[style-name='Subtitle'] => p:fresh",
        "p[style-name='TOC Heading'] => !",
        "p[style-name='Title'] => h1:fresh",
        "p[style-name='toc {0}'] => !",
        "pipx inject {0}",
        "pipx uninstall {0}",
        "run() gives {0} {1}, not float32 [1, {2}",
        "served and candidate were scored on different tokens",
        "shadowpen (a person asked for this page)",
        "shadowpen config set completion.deadline_ms {0}",
        "shadowpen config set model.precision auto",
        "shadowpen config unset writing.model",
        "shadowpen install vscode --editor {0}",
        "shadowpen learn add FOLDER",
        "status {0}",
        "the last try returns or raises",
        "torch {0}, peft {1}.",
        "uv pip install --python {0}",
        "uv pip uninstall --python {0} shadowpen",
        "uv tool uninstall {0}",
        "visual studio code",
        "{0} && shadowpen models use {1}{2}",
        "{0} -m pip install",
        "{0} -m pip uninstall shadowpen",
        "{0} are",
        "{0} by {1}",
        "{0} in {1}",
        "{0} is",
        "{0} of {1}",
        "{0} on {1}",
    }
)
