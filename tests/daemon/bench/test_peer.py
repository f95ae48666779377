"""The peer: a stand-in for llama-server, asked as llama.vim asks it."""

from __future__ import annotations

import asyncio
import os

import pytest
from support.llama_stand_in import LlamaStandIn
from support.waiting import until

from shadowpen.daemon.base.errors import ConfigInvalid, DaemonUnreachable
from shadowpen.daemon.bench.peer import MANNERS, Address, LlamaServer, Manner, address, process

TEXT = "First line.\nThe sea was"
PATIENCE_S = 20.0


async def _opened(stand_in: LlamaStandIn, manner: Manner = MANNERS["quick"]) -> LlamaServer:
    server = LlamaServer(address(stand_in.url), manner)
    await server.find_endpoint()
    await server.open(TEXT)
    stand_in.asked.clear()
    return server


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8012", Address("127.0.0.1", 8012)),
        ("http://localhost:8012/", Address("127.0.0.1", 8012)),
        ("http://[::1]:8012", Address("::1", 8012)),
        ("http://127.3.4.5", Address("127.3.4.5", 80)),
    ],
)
def test_servers_on_this_machine_are_asked(url: str, expected: Address) -> None:
    assert address(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.2:8012",
        "http://0.0.0.0:8012",
        "http://example.org:8012",
        "http://localhost.example.org:8012",
        "http://127.0.0.1@example.org:8012",
        "http://someone@127.0.0.1:8012",
        "https://127.0.0.1:8012",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:8012/infill",
        "127.0.0.1:8012",
        "",
    ],
)
def test_nobody_else_is(url: str) -> None:
    with pytest.raises(ConfigInvalid):
        address(url)


@pytest.mark.parametrize("endpoint", ["/infill", "/completion", "/v1/completions"])
async def test_it_is_asked_at_the_endpoint_that_it_offers(endpoint: str) -> None:
    with LlamaStandIn(lambda text: text[-3:] + "\n\n", [endpoint]) as stand_in:
        server = await _opened(stand_in)
        assert server.endpoint == endpoint
        assert await server.ask(PATIENCE_S) == "was"
        ((path, body),) = stand_in.asked
    assert path == endpoint
    assert body.get("n_predict", body.get("max_tokens")) == MANNERS["quick"].tokens
    if endpoint == "/infill":
        assert (body["input_prefix"], body["prompt"], body["cache_prompt"]) == ("First line.\n", "The sea was", True)


async def test_no_server_is_one_sentence() -> None:
    with LlamaStandIn(str, []) as stand_in:
        where = address(stand_in.url)
        with pytest.raises(DaemonUnreachable, match="404"):
            await LlamaServer(where, MANNERS["quick"]).find_endpoint()
    with pytest.raises(DaemonUnreachable):
        await LlamaServer(where, MANNERS["quick"]).find_endpoint()


async def test_what_is_typed_along_is_not_asked_again() -> None:
    with LlamaStandIn(lambda text: " calm and grey" if text.endswith("was") else " other") as stand_in:
        server = await _opened(stand_in)
        assert await server.ask(PATIENCE_S) == " calm and grey"
        for key in " ca":
            server.type(key)
        assert await server.ask(PATIENCE_S) == "lm and grey"
        assert len(stand_in.asked) == 1
        server.type("x")
        assert await server.ask(PATIENCE_S) == " other"
        assert len(stand_in.asked) == 2


async def test_a_late_request_is_cut_off() -> None:
    with LlamaStandIn(lambda text: " calm") as stand_in:
        server = await _opened(stand_in)
        stand_in.held.set()
        asking = asyncio.create_task(server.ask(0.05))
        assert await asking is None
        await until(lambda: stand_in.cut_off == 1 or not stand_in.asked, "the end of the request")
        stand_in.held.clear()
        assert await server.ask(PATIENCE_S) == " calm"


async def test_an_error_is_no_answer() -> None:
    with LlamaStandIn(lambda text: " calm") as stand_in:
        server = await _opened(stand_in)
        stand_in.offered.clear()
        assert await server.ask(PATIENCE_S) is None


async def test_llama_vims_own_manner_asks_ahead() -> None:
    with LlamaStandIn(_one_word_more) as stand_in:
        server = await _opened(stand_in, MANNERS["llama.vim"])
        assert await server.ask(PATIENCE_S) == " calm"
        await until(lambda: len(stand_in.asked) == 2, "the follow-up")
        assert [body["prompt"] for _, body in stand_in.asked] == [TEXT, TEXT + " calm"]
        assert [body["t_max_predict_ms"] for _, body in stand_in.asked] == [250, 1000]
        await server.close()


def _one_word_more(text: str) -> str:
    return " calm" if text.endswith("was") else " and"


async def test_its_process_is_found() -> None:
    with LlamaStandIn(_one_word_more) as stand_in:
        found = process(address(stand_in.url))
        assert found is not None and found.pid == os.getpid()
    assert process(Address("127.0.0.1", 1)) is None
