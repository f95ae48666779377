"""A tiny BERT with random weights and a vocabulary of letters and a few words, as transformers saves one."""

from __future__ import annotations

import string
from pathlib import Path

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_WORDS = ("the", "ferry", "was", "late", "again", "came", "too", ".")


def make_encoder(folder: Path) -> Path:
    """Write it into the folder: four layers of 32 numbers, which read 32 tokens at once."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = [*_SPECIAL, *string.ascii_lowercase, *(f"##{letter}" for letter in string.ascii_lowercase), *_WORDS]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(words))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        initializer_range=0.5,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(vocabulary)).save_pretrained(folder)
    vocabulary.unlink(missing_ok=True)
    return folder
