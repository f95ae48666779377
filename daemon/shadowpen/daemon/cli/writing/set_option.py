"""The option `--set NAME=VALUE` of commands that write: a setting for this one text. Imports click and no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from shadowpen.daemon.base.errors import ConfigInvalid


def set_option(section: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--set`, given to the command as `chosen`: a mapping of names of settings of `section` to their text."""
    return click.option(
        "--set",
        "chosen",
        metavar="NAME=VALUE",
        multiple=True,
        callback=lambda context, parameter, given: _pairs(given),
        help=f"Use this value of {section}.NAME for this text, for example --set temperature=0.5; may be repeated.",
    )


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ConfigInvalid(f"--set takes NAME=VALUE, not {pair!r}.", "For example: --set temperature=0.5")
        pairs[name.strip()] = value.strip()
    return pairs
