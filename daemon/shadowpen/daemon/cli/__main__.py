"""`python -P -m shadowpen.daemon.cli`: the command line where no console script is at hand."""

from __future__ import annotations

from shadowpen.daemon.cli import main

if __name__ == "__main__":
    main()
