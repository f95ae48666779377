"""Text that the base writes by itself, mixed into training so that it does not forget how others write.

Samples from the model itself nearly remove forgetting (Marek et al. 2026, arXiv 2605.26097), so no corpus has to be
shipped. Made once for a base and kept; it holds nothing of the author's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from shadowpen.daemon.base import store

MAX_ROWS = 64
_ROWS_STEP = 8  # rows are written together: eight cost hardly more than one
_KEPT = "replay.safetensors"

Ids = NDArray[np.int32]

# How English sentences begin: a base left alone after nothing tends to talk about itself.
OPENINGS: tuple[str, ...] = tuple(
    str.split(
        "The|I|It|In|When|There|We|He|She|You|This|A|As|If|For|But|At|After|One|My|What|They|Some|Most|On|Many|"
        "In the|It was|There is|I have|When the|At first|One of the|For a long time|The problem|Last year|We were|"
        "Every morning|She had|He said that|People often|What we|In my|As a|Once|Although|During the|Since|By the time|"
        "The first|According to|Before|Most people|It is|My father|Nobody|On the other hand|The city|To|With|Her|His",
        "|",
    )
)


def replay_ids(
    base: Any,
    openings: Sequence[Sequence[int]],
    folder: Path,
    wanted: int,
    length: int,
    progress: Callable[[int, int], None],
    begin: Sequence[int] = (),
) -> Ids:
    """[rows, length] token ids of the base's own writing, each row from one opening: `wanted` rows, at most MAX_ROWS.

    `begin` is what the base wants before a text; the rows are without it. Kept in `folder`, which must belong to this
    base alone. What is there but unreadable, too little or of another length is made again.
    """
    path = folder / _KEPT
    rows = min(MAX_ROWS, -(-wanted // _ROWS_STEP) * _ROWS_STEP)
    try:
        kept = load_file(path)["ids"]
        if kept.shape[0] >= rows and kept.shape[1] == length:
            return kept[:rows].astype(np.int32)
    except (OSError, SafetensorError, KeyError):
        pass
    made = _generate(base, [[*begin, *opening] for opening in openings], rows, len(begin) + length, progress)
    made = np.ascontiguousarray(made[:, len(begin) :])
    store.write_atomic(path, save({"ids": made}))
    return made


def _generate(
    base: Any, openings: Sequence[Sequence[int]], count: int, length: int, progress: Callable[[int, int], None]
) -> Ids:
    """Plain sampling at temperature 1: only there are the samples distributed as the model believes."""
    import torch

    random = torch.Generator().manual_seed(0)
    started = [list(openings[row % len(openings)]) for row in range(count)]
    device = next(base.parameters()).device
    rows = [row[:length] for row in started]
    ends = _end_ids(base)
    with torch.inference_mode():
        cache = None
        for place in range(length - 1):
            column = torch.tensor([[row[place]] for row in rows], device=device)
            output = base(input_ids=column, past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            logits = output.logits[:, -1].float().cpu()
            logits[:, ends] = float("-inf")  # a text that ended would leave the rest of its row empty
            drawn = torch.multinomial(torch.softmax(logits, dim=-1), 1, generator=random)
            for row, token in zip(rows, drawn[:, 0].tolist(), strict=True):
                if len(row) == place + 1:
                    row.append(token)
            progress(place + 1, length - 1)
    return np.array(rows, np.int32)


def _end_ids(base: Any) -> list[int]:
    ids = base.generation_config.eos_token_id if base.generation_config else base.config.eos_token_id
    return [ids] if isinstance(ids, int) else list(ids or [])
