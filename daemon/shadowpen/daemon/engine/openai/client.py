"""Ask a server that speaks OpenAI's protocol, with limits on everything that it sends.

One thread runs all requests; each has a connection of its own as long as it is under way, and giving a request up
closes it. No redirect is followed, no proxy taken, nothing unpacked. Knows neither documents nor what the text is for.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator
from typing import Any

import httpx

from shadowpen.daemon.base.errors import ServerFailed, ShadowpenError
from shadowpen.daemon.base.logs import LOGGER, describe
from shadowpen.daemon.engine.openai import address, answers, failures, key
from shadowpen.daemon.engine.openai.address import ServerAddress
from shadowpen.daemon.engine.text_engine import TextRequest, TextStream

_MOST_BYTES = 4_000_000  # of one answer: 2,000 tokens, each with its rivals and what servers tell beside
_MOST_LINE_BYTES = 1_000_000
_MOST_REFUSAL_BYTES = 65_536
_CONNECT_S = 5.0
_LISTING_S = 10.0
_RIVALS = 5
_FORGIVEN_TOKENS = 16  # some servers count the beginning or the end
_WITHOUT_PROBABILITIES = (400, 422, 500, 501)  # how servers refuse them that do not give any
_CHAT, _TEXT, _MODELS = "/chat/completions", "/completions", "/models"


class OpenAiEngine:
    """A server as a `TextEngine`; `model` is the name of its model, "" for the first that it lists."""

    def __init__(self, server: ServerAddress, model: str = "") -> None:
        self.model = model
        self.server = server
        self._key: key.ServerKey | None = None
        self._gives_probabilities = True
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        # Only the settings decide where text goes by: no proxy, no .netrc.
        encrypted = server.base.startswith("https:")
        self._client = httpx.AsyncClient(
            verify=ssl.create_default_context() if encrypted else False,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(None, connect=_CONNECT_S),
            # A server may close a kept connection at the moment it is used again, which looks like a broken answer.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def begin(self, request: TextRequest) -> TextStream:
        stream = TextStream()
        running = asyncio.run_coroutine_threadsafe(self._serve(request, stream), self._running_loop())
        stream.on_close(running.cancel)
        return stream

    def close(self) -> None:
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None and self._thread is not None:
            asyncio.run_coroutine_threadsafe(self._end_all(), loop)
            self._thread.join()

    # --- the thread ----------------------------------------------------------------------------------------

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_run, args=(self._loop,), name="shadowpen-text-engine", daemon=True
                )
                self._thread.start()
            return self._loop

    async def _end_all(self) -> None:
        """Give up what is under way, close every connection, and let the thread end."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.aclose()
        asyncio.get_running_loop().stop()

    async def _serve(self, request: TextRequest, stream: TextStream) -> None:
        wrote = False
        where = self.server.shown
        try:
            async with asyncio.timeout(request.limit_s):
                async for part in self._parts(request):
                    if part.piece.text:
                        wrote = True
                        stream.put(part.piece)
            stream.finish()
        except TimeoutError:
            late = failures.never_ends if wrote else failures.not_begun
            stream.fail(late(where, request.limit_s))
        except ShadowpenError as error:
            stream.fail(error)
        except Exception as error:
            LOGGER.error("a request to the server failed: %s", describe(error))
            stream.fail(failures.something_else(where))

    # --- one request ---------------------------------------------------------------------------------------

    async def _parts(self, request: TextRequest) -> AsyncIterator[answers.AnswerPart]:
        """The answer as it comes, until it is finished or as long as it may be; ServerFailed."""
        if not self.model:
            self.model = await self._listed()
        path = _TEXT if isinstance(request.prompt, str) else _CHAT
        wants = request.probabilities and self._gives_probabilities
        try:
            async for part in self._posted(path, _body(request, self.model, probabilities=wants), request):
                yield part
        except _HttpRefusal as refused:
            if not wants or refused.number not in _WITHOUT_PROBABILITIES:
                raise await self._refusal(path, refused) from refused
            self._gives_probabilities = False
            async for part in self._plainly(path, request):
                yield part

    async def _plainly(self, path: str, request: TextRequest) -> AsyncIterator[answers.AnswerPart]:
        """The answer without probabilities, which the server has just refused to give."""
        try:
            async for part in self._posted(path, _body(request, self.model, probabilities=False), request):
                yield part
        except _HttpRefusal as refused:
            self._gives_probabilities = True  # it was something else that it refuses
            raise await self._refusal(path, refused) from refused

    async def _posted(self, path: str, body: dict[str, Any], request: TextRequest) -> AsyncIterator[answers.AnswerPart]:
        where, count, begun = self.server.shown, 0, False
        try:
            async with self._client.stream(
                "POST", self.server.base + path, json=body, headers=await self._headers()
            ) as response:
                begun = True
                async for part in _read(where, response):
                    yield part
                    count += bool(part.piece.text)
                    if part.finished or count >= request.max_tokens + _FORGIVEN_TOKENS:
                        return
            raise failures.half_way(where)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise _broken(where, error, begun=begun) from error

    async def _listed(self) -> str:
        where, begun = self.server.shown, False
        try:
            async with (
                asyncio.timeout(_LISTING_S),
                self._client.stream("GET", self.server.base + _MODELS, headers=await self._headers()) as response,
            ):
                begun = True
                names = answers.models(await _whole(where, response))
        except TimeoutError as error:
            raise failures.not_begun(where, _LISTING_S) from error
        except _HttpRefusal as refused:
            raise await self._refusal(_MODELS, refused) from refused
        except answers.NotAnAnswer as error:
            raise failures.something_else(where) from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise _broken(where, error, begun=begun) from error
        allowed = [name for name in names if self.server.leaves_machine or not address.is_in_cloud(name)]
        if not allowed:
            raise failures.no_model(where)
        return allowed[0]

    async def _headers(self) -> dict[str, str]:
        # Nothing packed: a small answer must not unpack to a large one.
        given = (await self._found_key()).value
        return {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {given}"} if given else {})

    async def _found_key(self) -> key.ServerKey:
        if self._key is None:
            self._key = await asyncio.to_thread(key.find, self.server.base)
        return self._key

    async def _refusal(self, path: str, refused: _HttpRefusal) -> ServerFailed:
        has_key = bool((await self._found_key()).value)
        return failures.status(self.server.shown, path, refused.number, refused.words, has_key=has_key)


class _HttpRefusal(Exception):
    """The server answers with an error status, and perhaps some words."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(number)
        self.number, self.words = number, words


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _body(request: TextRequest, model: str, *, probabilities: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "stream": True,
    }
    if isinstance(request.prompt, str):
        body["prompt"] = request.prompt
    else:
        body["messages"] = [{"role": message.role, "content": message.content} for message in request.prompt]
    if request.stop:
        body["stop"] = list(request.stop)
    if request.seed is not None:
        body["seed"] = request.seed
    if probabilities:
        body["logprobs"] = _RIVALS
    return body


async def _read(where: str, response: httpx.Response) -> AsyncIterator[answers.AnswerPart]:
    """The parts of an answer, whether it is streamed or one document."""
    kind = await _kind(where, response)
    try:
        if kind == "application/json":
            part = answers.document(await _whole(where, response))
            yield answers.AnswerPart(part.piece, finished=True)
            return
        if kind != "text/event-stream":
            raise failures.something_else(where)
        async for line in _lines(where, response):
            event = answers.event(line)
            if event is not None:
                yield event
    except answers.NotAnAnswer as error:
        raise failures.something_else(where) from error
    except answers.ServerError as error:
        raise failures.said(where, str(error)) from error


async def _kind(where: str, response: httpx.Response) -> str:
    """The type of a good answer; raises for every other."""
    if response.is_redirect or response.has_redirect_location:
        raise failures.redirects(where)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not response.is_success:
        raise _HttpRefusal(response.status_code, answers.what_went_wrong(await _beginning(response)))
    if kind == "text/html":
        raise failures.web_page(where)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise failures.something_else(where)
    return kind


async def _whole(where: str, response: httpx.Response) -> bytes:
    """All of a good answer."""
    await _kind(where, response)
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise failures.too_much(where)
    return bytes(content)


async def _beginning(response: httpx.Response) -> bytes:
    """As much of a refusal as may hold its reason."""
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > _MOST_REFUSAL_BYTES:
            break
    return bytes(content)


async def _lines(where: str, response: httpx.Response) -> AsyncIterator[bytes]:
    received, rest = 0, b""
    async for chunk in response.aiter_raw():
        received += len(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r")
        if received > _MOST_BYTES or len(rest) > _MOST_LINE_BYTES:
            raise failures.too_much(where)
    if rest:
        yield rest


def _broken(where: str, error: Exception, *, begun: bool) -> ServerFailed:
    """What broke a connection, in its place of the conversation."""
    if begun:
        return failures.half_way(where)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return failures.connecting(where, error)
    if isinstance(error, httpx.ReadError | httpx.WriteError):
        return failures.half_way(where)
    return failures.something_else(where)
