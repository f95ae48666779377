"""`shadowpen doctor`: run all checks and print each result with advice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from shadowpen.daemon.base import config, store, terminal
from shadowpen.daemon.base.errors import ShadowpenError
from shadowpen.daemon.base.translation.language import translated, words
from shadowpen.daemon.cli import telemetry_files
from shadowpen.daemon.cli.setup.examining import checks, serving_checks
from shadowpen.daemon.cli.setup.examining.findings import Check, CheckResult

CHECKS: tuple[Check, ...] = (
    serving_checks.machine,
    checks.python,
    checks.onnxruntime,
    checks.settings_file,
    checks.folders,
    checks.socket,
    checks.disk,
    serving_checks.model,
    serving_checks.languages,
    serving_checks.writing,
    serving_checks.device,
    serving_checks.engine,
    checks.telemetry,
    serving_checks.answering,
    serving_checks.plugins,
    checks.editors,
    checks.training,
    checks.formats,
)
_MATTERS = (
    *words("machine", "settings", "folders", "socket", "disk", "model", "writing", "device", "engine", "telemetry"),
    *words("budget", "daemon", "editors", "formats", "languages", "plug-ins", "serving", "training", "word"),
)  # the others are names
_MATTER_OF = {"settings_file": "settings", "answering": "daemon", "plugins": "plug-ins"}  # others: the check's name
_COLOURS = dict(zip(words("ok", "warn", "fail"), ("green", "yellow", "red"), strict=True))


@click.command()
@click.option("--clean", is_flag=True, help="Remove files that onnxruntime's telemetry left on this machine.")
@terminal.json_option
def doctor(clean: bool, as_json: bool) -> None:
    """Find problems and say how to fix them.

    This asks the daemon for a word; if none is running, it starts one and stops it again. Exits with 1 if a check
    fails.
    """
    layout, settings = store.layout(), config.load()
    if clean:
        telemetry_files.remove_leftovers()
    findings = []
    for check in CHECKS:
        for finding in _found(check, layout, settings):
            findings.append(finding)
            if not as_json:
                _print(finding)
    failed = sum(finding.level == "fail" for finding in findings)
    warned = sum(finding.level == "warn" for finding in findings)
    if as_json:
        terminal.print_json({"failed": failed, "warned": warned, "findings": [asdict(finding) for finding in findings]})
    else:
        terminal.say(f"\n{_verdict(failed, warned)}")
    raise click.exceptions.Exit(1 if failed else 0)


def _found(check: Check, layout: store.Layout, settings: config.Config) -> Iterator[CheckResult]:
    """What a check finds; one that cannot be carried out is a finding itself, and the others follow."""
    matter = _MATTER_OF.get(check.__name__, check.__name__)
    try:
        yield from check(layout, settings)
    except ShadowpenError as error:
        yield CheckResult(matter, "fail", error.message, error.hint)
    except OSError as error:
        problem = f"{error.filename or layout.data} cannot be read or written: {error.strerror or error}."
        yield CheckResult(matter, "fail", problem, "Check the permissions and the space on the disk.")


def _print(finding: CheckResult) -> None:
    level = click.style(terminal.padded(finding.level, 5), fg=_COLOURS[finding.level])
    matter = terminal.padded(finding.matter, 12) if finding.matter in _MATTERS else f"{finding.matter:<12}"
    click.echo(f"{level} {matter} {translated(finding.message)}")
    if finding.advice:
        click.echo(f"{'':18} → {translated(finding.advice)}")


def _verdict(failed: int, warned: int) -> str:
    if failed:
        return f"{failed} {'check fails' if failed == 1 else 'checks fail'}: Shadowpen will not work properly."
    if warned:
        return f"Shadowpen works, with {warned} {'warning' if warned == 1 else 'warnings'}."
    return "All checks passed."
