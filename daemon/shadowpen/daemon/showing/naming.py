"""Names of models and versions as editors, the report and `shadowpen status` show them.

The names themselves are those of the protocol, of the journal and of `--json`.
"""

from __future__ import annotations

_DEFAULT, _BASE = "default", "base"


def spoken(model: str) -> str:
    """A model as it is named on the wire, for people: "default@base", "mine@v0003-20260301"; "" stays ""."""
    name, _, version = model.partition("@")
    whose = "the default model" if name == _DEFAULT else f"the model {name}"
    if version in ("", _BASE) or not name:
        return whose if name else ""
    number = version.partition("-")[0]
    return f"your version {number}" if name == _DEFAULT else f"your version {number} of {whose}"
