"""Change what may be learned: learning itself, the folders to learn from, the private folders.

The commands and the pages of `shadowpen open` change it by this. Texts that were extracted from documents go with
every change that forbids something, since they may come from what must not be read any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.base.errors import ConfigInvalid

_List = Literal["folders", "private_folders"]


def switch_off(layout: store.Layout) -> bool:
    """Keep and learn nothing from now on; whether a training run stops for it."""
    from shadowpen.daemon.learning.runs import ask_to_stop

    config_file.write(layout.config_file, "learning", "enabled", "off")
    _drop_extracted(layout)
    return ask_to_stop(layout)


def checked_folder(layout: store.Layout, folder: str | Path, *, private: bool = False) -> Path:
    """The folder without links; ConfigInvalid for what is none, for far more than texts, and for Shadowpen's own."""
    place, home = store.real(folder), store.real("~")
    if not place.is_dir():
        raise ConfigInvalid(f"{place} is not a folder.", "Name the folder that holds your texts.")
    if place == Path(place.anchor) or (not private and place in (home, *home.parents)):
        raise ConfigInvalid(f"{place} contains much more than your texts.", "Name the folder that holds them.")
    if any(place.is_relative_to(store.real(own)) for own in (layout.data, layout.config_dir, layout.cache)):
        raise ConfigInvalid(f"{place} holds Shadowpen's own files.", "Name the folder that holds your texts.")
    try:
        str(place).encode()
    except UnicodeEncodeError as error:
        raise ConfigInvalid("The name of this folder is not valid text.", "Rename it.") from error
    return place


def add_folder(layout: store.Layout, place: Path, setting: _List) -> bool:
    """Put a checked folder into a list; False if it is there already, however it is written."""
    known = any(_is_at(item, place) for item in config_file.items(layout.config_file, "learning", setting))
    added = not known and config_file.add_item(layout.config_file, "learning", setting, str(place))
    if setting == "private_folders":
        _drop_extracted(layout)
    return added


def remove_folder(
    layout: store.Layout, folder: str | Path, lists: Sequence[_List] = ("folders", "private_folders")
) -> set[_List]:
    """Take a folder out of these lists, however it is written there; those that had it."""
    place, found = store.real(folder), set[_List]()
    for setting in lists:
        for item in config_file.items(layout.config_file, "learning", setting):
            if item == str(folder) or _is_at(item, place):
                config_file.remove_item(layout.config_file, "learning", setting, item)
                found.add(setting)
    if found:
        _drop_extracted(layout)
    if "folders" in found:
        _drop_counts(layout)
    return found


def _is_at(item: str, place: Path) -> bool:
    return "\0" not in item and store.real(item) == place


def _drop_extracted(layout: store.Layout) -> None:
    """What may still be read is extracted again."""
    from shadowpen.daemon.corpus import extracted

    extracted.delete(layout)


def _drop_counts(layout: store.Layout) -> None:
    """What `shadowpen status` shows is counted again at the next reading."""
    from shadowpen.daemon.learning import known

    known.drop(layout)
