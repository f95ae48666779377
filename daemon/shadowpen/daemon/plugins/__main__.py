"""The process that tries a plug-in: `python -m shadowpen.daemon.plugins KIND MODULE:ATTRIBUTE`.

Ends with 0 when it can be used, else with the reason as the last line of standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from shadowpen.daemon.base.errors import PluginBroken
from shadowpen.daemon.plugins import registry, trial
from shadowpen.daemon.plugins.registry import Plugin


def main(arguments: Sequence[str]) -> int:
    kind, target = arguments
    plugin = Plugin(kind, target, target, "?", "")
    try:
        found = plugin.load()
        why = trial.shape_problem(plugin, found)
    except PluginBroken as error:
        why = registry.reason(error.__cause__ or error)
    except Exception as error:
        why = registry.reason(error)
    print(why)
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
