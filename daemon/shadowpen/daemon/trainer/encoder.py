"""Compare texts by the vectors of a local encoder: the F1 of BERTScore (Zhang et al. 2020), without idf weights.

`python -m shadowpen.daemon.trainer.encoder` reads a job from standard input and writes a line for each pair of texts.
It loads nothing but safetensors and runs no code of the folder's. Knows nothing of where the texts come from.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import msgspec
import torch
from transformers import AutoModel, AutoTokenizer

from shadowpen.daemon.base import limits
from shadowpen.daemon.learning.conditions.priority import lower_priority
from shadowpen.daemon.monitoring.bert_score import EncoderJob, EncoderLine
from shadowpen.daemon.monitoring.similarity import TextPair

_DEPTH = 0.75  # of the layers: what Zhang et al. found best is mostly there, such as layer 9 of 12 and 5 of 6
_LONGEST = 512  # tokens read at once
_LONGEST_REASON = 200


class Encoder:
    """An encoder with its tokenizer, from a folder. OSError or ValueError where that holds none that can be used."""

    def __init__(self, folder: Path) -> None:
        where = {"local_files_only": True, "trust_remote_code": False}
        self._tokenizer = AutoTokenizer.from_pretrained(folder, **where)
        self._model, loaded = AutoModel.from_pretrained(
            folder, **where, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
        if missing := [name for name in loaded["missing_keys"] if "pooler" not in name]:
            raise ValueError(f"the weights lack {missing[0]}")
        config = self._model.config
        if config.is_encoder_decoder or not self._tokenizer.is_fast:
            raise ValueError("it is no encoder with a tokenizer.json")
        self._layer = math.ceil(_DEPTH * config.num_hidden_layers)
        places = getattr(config, "max_position_embeddings", _LONGEST)
        # RoBERTa counts its places from 2.
        self._longest = max(8, min(_LONGEST, places - 2, self._tokenizer.model_max_length))
        self._model.eval()

    def f1(self, pair: TextPair) -> float:
        """How alike the two texts are: 1 for the same words, 0 where one is empty.

        Every token is matched with the most similar one of the other text; spaces and line breaks do not count.
        """
        texts = [" ".join(text.split()) for text in pair]
        if not all(texts):
            return 0.0
        (offered, own), (stands, others) = map(self._vectors, texts)
        if not own.any() or not others.any():
            return 0.0
        alike = offered @ stands.T
        precision = alike.max(dim=1).values[own].mean().item()
        recall = alike.max(dim=0).values[others].mean().item()
        if min(precision, recall) <= 0:
            return 0.0
        return min(1.0, 2 * precision * recall / (precision + recall))

    @torch.inference_mode()
    def _vectors(self, text: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The vectors of a text's tokens, each of length 1, and which of them are words: others are only matched.

        A text that is too long is read in several windows.
        """
        windows = self._tokenizer(
            text,
            truncation=True,
            max_length=self._longest,
            return_overflowing_tokens=True,
            return_special_tokens_mask=True,
        )
        states = [
            self._model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[self._layer][0]
            for ids in windows["input_ids"]
        ]
        special = torch.tensor([one for mask in windows["special_tokens_mask"] for one in mask], dtype=torch.bool)
        return torch.nn.functional.normalize(torch.cat(states), dim=-1), ~special


def main() -> None:
    """Read a job, and answer it as far as one can."""
    torch.set_num_threads(1)
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=EncoderJob)
    try:
        encoder = Encoder(Path(job.folder))
        for pair in job.pairs:
            _tell(EncoderLine(score=100 * encoder.f1(pair)))
    except Exception as error:  # transformers raises whatever a wrong file leads to
        _tell(EncoderLine(problem=_reason(error)))


def _tell(line: EncoderLine) -> None:
    """At once: whoever waits may have to end, and keeps what it has."""
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


def _reason(error: Exception) -> str:
    """The beginning of what transformers says, as a part of a sentence."""
    said = " ".join(str(error).split()).split(". ")[0].rstrip(".")
    return said[:_LONGEST_REASON] or type(error).__name__


if __name__ == "__main__":
    limits.no_core_dumps()
    lower_priority()
    main()
