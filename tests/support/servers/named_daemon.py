"""A real daemon whose model answers by rule under the name of the version that `current` names; run as a process."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])

from shadowpen.daemon.__main__ import leave, main
from shadowpen.daemon.base import config, store
from shadowpen.daemon.storage import versions
from support.rule_daemon import RuleModel

COMMAND = (sys.executable, "-W", "error", __file__)


def load(layout: store.Layout, settings: config.Config) -> RuleModel:
    model = RuleModel()
    model.name = f"{settings.model.name}@{versions.current(layout).version or versions.BASE}"
    return model


if __name__ == "__main__":
    leave(main(sys.argv[1:], load=load))
