"""The table of commands: one line each, imported only when called.

Our own stand in `COMMANDS`; a plug-in package adds one by an entry point in the group
`shadowpen.commands` (name = "package.module:click_command") and cannot replace ours. This file
imports click and nothing of the product, so that `shadowpen --help` costs no more than click.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import click

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.translation.language import words
from shadowpen.daemon.cli import help
from shadowpen.daemon.plugins import registry
from shadowpen.daemon.plugins.registry import Plugin


@dataclass(frozen=True)
class Entry:
    """A command before it is imported: where it is (`module:attribute`), its one line, its section of the help.

    `plugin` is the entry point of another package's.
    """

    path: str
    help: str
    section: str
    plugin: Plugin | None = None

    def load(self, name: str) -> click.Command:
        """Import the command; ConfigInvalid or PluginBroken when it cannot be imported or is something else."""
        if self.plugin is not None:
            found = self.plugin.load()
            if not isinstance(found, click.Command):
                raise self.plugin.broken("it is not a click command")
            return found
        module, _, attribute = self.path.partition(":")
        try:
            command = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise ConfigInvalid(
                f"The command `{name}` cannot be loaded: {error}.",
                "Install Shadowpen again.",
            ) from error
        assert isinstance(command, click.Command), name
        return command


_WRITING, _SETTING_UP, _LEARNING, _RUNNING = words("Writing", "Setting up", "Learning", "Running")
_FURTHER = "From other packages"

COMMANDS: dict[str, Entry] = {
    "complete": Entry(
        "shadowpen.daemon.cli.writing.complete:complete", "Continue a text from standard input or a file.", _WRITING
    ),
    "expand": Entry("shadowpen.daemon.cli.writing.expand:expand", "Turn notes into a paragraph.", _WRITING),
    "correct": Entry("shadowpen.daemon.cli.writing.verbs:correct", "Correct spelling and grammar.", _WRITING),
    "rewrite": Entry(
        "shadowpen.daemon.cli.writing.verbs:rewrite", "Make a text shorter or plainer, or change its tone.", _WRITING
    ),
    "summarize": Entry(
        "shadowpen.daemon.cli.writing.verbs:summarize", "Summarize a text by its key sentences.", _WRITING
    ),
    "outline": Entry(
        "shadowpen.daemon.cli.writing.verbs:outline", "List the first sentence of each paragraph.", _WRITING
    ),
    "reformat": Entry(
        "shadowpen.daemon.cli.writing.verbs:reformat", "Convert between lists, prose and tables.", _WRITING
    ),
    "tasks": Entry(
        "shadowpen.daemon.cli.writing.verbs:tasks", "List the verbs and how well each works here.", _WRITING
    ),
    "demo": Entry("shadowpen.daemon.cli.demo.demo:demo", "Watch a scripted writer use Shadowpen.", _WRITING),
    "why": Entry("shadowpen.daemon.cli.writing.why:why", "Say what is suggested after a text, and why.", _WRITING),
    "pause": Entry("shadowpen.daemon.cli.writing.pause:pause", "Pause ghost text in all editors.", _WRITING),
    "resume": Entry("shadowpen.daemon.cli.writing.pause:resume", "End a pause.", _WRITING),
    "manual": Entry("shadowpen.daemon.cli.writing.pause:manual", "Turn manual mode on or off.", _WRITING),
    "setup": Entry("shadowpen.exporters.recipes.commands:setup", "Download a model and prepare it.", _SETTING_UP),
    "models": Entry("shadowpen.exporters.recipes.commands:models", "List, choose or remove models.", _SETTING_UP),
    "install": Entry("shadowpen.daemon.cli.setup.install:install", "Install the plug-in for an editor.", _SETTING_UP),
    "config": Entry("shadowpen.daemon.cli.setup.settings:config", "Show or change settings.", _SETTING_UP),
    "engine": Entry(
        "shadowpen.daemon.cli.setup.engine:engine", "Test a server that writes, and store its key.", _SETTING_UP
    ),
    "doctor": Entry("shadowpen.daemon.cli.setup.doctor:doctor", "Find problems and say how to fix them.", _SETTING_UP),
    "uninstall": Entry(
        "shadowpen.daemon.cli.setup.uninstall:uninstall", "Remove what Shadowpen put on this machine.", _SETTING_UP
    ),
    "learn": Entry(
        "shadowpen.daemon.cli.learning.learn:learn", "Choose whether and what Shadowpen learns from you.", _LEARNING
    ),
    "train": Entry("shadowpen.daemon.cli.learning.train:train", "Train your own version of the model.", _LEARNING),
    "lab": Entry("shadowpen.exporters.lab.commands:lab", "Try recipes for training, and compare them.", _LEARNING),
    "versions": Entry(
        "shadowpen.daemon.cli.learning.versions:versions", "List your versions, choose one, or roll back.", _LEARNING
    ),
    "data": Entry("shadowpen.daemon.cli.learning.data:data", "Clean a folder of texts as learning would.", _LEARNING),
    "forget": Entry(
        "shadowpen.daemon.cli.learning.forget:forget", "Delete text from everything Shadowpen keeps.", _LEARNING
    ),
    "rate": Entry("shadowpen.daemon.cli.learning.rate:rate", "Rate the last accepted suggestion.", _LEARNING),
    "feedback": Entry(
        "shadowpen.daemon.cli.learning.feedback:feedback", "List or export what you rated low.", _LEARNING
    ),
    "report": Entry(
        "shadowpen.daemon.cli.learning.report:report", "Show whether Shadowpen helps you and improves.", _LEARNING
    ),
    "open": Entry(
        "shadowpen.daemon.cli.desktop.open:open_", "Show in the browser what it learned, and change it.", _LEARNING
    ),
    "lsp": Entry("shadowpen.lsp_server.commands:lsp", "Run the language server (your editor does this).", _RUNNING),
    "daemon": Entry(
        "shadowpen.daemon.cli.running.lifecycle:daemon",
        "Run the daemon (it starts automatically when needed).",
        _RUNNING,
    ),
    "serve": Entry(
        "shadowpen.daemon.cli.running.serve:serve", "Answer programs that speak OpenAI's protocol.", _RUNNING
    ),
    "status": Entry("shadowpen.daemon.cli.running.status:status", "Show what the daemon is doing.", _RUNNING),
    "monitor": Entry(
        "shadowpen.daemon.cli.running.monitor:monitor", "Show how well suggestions do, by day and version.", _RUNNING
    ),
    "eval": Entry(
        "shadowpen.daemon.cli.running.evaluate:evaluate", "Measure the quality of suggestions on your texts.", _RUNNING
    ),
    "bench": Entry("shadowpen.daemon.cli.running.bench:bench", "Measure speed, memory and keys saved.", _RUNNING),
    "plugins": Entry(
        "shadowpen.daemon.cli.running.plugins:plugins", "List plug-ins of other packages and try them.", _RUNNING
    ),
    "log": Entry("shadowpen.daemon.cli.running.log:log", "Show why recent suggestions were shown or not.", _RUNNING),
    "stop": Entry("shadowpen.daemon.cli.running.lifecycle:stop", "Stop the daemon.", _RUNNING),
}


def find(name: str) -> Entry | None:
    """The entry of a command, ours first; None when nobody brings it."""
    if name in COMMANDS:
        return COMMANDS[name]
    return next((entry for found, entry in third_party().items() if found == name), None)


def third_party() -> dict[str, Entry]:
    """The commands of other installed packages, by name."""
    return {
        plugin.name: Entry(plugin.target, f"From the package {plugin.package}.", _FURTHER, plugin)
        for plugin in registry.others("commands", COMMANDS).values()
    }


class LazyGroup(click.Group):
    """A click group whose help comes from the table and whose commands are imported when they are called."""

    context_class = help.HelpContext

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *third_party()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = find(cmd_name)
        return help.translate(entry.load(cmd_name)) if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and find(name) is None:
            raise click.exceptions.NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        entries = {**COMMANDS, **third_party()}
        for section in dict.fromkeys(entry.section for entry in entries.values()):
            with formatter.section(section):
                rows = [(name, entry.help) for name, entry in entries.items() if entry.section == section]
                formatter.write_dl(rows, col_max=12)
