"""Turn any error of reading untrusted bytes into one of our errors.

Libraries that read checkpoints, wheels and tokenizers raise what their own bugs make of damaged files: ValueError,
TypeError, zlib.error, a Rust panic (which is no Exception). To the user all of it means the same. Errors of ours, of
the disk, and interruptions pass as they are. This file reads nothing.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from shadowpen.daemon.base.errors import ModelCorrupt, ShadowpenError, is_panic

_P = ParamSpec("_P")
_R = TypeVar("_R")
_AGAIN = "Download the model again."
_OURS = (ShadowpenError, FileNotFoundError, PermissionError, MemoryError)


@contextlib.contextmanager
def foreign(what: str) -> Iterator[None]:
    """ModelCorrupt about `what` in place of anything unforeseen that is raised inside."""
    try:
        yield
    except _OURS:
        raise
    except Exception as error:
        raise _corrupt(what, error) from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise _corrupt(what, error) from None


def reads_foreign(what: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """`foreign`, for all of a function."""

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(function)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            with foreign(what):
                return function(*args, **kwargs)

        return guarded

    return decorate


def _corrupt(what: str, error: BaseException) -> ModelCorrupt:
    first, *_ = [*str(error).splitlines(), ""]
    detail = f"{type(error).__name__}: {first[:200]}" if first else type(error).__name__
    return ModelCorrupt(f"{what} cannot be read ({detail}).", _AGAIN)
