"""Read what a page sends, within limits: the fields of a form, or a raw body."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from shadowpen.daemon.base.errors import RequestInvalid
from shadowpen.daemon.http import app

MOST_FORM_BYTES = 64 * 1024
_MOST_FIELDS = 16


async def fields(request: Request) -> dict[str, str]:
    """Every field with its first value; RequestInvalid if it is too long or malformed, or holds a zero character."""
    try:
        found = parse_qs((await content(request)).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise RequestInvalid("The form cannot be read.", "Load the page again.") from error
    given = {name: values[0].strip() for name, values in found.items()}
    if any("\0" in value for value in given.values()):
        raise RequestInvalid("The form cannot be read.", "Load the page again.")
    return given


async def content(request: Request) -> bytes:
    """The body as it came; RequestInvalid if it is too long or too slow, or the browser goes before its end."""
    found = bytearray()
    try:
        async with asyncio.timeout(app.BODY_TIMEOUT_S):
            async for piece in request.stream():
                found += piece
                if len(found) > MOST_FORM_BYTES:
                    raise RequestInvalid("The form is too long.", f"At most {MOST_FORM_BYTES:,} bytes can be sent.")
    except (ClientDisconnect, TimeoutError):
        raise RequestInvalid("The form cannot be read.", "Load the page again.") from None
    return bytes(found)
