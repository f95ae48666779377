"""Models known to work, as data: where they are, their licence and languages, and what they take. Times nothing."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from shadowpen.daemon.storage.placement import IN_MEMORY
from shadowpen.exporters.checkpoints.architectures import Architecture, from_hf_config
from shadowpen.exporters.graphs.export import BYTES_A_WEIGHT
from shadowpen.exporters.sources import defaults

_TABLE = Path(__file__).with_name("known_models.toml")


@dataclass(frozen=True)
class KnownModel:
    """One line of the table; the file says what each field means."""

    name: str
    locator: str
    licence: str
    languages: tuple[str, ...]
    kind: str
    millions: int
    shape: dict[str, Any]
    note: str = ""
    installed_as: str = ""

    @property
    def name_here(self) -> str:
        """The name that `setup_command` installs it under."""
        return self.installed_as or self.locator.rpartition("/")[2]

    @property
    def setup_command(self) -> str:
        """The command that installs it."""
        if self.installed_as == defaults.NAME:
            return "shadowpen setup"
        named = f" --name {self.installed_as}" if self.installed_as else ""
        return f"shadowpen setup {self.locator}{named}"

    @cached_property
    def architecture(self) -> Architecture:
        return from_hf_config(self.shape)

    @property
    def parameters(self) -> int:
        """As the shape has it."""
        return sum(math.prod(shape) for shape in self.architecture.tensor_shapes().values())

    def memory_bytes(self, precision: str = "int8") -> int:
        """About what its weights take when they are loaded."""
        return int(self.parameters * BYTES_A_WEIGHT[precision] * IN_MEMORY)

    def writes(self, wanted: Collection[str]) -> bool:
        """Whether its makers name all the `wanted` languages, or too many to list."""
        return not self.languages or set(wanted) <= set(self.languages)


def known_models(table: Path = _TABLE) -> list[KnownModel]:
    """All of them, smallest first."""
    rows = tomllib.loads(table.read_text("utf-8"))["model"]
    return [KnownModel(**{**row, "languages": tuple(row["languages"])}) for row in rows]
