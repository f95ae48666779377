"""The address of a server: whether text stays on this machine, and whether the user allows otherwise.

Only a literal loopback address and `localhost` are this machine: any other name could lead anywhere. A server here that
is asked for one of its maker's models in the cloud sends the text on. Looks nothing up.
"""

from __future__ import annotations

import ipaddress
import urllib.parse
from dataclasses import dataclass

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.sections import EngineSettings

_EXAMPLE = "Give one like http://127.0.0.1:8080: shadowpen config set engine.address ADDRESS"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class ServerAddress:
    """Where the server is: `base` is what /completions and the like are appended to.

    `leaves_machine` where text that is sent there goes to another machine, `encrypted` where nobody between can
    read it.
    """

    base: str
    leaves_machine: bool
    encrypted: bool

    @property
    def shown(self) -> str:
        """For people: without the path that every such server has."""
        return self.base.removesuffix("/v1")


def parsed(settings: EngineSettings) -> ServerAddress:
    """The server of the settings; ConfigInvalid where it is no address, or another machine without the user's word."""
    parts = urllib.parse.urlsplit(settings.address.strip())
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    odd = parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in ("http", "https") or not host or odd or not host.isascii() or set(host) & set(" \\%"):
        raise ConfigInvalid("engine.address is not the address of a server.", _EXAMPLE)
    literal = _LOOPBACK if host == "localhost" else host
    elsewhere = not is_loopback(literal)
    leaves_machine = elsewhere or is_in_cloud(settings.model)
    if leaves_machine and not settings.remote:
        where = f"{host} is another machine" if elsewhere else f"{settings.model} runs on its maker's machines"
        raise ConfigInvalid(
            f"{where}: your text is not sent there.",
            "If it may leave this machine: shadowpen config set engine.remote true",
        )
    netloc = f"[{literal}]" if ":" in literal else literal
    path = parts.path.rstrip("/") or "/v1"
    return ServerAddress(
        base=f"{parts.scheme}://{netloc}{f':{port}' if port else ''}{path}",
        leaves_machine=leaves_machine,
        encrypted=not elsewhere or parts.scheme == "https",
    )


def is_in_cloud(model: str) -> bool:
    """Whether a server on this machine only passes on what it is asked of `model`: so Ollama names those models."""
    return model.endswith(("-cloud", ":cloud"))


def is_loopback(host: str) -> bool:
    """Whether `host` is a literal address of this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def spoken(settings: EngineSettings) -> str:
    """Who writes what, and whether text leaves this machine, for `shadowpen status`; "" where no server writes."""
    verbs = [
        name
        for name, chosen in (("ghost text", settings.ghost_text), ("writing", settings.writing))
        if chosen == "openai"
    ]
    if not verbs:
        return ""
    who = f"{' and '.join(verbs)} by {settings.model or 'the first model'}"
    try:
        server = parsed(settings)
    except ConfigInvalid as error:
        return f"{' and '.join(verbs)}: {error.message} {error.hint}"
    if not server.leaves_machine:
        return f"{who} of the server at {server.shown}, on this machine"
    how = "" if server.encrypted else ", and unencrypted"
    return f"{who} of the server at {server.shown}: your text leaves this machine{how}"
