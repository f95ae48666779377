"""Secrets that a running daemon is told, and what of them lies on the disk afterwards."""

from __future__ import annotations

import time
from pathlib import Path

from support.journal.events import as_events

from shadowpen.daemon.storage.journal import Journal

_PLANTED = {
    "xq4hunter22": "use the password xq4hunter22",
    "S3cret!pw": "Log in with admin / S3cret!pw",
    "hunter2hunter": "DB_PASSWORD=hunter2hunter",
    "gsk_Ab12cdEF34ghIJ56klMN78opQR90stUV": "gsk_Ab12cdEF34ghIJ56klMN78opQR90stUV",
    "Sommer2024": "Das Passwort lautet Sommer2024!",
    "Soleil2023": "Le mot de passe est Soleil2023.",
    "Verano2024": "La contraseña es Verano2024!",
    "Estate2024": "La password è Estate2024!",
    "zhima99kaimen": "密码是zhima99kaimen，别说。",
    "4711#": "The door code is 4711#",
    "abandon ability able": "seed: abandon ability able about above absent absorb abstract absurd abuse access acid",
}


def test_nothing_planted_reaches_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "edits")
    for number, sentence in enumerate(_PLANTED.values()):
        event = {"type": "accepted", "id": str(number), "time": time.time(), "context": f"I wrote: {sentence}\n"}
        journal.append(
            as_events(
                {**event, "suggested": sentence, "taken": sentence, "document": "file:///a.md", "language": "markdown"}
            )
        )

    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).decode("utf-8")

    assert "I wrote" in written
    assert [secret for secret in _PLANTED if secret in written] == []
