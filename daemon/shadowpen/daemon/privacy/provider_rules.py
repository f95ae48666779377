"""Rules for keys with a recognizable format, from the tables `*_rules.json` beside this file.

Each line of a table is a rule: `id`, `regex`, `keywords` (lower case, one of which must occur) and, where the shape
alone does not prove it, `entropy` in bits. The group `secret` is what is taken out, else the whole match. This file
knows no maker; update_provider_rules.py makes such a table from a configuration of gitleaks.
"""

from __future__ import annotations

import json
from functools import partial
from importlib import resources
from typing import Any

from shadowpen.daemon.privacy.look_alikes import entropy
from shadowpen.daemon.privacy.rule import Rule


def provider_rules() -> tuple[Rule, ...]:
    """All rules of all tables."""
    folder = resources.files(__package__)
    tables = sorted(
        (file for file in folder.iterdir() if file.name.endswith("_rules.json")), key=lambda file: file.name
    )
    return tuple(_rule(entry) for table in tables for entry in json.loads(table.read_text("utf-8"))["rules"])


def _rule(entry: dict[str, Any]) -> Rule:
    least = entry.get("entropy")
    return Rule(
        "api-key",
        entry["regex"],
        tuple(entry["keywords"]),
        partial(_dense, float(least)) if least else None,
    )


def _dense(least_bits: float, secret: str, _before: str) -> str:
    return secret if entropy(secret) >= least_bits else ""
