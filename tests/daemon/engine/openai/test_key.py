"""daemon/engine/openai/key.py: from the environment, else from the keyring."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid, StateUnusable
from shadowpen.daemon.engine.openai import key

BASE = "http://127.0.0.1:8080/v1"


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """What a keyring holds, in the place of this system's."""
    held: dict[tuple[str, str], str] = {}
    monkeypatch.setitem(
        sys.modules,
        "keyring",
        SimpleNamespace(
            get_password=lambda service, name: held.get((service, name)),
            set_password=lambda service, name, value: held.__setitem__((service, name), value),
            delete_password=lambda service, name: held.__delitem__((service, name)),
        ),
    )
    return held


def test_a_key_is_kept_found_and_removed(keyring: dict[tuple[str, str], str]) -> None:
    key.store(BASE, "sk-1")
    assert key.find(BASE, {}) == key.ServerKey("sk-1", "keyring")
    assert key.find("http://127.0.0.1:9/v1", {}) == key.ServerKey()
    assert key.remove(BASE) and not key.remove(BASE)
    assert keyring == {}


def test_the_environment_comes_first(keyring: dict[tuple[str, str], str]) -> None:
    key.store(BASE, "sk-1")
    assert key.find(BASE, {key.VARIABLE: " sk-2\n"}) == key.ServerKey("sk-2", "environment")


@pytest.mark.parametrize("value", ["a\nb", "schlüssel", "x" * 5000])
def test_what_cannot_be_a_key_is_not_sent(value: str) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        key.find(BASE, {key.VARIABLE: value})
    assert value not in raised.value.message + raised.value.hint


def test_a_key_is_never_printed() -> None:
    assert "sk-1" not in repr(key.ServerKey("sk-1", "keyring"))


def test_without_the_package_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert key.find(BASE, {}) == key.ServerKey()
    with pytest.raises(ConfigInvalid, match="keyring is not installed"):
        key.store(BASE, "sk-1")
    assert not key.remove(BASE)


def test_a_keyring_that_fails_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("locked")

    broken = SimpleNamespace(get_password=fails, set_password=fails, delete_password=fails)
    monkeypatch.setitem(sys.modules, "keyring", broken)
    assert key.find(BASE, {}) == key.ServerKey()
    with pytest.raises(StateUnusable):
        key.store(BASE, "sk-1")
