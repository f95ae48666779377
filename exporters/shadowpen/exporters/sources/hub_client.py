"""Access the hub through huggingface_hub and turn its errors into one sentence.

The server is HF_ENDPOINT's, the token the one the user gave huggingface_hub. Connecting is given three seconds, so that
a machine without the network learns it at once. This file chooses no files and checks no hashes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import SourceError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

_CONNECT_S, _ANSWER_S = 3.05, 15
_ATTEMPTS = 4
_AGAIN = "Run the same command again to resume."
_Answer = TypeVar("_Answer")


def refuse_offline(locator: str) -> None:
    """SourceError where the user's environment says that nothing is to be fetched from the hub."""
    for variable in ("SHADOWPEN_OFFLINE", "HF_HUB_OFFLINE"):
        if os.environ.get(variable, "").lower() not in ("", "0", "false", "no", "off"):
            raise SourceError(f"{locator} was not fetched: ${variable} is set.", f"Unset {variable}.")


def hub_answers(within_s: float = 5.0) -> bool:
    """Whether the hub can be reached, asked once and briefly; a name server that hangs counts as no."""
    import requests

    answers: list[int] = []

    def ask() -> None:
        try:
            answers.append(requests.head(endpoint(), timeout=(_CONNECT_S, _CONNECT_S)).status_code)
        except requests.RequestException:
            return

    asking = threading.Thread(target=ask, name="is the hub there", daemon=True)
    asking.start()
    asking.join(within_s)
    return bool(answers) and answers[0] < 500


def endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def describe(repository: str, revision: str | None) -> ModelInfo:
    """What the hub says of a repository: its commit, files with sizes and hashes, card."""
    from huggingface_hub import HfApi
    from huggingface_hub.utils import logging
    from huggingface_hub.utils.tqdm import disable_progress_bars

    logging.set_verbosity_error()
    disable_progress_bars()
    api = HfApi(endpoint=endpoint(), library_name="shadowpen")
    timeout: Any = (_CONNECT_S, _ANSWER_S)  # requests takes the pair; huggingface_hub hands it on
    return _asked(
        f"hf:{repository}",
        lambda: api.model_info(repository, revision=revision, files_metadata=True, timeout=timeout),
    )


def transfer(repository: str, name: str, commit: str, folder: Path, *, afresh: bool) -> Path | None:
    """Download one file into `folder`, going on from what is there unless `afresh`; None if its size came out wrong."""
    return _asked(f"hf:{repository}/{name}", lambda: _transfer(repository, name, commit, folder, afresh))


def _transfer(repository: str, name: str, commit: str, folder: Path, afresh: bool) -> Path | None:
    from huggingface_hub import hf_hub_download

    for attempt in range(1, _ATTEMPTS + 1):
        try:
            found = hf_hub_download(
                repository,
                name,
                revision=commit,
                local_dir=folder,
                endpoint=endpoint(),
                etag_timeout=_ANSWER_S,
                force_download=afresh and attempt == 1,
                library_name="shadowpen",
            )
            return Path(found)
        except Exception as error:
            if _wrong_size(error):
                return None
            if attempt == _ATTEMPTS or not _broken(error):
                raise
    return None


def _asked(what: str, ask: Callable[[], _Answer]) -> _Answer:
    """What `ask` returns; whatever huggingface_hub raises becomes one sentence."""
    from huggingface_hub import errors
    from requests import ConnectionError, RequestException, Timeout

    try:
        return ask()
    except errors.GatedRepoError as error:
        raise SourceError(
            f"{what} requires accepting its terms.", "Accept them on the hub, then set HF_TOKEN."
        ) from error
    except errors.LocalEntryNotFoundError as error:
        raise SourceError(f"The hub could not be reached for {what}.", f"Check the network. {_AGAIN}") from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise SourceError(f"The hub has no {what}.", "Check the name; a private model needs HF_TOKEN.") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise SourceError(f"The hub answered {status} for {what}.", "Try again later.") from error
    except (ConnectionError, Timeout) as error:
        raise SourceError(f"The hub could not be reached for {what}.", f"Check the network. {_AGAIN}") from error
    except RequestException as error:
        raise SourceError(f"The download of {what} was interrupted.", _AGAIN) from error
    except OSError as error:
        if error.errno is not None:
            raise store.unusable(Path(error.filename or what), error) from error
        raise SourceError(f"{what} could not be fetched: {error}.", _AGAIN) from error
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        raise SourceError(f"The hub's answer for {what} was not understood: {error}.", "Try again later.") from error


def _broken(error: Exception) -> bool:
    """Whether the transfer broke off in the middle, so that it can go on."""
    from requests.exceptions import ChunkedEncodingError, ReadTimeout

    return isinstance(error, ChunkedEncodingError | ReadTimeout)


def _wrong_size(error: Exception) -> bool:
    """huggingface_hub's "Consistency check failed", a bare OSError; or 416: nothing after what we have."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    bare = type(error) is OSError and error.errno is None
    return bare or status == 416
