"""Nothing scripted: a real Neovim, the real language server, the real daemon and a real model.

Once on the tiny model, which knows a few lines by heart, and once on the default model.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import PLUGIN, init_lua
from .install import EDITORS
from .screen import Happenings, Screen

SHADOWPEN = Path(sys.executable).with_name("shadowpen")
NATIVE = """
vim.o.swapfile = false
vim.o.fillchars = "eob: "
vim.api.nvim_create_autocmd("LspAttach", {{ callback = function() vim.o.statusline = "attached" end }})
vim.lsp.config("shadowpen", {{ cmd = {{ "{program}", "lsp" }}, filetypes = {{ "markdown" }} }})
vim.lsp.enable("shadowpen")
vim.lsp.inline_completion.enable()
vim.keymap.set("i", "<Tab>", function()
  if not vim.lsp.inline_completion.get() then return "<Tab>" end
end, {{ expr = true }})
"""


def shadowpen(*arguments: str, text: str = "") -> str:
    """The output of the command line, which starts the daemon of this test's home when it needs one."""
    command = [str(SHADOWPEN), *arguments]
    return subprocess.run(command, input=text, text=True, check=True, capture_output=True, timeout=120).stdout


def settle(text: str) -> None:
    """Answer the question whether anything may be learned, and have the model loaded.

    No deadline cuts an answer short: this is not about the speed of the machine.
    """
    shadowpen("config", "set", "learning.enabled", "off")
    shadowpen("config", "set", "completion.deadline_ms", "5000")
    shadowpen("complete", text=text)


Write = Callable[[Path, str], Screen]


@pytest.fixture(
    params=[
        "tiny_models",
        pytest.param("real_model", marks=[pytest.mark.slow, pytest.mark.real_model]),
    ]
)
def beginning(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The beginning of a sentence that the model in force surely goes on with; it is loaded by then."""
    monkeypatch.setenv("SHADOWPEN_MODELS", str(request.getfixturevalue(request.param)))
    text = {"tiny_models": "The harbour lay", "real_model": "The captain looked at us and shook his"}[request.param]
    settle(text)
    return text


@pytest.fixture
def write(sandbox: Path) -> Iterator[Write]:
    """Start a Neovim with a configuration on an empty Markdown file."""
    screens: list[Screen] = []

    def run(program: Path, configuration: str) -> Screen:
        init, file = sandbox / "init.lua", sandbox / "text.md"
        init.write_text(configuration, encoding="utf-8")
        file.write_text("", encoding="utf-8")
        screens.append(Screen(program, init, file, Happenings()))
        return screens[-1]

    yield run
    for screen in screens:
        screen.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("editor", sorted(EDITORS))
def test_with_the_plugin(write: Write, beginning: str, editor: str) -> None:
    statusline = "vim.o.laststatus = 2; vim.o.statusline = \"%{v:lua.require'shadowpen'.status()}\""
    screen = write(EDITORS[editor].program, init_lua(f"cmd = {{ '{SHADOWPEN}', 'lsp' }}", statusline))
    screen.wait_for("shadowpen: ready")
    screen.keys("i" + beginning)
    ghost = screen.wait_text_in("Comment")
    screen.keys("<C-Right>")
    screen.wait_buffer_where(lambda lines: len(lines[0]) > len(beginning))
    word = screen.buffer[0].removeprefix(beginning)
    assert ghost.startswith(word.strip())
    screen.keys("<Esc>u")
    screen.wait_buffer(beginning)
    screen.keys("A ")  # an undo is followed by quiet, until a key is typed
    assert screen.wait_text_in("Comment")
    screen.keys("<Tab>")
    screen.wait_buffer_where(lambda lines: lines[0].startswith(beginning + word))
    screen.keys("<Esc>")
    before = screen.buffer
    screen.command("ShadowpenContinue")
    screen.wait_buffer_where(lambda lines: lines != before)
    assert "\n".join(screen.buffer).startswith("\n".join(before))
    screen.keys("u")
    screen.wait_buffer(*before)
    screen.command("ShadowpenExpand")
    screen.wait_for("take: <Tab>")
    assert screen.buffer == before
    screen.keys("<Tab>")
    screen.wait_buffer_where(lambda lines: lines != before)
    screen.keys("u")
    screen.wait_buffer(*before)


@pytest.mark.timeout(240)
def test_with_the_native_client_and_no_plugin(write: Write, beginning: str) -> None:
    screen = write(EDITORS["0.12"].program, NATIVE.format(program=SHADOWPEN))
    screen.wait_for("attached")
    assert str(PLUGIN) not in screen.lua("return vim.o.runtimepath")
    screen.keys("i" + beginning)
    ghost = screen.wait_text_in("ComplHint")
    screen.keys("<Tab>")
    screen.wait_buffer_where(lambda lines: len(lines[0]) > len(beginning))
    assert screen.buffer[0].removeprefix(beginning).strip().startswith(ghost.split()[0])


def test_checkhealth_reads_the_real_status(write: Write, tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHADOWPEN_MODELS", str(tiny_models))
    settle("The boats")
    model = json.loads(shadowpen("status", "--json"))["model"]["model"]
    screen = write(EDITORS["0.11"].program, init_lua(f"cmd = {{ '{SHADOWPEN}', 'lsp' }}"))
    screen.command("checkhealth shadowpen")
    assert f"The daemon is running, with {model}." in "\n".join(screen.buffer)
