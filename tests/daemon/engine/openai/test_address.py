"""daemon/engine/openai/address.py: this machine, or the user's word for another."""

from __future__ import annotations

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.sections import EngineSettings
from shadowpen.daemon.engine.openai.address import parsed, spoken


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        ("http://localhost:11434/", "http://127.0.0.1:11434/v1"),
        ("http://[::1]:1234/v1/", "http://[::1]:1234/v1"),
        ("https://127.3.4.5/api/v1", "https://127.3.4.5/api/v1"),
    ],
)
def test_servers_on_this_machine_need_nobodys_word(address: str, base: str) -> None:
    server = parsed(EngineSettings(address=address))
    assert server.base == base
    assert not server.leaves_machine and server.encrypted


OTHERS = [
    "http://192.168.1.2:8000",
    "http://0.0.0.0:8000",
    "https://api.example.org/v1",
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "http://2130706433",
    "http://[::ffff:192.168.1.2]:80",
]


@pytest.mark.parametrize("address", OTHERS)
def test_all_others_need_the_users_word(address: str) -> None:
    with pytest.raises(ConfigInvalid, match="your text is not sent there"):
        parsed(EngineSettings(address=address))
    server = parsed(EngineSettings(address=address, remote=True))
    assert server.leaves_machine
    assert server.encrypted == address.startswith("https")


def test_a_model_in_the_cloud_needs_the_users_word_though_its_server_is_here() -> None:
    with pytest.raises(ConfigInvalid, match="its maker's machines"):
        parsed(EngineSettings(model="large:120b-cloud"))
    assert parsed(EngineSettings(model="large:120b-cloud", remote=True)).leaves_machine


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8080",
        "ftp://127.0.0.1",
        "http://",
        "http://me@127.0.0.1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1/?a=b",
        "http://exa mple.org",
    ],
)
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ConfigInvalid, match="not the address of a server"):
        parsed(EngineSettings(address=address, remote=True))


def test_it_is_said_whether_text_leaves_the_machine() -> None:
    assert spoken(EngineSettings()) == ""
    here = EngineSettings(writing="openai", model="qwen")
    assert spoken(here) == "writing by qwen of the server at http://127.0.0.1:8080, on this machine"
    away = EngineSettings(writing="openai", ghost_text="openai", address="http://192.168.1.2", remote=True)
    assert spoken(away).endswith("http://192.168.1.2: your text leaves this machine, and unencrypted")
    assert "your text is not sent there" in spoken(EngineSettings(writing="openai", address="http://192.168.1.2"))
