"""The contents of an export, as its first member lists them.

    contents.json                   Contents: what follows
    adapters/<version>/             manifest.json and what was learned, without graphs: they are built again
    edits.jsonl                     the journal, if its owner wanted
    forgotten/<n>/, pasted/<n>/     key and prints: what must not be learned stays known
    trigger.json                    what was learned about when to show

The memory is not in it: it is made again from the journal and the folders.
"""

from __future__ import annotations

import re

import msgspec

SCHEMA = 1
CONTENTS = "contents.json"
EDITS = "edits.jsonl"
TRIGGER = "trigger.json"
ADAPTERS, FORGOTTEN, PASTED = "adapters", "forgotten", "pasted"
MOST_BYTES = 64 << 30  # of all members together
MEMBER = re.compile(
    r"contents\.json|edits\.jsonl|trigger\.json"
    r"|adapters/v[A-Za-z0-9._-]{1,127}/(manifest\.json|delta\.safetensors|adapter_model\.safetensors|adapter_config\.json)"
    r"|(forgotten|pasted)/[0-9]{1,4}/(key|prints)"
)


class ArchiveContents(msgspec.Struct, frozen=True, kw_only=True):
    """`current` is the version that answered; `base` names the model that it belongs to."""

    schema: int = SCHEMA
    created: str
    versions: list[str]
    current: str = ""
    base: str = ""
    journal: bool = True
