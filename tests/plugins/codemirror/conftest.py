"""Where the tests of the CodeMirror extension run."""

from __future__ import annotations

from . import install

# These tests exist where a browser was installed for them: `make editors EDITORS=codemirror`.
collect_ignore_glob = ["test_*.py"] if install.missing() else []
