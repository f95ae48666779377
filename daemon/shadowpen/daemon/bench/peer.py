"""A llama-server on this machine as a `LiveCompleter`, used as llama.vim uses it.

That is: the prompt cache, a time box and a bound on tokens in every request, a cache of answers that is looked back
through along what was typed since, a new request in place of the one under way, and, in llama.vim's own manner, a
follow-up made as if the suggestion on the screen had been taken. Speaks to loopback addresses only, over http.client:
it follows no redirect and takes no proxy. See llama.vim's autoload/llama.vim and llama.cpp's tools/server/README.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import ipaddress
import json
import socket
import urllib.parse
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from shadowpen.daemon.base.errors import ConfigInvalid, DaemonUnreachable

_PREFIX_LINES = 256
_LOOK_BACK_CHARACTERS = 128
_CACHED_ANSWERS = 250
_TIMEOUT_S = 60.0
_REFUSED_FROM = 400  # HTTP status
_HINT = "Start one with: llama-server -m MODEL.gguf --port 8012"


@dataclass(frozen=True)
class Manner:
    """How requests to the peer are bounded; `follow_up_ms` None makes no follow-ups."""

    tokens: int
    predict_ms: int
    follow_up_ms: int | None = None


MANNERS = {
    # What saved such a server most keys at a writer's pace, on two cores with 135 million parameters.
    "quick": Manner(tokens=6, predict_ms=60),
    # The plug-in's own defaults.
    "llama.vim": Manner(tokens=128, predict_ms=250, follow_up_ms=1000),
}


@dataclass(frozen=True)
class Address:
    """Host and port of the peer."""

    host: str
    port: int


def address(url: str) -> Address:
    """Where `url` points; ConfigInvalid where that is not this machine, or not plain http."""
    parts = urllib.parse.urlsplit(url)
    try:
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        host, port = "", 0
    if parts.scheme != "http" or not host or parts.path.strip("/") or parts.username:
        raise ConfigInvalid(f"{url} is no address of a server.", "Give one like http://127.0.0.1:8012.")
    host = "127.0.0.1" if host == "localhost" else host
    if not _is_loopback(host):
        raise ConfigInvalid(
            f"{url} is another machine; nothing is sent there.", "Give a server on this machine, as 127.0.0.1 or ::1."
        )
    return Address(host, port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name could lead anywhere


class LlamaServer:
    """A running llama-server as a completer.

    `endpoint` is the one that answered: /infill where the model was trained for it, else /completion.

    llama-cpp-python's server knows only /v1/completions, which has neither a time box nor a prompt cache to ask for.
    """

    def __init__(self, where: Address, manner: Manner) -> None:
        self.endpoint = ""
        self.where, self.manner = where, manner
        self._text = ""
        self._answers: OrderedDict[str, str] = OrderedDict()
        self._request: _Request | None = None
        self._follow_up: asyncio.Task[None] | None = None
        self._follow_up_text = ""

    async def find_endpoint(self) -> None:
        """Ask each for one token; DaemonUnreachable when none gives it."""
        reason = ""
        for endpoint in _BODIES:
            try:
                await self._fetch(endpoint, "It was", Manner(tokens=1, predict_ms=self.manner.predict_ms))
            except _Refused as refused:
                reason = str(refused)
            except OSError as error:
                reason = str(error)
                break
            else:
                self.endpoint = endpoint
                return
        raise DaemonUnreachable(f"No llama-server answers on port {self.where.port}: {reason}.", _HINT)

    # --- a partner of the writer ---------------------------------------------------------------------------

    async def open(self, text: str) -> None:
        """The document is read once before it is written in, as ours is."""
        self._text = text
        self._answers.clear()
        await self._fetch(self.endpoint, text, self.manner)

    def type(self, piece: str) -> None:
        self._text += piece

    def accept(self, ghost: str) -> None:
        """Do nothing: the peer learns nothing of it."""

    async def ask(self, patience_s: float) -> str | None:
        """See `Partner.ask`; a request that is late is cut off."""
        text = self._text
        known = self._known(text)
        if known is None:
            self._drop()
            fetching = asyncio.ensure_future(self._fetch(self.endpoint, text, self.manner))
            fetching.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait({fetching}, timeout=max(0.0, patience_s))
            if not fetching.done():
                self._drop()
                return None
            if fetching.exception() is not None:
                return None
            known = fetching.result()
            self._remember(text, known)
        if known and self.manner.follow_up_ms is not None:
            self._go_on(text + known, self.manner.follow_up_ms)
        return known

    async def close(self) -> None:
        self._drop()
        if self._follow_up is not None:
            await asyncio.gather(self._follow_up, return_exceptions=True)

    def _go_on(self, text: str, predict_ms: int) -> None:
        """Ask for what follows a suggestion, once."""
        under_way = self._follow_up is not None and not self._follow_up.done() and self._follow_up_text == text
        if not under_way and self._known(text) is None:
            self._drop()
            self._follow_up_text = text
            self._follow_up = asyncio.ensure_future(self._prepare(text, predict_ms))

    async def _prepare(self, text: str, predict_ms: int) -> None:
        with contextlib.suppress(OSError, _Refused):
            self._remember(text, await self._fetch(self.endpoint, text, Manner(self.manner.tokens, predict_ms)))

    def _known(self, text: str) -> str | None:
        """An answer to this text, or the rest of one that is being typed along."""
        for behind in range(min(_LOOK_BACK_CHARACTERS, len(text)) + 1):
            cut = len(text) - behind
            answer = self._answers.get(text[:cut])
            if answer is not None and (not behind or (answer.startswith(text[cut:]) and len(answer) > behind)):
                return answer[behind:]
        return None

    def _remember(self, text: str, answer: str) -> None:
        self._answers[text] = answer
        while len(self._answers) > _CACHED_ANSWERS:
            self._answers.popitem(last=False)

    def _drop(self) -> None:
        """End the request under way; the server then stops working on it."""
        if self._request is not None:
            self._request.cut_off()
            self._request = None

    async def _fetch(self, endpoint: str, text: str, manner: Manner) -> str:
        request = self._request = _Request(self.where)
        answer = await asyncio.to_thread(request.post, endpoint, _BODIES[endpoint](text, manner))
        content = answer["choices"][0]["text"] if "choices" in answer else answer.get("content", "")
        return str(content).rstrip("\n")


# --- HTTP -------------------------------------------------------------------------------------------------


class _Refused(Exception):
    """The server does not offer this endpoint for its model."""


class _Request:
    """One request on a connection of its own, as curl makes it; `cut_off` may be called from another thread."""

    def __init__(self, where: Address) -> None:
        self._connection = http.client.HTTPConnection(where.host, where.port, timeout=_TIMEOUT_S)
        self._is_cut_off = False

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON object of the answer; _Refused on an error status, OSError when it cannot be had."""
        try:
            self._connection.connect()
            if self._is_cut_off:
                raise ConnectionAbortedError("cut off before it was sent")
            self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            content = response.read()
            if response.status >= _REFUSED_FROM:
                raise _Refused(f"{path} answers with status {response.status}")
            answer = json.loads(content)
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(f"{path} gives no sensible answer ({type(error).__name__})") from error
        finally:
            self._connection.close()
        if not isinstance(answer, dict):
            raise OSError(f"{path} gives no JSON object")
        return answer

    def cut_off(self) -> None:
        self._is_cut_off = True
        with contextlib.suppress(OSError, AttributeError):  # not connected yet, or closed already
            self._connection.sock.shutdown(socket.SHUT_RDWR)


def _infill(text: str, manner: Manner) -> dict[str, Any]:
    lines, _, current = _seen(text).rpartition("\n")
    return {
        "input_prefix": f"{lines}\n" if lines else "",
        "input_suffix": "\n",
        "input_extra": [],
        "prompt": current,
        "samplers": ["top_k", "top_p", "infill"],
        "top_k": 40,
        "top_p": 0.99,
        **_bounds(manner),
    }


def _completion(text: str, manner: Manner) -> dict[str, Any]:
    """For a model that knows no infilling: plain greedy text."""
    return {"prompt": _seen(text), "temperature": 0.0, **_bounds(manner)}


def _bounds(manner: Manner) -> dict[str, Any]:
    return {
        "n_predict": manner.tokens,
        "t_max_predict_ms": manner.predict_ms,
        "t_max_prompt_ms": 500,
        "cache_prompt": True,
        "stream": False,
    }


def _openai(text: str, manner: Manner) -> dict[str, Any]:
    return {"prompt": _seen(text), "max_tokens": manner.tokens, "temperature": 0.0, "stream": False}


def _seen(text: str) -> str:
    return "\n".join(text.split("\n")[-_PREFIX_LINES:])


_BODIES = {"/infill": _infill, "/completion": _completion, "/v1/completions": _openai}


# --- its process --------------------------------------------------------------------------------------------


def process(where: Address) -> psutil.Process | None:
    """The process that listens on a port; None where that is not visible."""
    try:
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr.port == where.port and found.pid is not None:
                return psutil.Process(found.pid)
    except psutil.Error:
        return None
    return None
