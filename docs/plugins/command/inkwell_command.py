"""`shadowpen count-words [FILE]`: a command is a click command."""

from __future__ import annotations

import click


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
def count_words(file: click.utils.LazyFile) -> None:
    """Count the words of a text from a file or standard input."""
    click.echo(f"{len(file.read().split()):,} words")
