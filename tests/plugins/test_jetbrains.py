"""The template for LSP4IJ in JetBrains' programs: what it starts, and for which kinds of text."""

from __future__ import annotations

import json
from pathlib import Path

from shadowpen.daemon.privacy.paths import PROSE_LANGUAGES

TEMPLATE = Path(__file__).resolve().parents[2] / "plugins" / "jetbrains" / "template.json"


def test_the_template_starts_the_server_for_prose() -> None:
    template = json.loads(TEMPLATE.read_text("utf-8"))
    assert template["id"] and template["name"]
    assert all("shadowpen" in command and " lsp" in command for command in template["programArgs"].values())
    mappings = template["fileTypeMappings"]
    assert {mapping["languageId"] for mapping in mappings} <= PROSE_LANGUAGES
    assert all(mapping["fileType"]["patterns"] for mapping in mappings)
