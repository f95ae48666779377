"""daemon/engine/openai/client.py against servers that behave, and against all others."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.servers import openai_stand_in as stand_in
from support.servers.openai_stand_in import Behaviour, OpenAiStandIn
from support.waiting import wait_until

from shadowpen.daemon.base.errors import ServerFailed
from shadowpen.daemon.base.sections import EngineSettings
from shadowpen.daemon.engine.openai import key
from shadowpen.daemon.engine.openai.address import parsed
from shadowpen.daemon.engine.openai.client import OpenAiEngine
from shadowpen.daemon.engine.text_engine import ChatMessage, TextPiece, TextRequest, TextStream

SHORT_S = 0.3
PLENTY_S = 20.0


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key, "_keyring", lambda: None)
    monkeypatch.delenv(key.VARIABLE, raising=False)


@contextmanager
def engine_of(url: str, model: str = "m") -> Iterator[OpenAiEngine]:
    engine = OpenAiEngine(parsed(EngineSettings(address=url)), model)
    try:
        yield engine
    finally:
        engine.close()


def asking(
    prompt: str | tuple[ChatMessage, ...] = "The sea", tokens: int = 20, limit_s: float = PLENTY_S
) -> TextRequest:
    return TextRequest(prompt, tokens, limit_s, probabilities=isinstance(prompt, str))


def read(stream: TextStream) -> list[TextPiece]:
    """All of it; raises its error."""
    found: list[TextPiece] = []
    while not stream.ended:
        ready = threading.Event()
        stream.when_ready(ready.set)
        assert ready.wait(PLENTY_S)
        found += stream.take()
    return found


def written(behaviour: Behaviour, request: TextRequest | None = None) -> tuple[str, OpenAiStandIn]:
    with OpenAiStandIn(behaviour) as server, engine_of(server.url) as engine:
        return "".join(piece.text for piece in read(engine.begin(request or asking()))), server


def failure(behaviour: Behaviour, limit_s: float = PLENTY_S) -> ServerFailed:
    with pytest.raises(ServerFailed) as raised:
        written(behaviour, asking(limit_s=limit_s))
    assert raised.value.hint
    return raised.value


def test_a_text_is_gone_on_with() -> None:
    text, server = written(stand_in.words(" was", " calm"))
    assert text == " was calm"
    (asked,) = server.asked
    assert asked.path == "/v1/completions"
    assert asked.body == {
        "model": "m", "prompt": "The sea", "max_tokens": 20, "temperature": 0.0, "stream": True, "logprobs": 5,
    }  # fmt: skip
    assert asked.headers["accept-encoding"] == "identity"
    assert "authorization" not in asked.headers


def test_a_chat_is_answered() -> None:
    text, server = written(stand_in.words("Calm", "."), asking((ChatMessage("user", "How is the sea?"),)))
    assert text == "Calm."
    assert server.asked[0].path == "/v1/chat/completions"
    assert server.asked[0].body["messages"] == [{"role": "user", "content": "How is the sea?"}]


def test_a_server_that_does_not_stream_is_read_too() -> None:
    whole: Behaviour = lambda handler, body: handler.reply(200, {"choices": [{"text": " was calm"}]})  # noqa: E731
    assert written(whole)[0] == " was calm"


@pytest.mark.parametrize("form", ["older", "chat"])
def test_probabilities_are_read_in_both_forms(form: str) -> None:
    behaviour = stand_in.probable((" was", -0.5), (" calm", -1.0), form=form, rivals={" is": -2.0})
    with OpenAiStandIn(behaviour) as server, engine_of(server.url) as engine:
        pieces = read(engine.begin(asking()))
    assert [token.log_probability for piece in pieces for token in piece.tokens] == [-0.5, -1.0]
    assert pieces[0].tokens[0].rivals == ((" was", -0.5), (" is", -2.0))


def test_a_server_without_probabilities_is_asked_without_them_from_then_on() -> None:
    def behaviour(handler: stand_in.Handler, body: dict[str, object]) -> None:
        good = "logprobs" not in body
        (stand_in.words(" was") if good else stand_in.refuses(500, "logits_all must be True"))(handler, body)

    with OpenAiStandIn(behaviour) as server, engine_of(server.url) as engine:
        for _ in range(2):
            assert read(engine.begin(asking())) == [TextPiece(" was")]
    assert ["logprobs" in asked.body for asked in server.asked] == [True, False, False]


def test_no_connection_is_used_again_that_the_server_may_be_closing() -> None:
    ports: list[int] = []

    def behaviour(handler: stand_in.Handler, body: dict[str, object]) -> None:
        ports.append(handler.client_address[1])
        handler.close_connection = False
        (stand_in.refuses(500, "logits_all must be True") if "logprobs" in body else stand_in.words(" was"))(
            handler, body
        )

    with OpenAiStandIn(behaviour) as server, engine_of(server.url) as engine:
        assert read(engine.begin(asking())) == [TextPiece(" was")]
    assert len(ports) == len(set(ports)) == 2


def test_the_first_model_is_taken_where_none_is_named() -> None:
    with OpenAiStandIn(stand_in.words("x"), models=["first", "second"]) as server, engine_of(server.url, "") as engine:
        read(engine.begin(asking()))
        assert engine.model == "first"
    assert server.asked[0].body["model"] == "first"


def test_a_model_in_the_cloud_is_not_taken_by_itself() -> None:
    listed = ["large:cloud", "large-cloud", "mine"]
    with OpenAiStandIn(stand_in.words("x"), models=listed) as server, engine_of(server.url, "") as engine:
        read(engine.begin(asking()))
    assert server.asked[0].body["model"] == "mine"


def test_the_key_is_sent_and_no_proxy_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(key.VARIABLE, "sk-secret")
    with OpenAiStandIn(stand_in.words("x")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        _, server = written(stand_in.words("x"))
    assert server.asked[0].headers["authorization"] == "Bearer sk-secret"
    assert proxy.asked == []


def test_nobody_reads_on_and_the_connection_is_closed() -> None:
    with OpenAiStandIn(stand_in.hang_within) as server, engine_of(server.url) as engine:
        stream, ready = engine.begin(asking()), threading.Event()
        stream.when_ready(ready.set)
        assert ready.wait(PLENTY_S)
        assert stream.take() == [TextPiece("Some words ")]
        stream.close()
        assert server.closed.wait(PLENTY_S)


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (stand_in.web_page, "answers with a web page"),
        (stand_in.half_way, "stopped in the middle of its answer"),
        (stand_in.ends_early, "stopped in the middle of its answer"),
        (stand_in.packed, "does not speak OpenAI's protocol"),
        (stand_in.nonsense, "does not speak OpenAI's protocol"),
        (stand_in.fails_within, "failed: out of memory."),
        (stand_in.comments_for_ever, "sends more data than a text can have"),
        (stand_in.endless_line, "sends more data than a text can have"),
        (stand_in.refuses(401, "bad key"), "asks for a key"),
        (stand_in.refuses(404, "model 'm' not found"), "for this model: model 'm' not found."),
        (stand_in.refuses(429), "accepts no more requests now"),
        (stand_in.refuses(503, "Loading model"), "is not ready: Loading model."),
        (stand_in.refuses(418), "with status 418"),
    ],
    ids=lambda value: getattr(value, "__name__", "") if callable(value) else value,
)  # fmt: skip
def test_what_goes_wrong_is_told_in_one_sentence(behaviour: Behaviour, sentence: str) -> None:
    error = failure(behaviour)
    assert sentence in error.message
    assert error.message.count(". ") == 0


def test_a_server_that_hangs_is_left() -> None:
    assert "wrote nothing within" in failure(stand_in.hang, SHORT_S).message


def test_a_server_that_stops_within_its_answer_is_left() -> None:
    assert "did not finish within" in failure(stand_in.hang_within, SHORT_S).message


def test_a_stream_without_end_is_cut_off_where_no_more_was_asked_for() -> None:
    with OpenAiStandIn(stand_in.for_ever(" and")) as server, engine_of(server.url) as engine:
        text = "".join(piece.text for piece in read(engine.begin(asking(tokens=10))))
        assert server.closed.wait(PLENTY_S)
    assert 10 <= text.count("and") < 40


def test_a_stream_without_end_and_text_is_cut_off_too() -> None:
    assert "sends more data than a text can have" in failure(stand_in.for_ever("")).message


def test_lies_about_tokens_are_not_believed() -> None:
    with OpenAiStandIn(stand_in.lies) as server, engine_of(server.url) as engine:
        pieces = read(engine.begin(asking(tokens=10)))
    assert len(pieces) < 40
    assert all(not piece.tokens for piece in pieces)


def test_no_redirect_is_followed() -> None:
    with OpenAiStandIn(stand_in.words("x")) as elsewhere:
        error = failure(stand_in.redirects_to(f"{elsewhere.url}/v1/completions"))
    assert "never followed" in error.message
    assert elsewhere.asked == []


def test_a_key_that_is_refused_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(key.VARIABLE, "sk-wrong")
    error = failure(stand_in.refuses(401, "Incorrect API key provided: sk-wrong"))
    assert "refuses the key" in error.message
    assert "sk-wrong" not in error.message + error.hint


def test_a_key_that_cannot_be_sent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(key.VARIABLE, "sk-\nX-Evil: 1")
    with OpenAiStandIn(stand_in.words("x")) as server, engine_of(server.url) as engine:
        with pytest.raises(Exception, match="no key has"):
            read(engine.begin(asking()))
        assert server.asked == []


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with engine_of(address) as engine, pytest.raises(ServerFailed, match="No server answers"):
            read(engine.begin(asking()))


def test_a_port_that_something_else_has_taken() -> None:
    told = pytest.raises(ServerFailed, match="does not speak OpenAI's protocol")
    with stand_in.other_protocol() as url, engine_of(url) as engine, told:
        read(engine.begin(asking()))


def test_a_server_without_a_model() -> None:
    told = pytest.raises(ServerFailed, match="lists no model")
    with OpenAiStandIn(stand_in.words("x"), models=[]) as server, engine_of(server.url, "") as engine, told:
        read(engine.begin(asking()))


def test_closing_ends_what_is_under_way() -> None:
    with OpenAiStandIn(stand_in.hang) as server:
        with engine_of(server.url) as engine:
            engine.begin(asking())
            wait_until(lambda: server.asked, "the request")
        assert server.closed.wait(PLENTY_S)
