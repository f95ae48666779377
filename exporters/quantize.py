"""Weights to blocks of 32 small integers and a scale, in the layout of ONNX Runtime's MatMulNBits.

A weight is [rows, columns] and rows are the outputs; blocks run along the columns (the inputs). Knows no graph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.errors import ModelUnsupported

BLOCK = 32
_ROWS_AT_ONCE = 4096  # a vocabulary of 49,152 rows is quantised in pieces, so that temporaries stay near 10 MB

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Blocks:
    """Quantised weights: value = (code - zero) * scale, with the zero in the middle of the codes unless given."""

    codes: Bytes  # [rows, blocks, BLOCK * bits // 8]; of 4-bit codes the even column is in the low half
    scales: Floats  # [rows, blocks]
    bits: int
    zeros: Floats | None = None  # [rows, blocks]


def int8_blocks(weight: Floats) -> Blocks:
    """Symmetric 8-bit blocks: scale = largest magnitude / 127, codes 1..255 around the implied zero point 128."""
    return _in_pieces(weight, _int8_piece)


def int4_blocks(weight: Floats) -> Blocks:
    """4-bit blocks over [smallest, largest]: codes 0..15 and a zero point that need not be an integer.

    Weights that came from such blocks (GGUF's Q4_1) come back exactly; rounding them twice would cost a third in
    perplexity.
    """
    return _in_pieces(weight, _int4_piece)


def dequantise(blocks: Blocks) -> Floats:
    """The weights [rows, columns] that the blocks stand for."""
    codes = blocks.codes
    if blocks.bits == 4:
        codes = np.stack([codes & 15, codes >> 4], axis=-1).reshape(*codes.shape[:2], BLOCK)
    zeros = np.float32(1 << (blocks.bits - 1)) if blocks.zeros is None else blocks.zeros[..., None]
    return ((codes - zeros) * blocks.scales[..., None]).reshape(codes.shape[0], -1).astype(np.float32)


def _in_pieces(weight: Floats, quantise: Callable[[Floats], Blocks]) -> Blocks:
    rows, columns = weight.shape
    if columns % BLOCK:
        raise ModelUnsupported(
            f"A weight {columns} wide does not divide into blocks of {BLOCK}.", "Export this model in fp32 instead."
        )
    pieces = [
        quantise(np.asarray(weight[start : start + _ROWS_AT_ONCE], np.float32).reshape(-1, columns // BLOCK, BLOCK))
        for start in range(0, rows, _ROWS_AT_ONCE)
    ]
    if len(pieces) == 1:
        return pieces[0]
    zeros = [piece.zeros for piece in pieces if piece.zeros is not None]
    return Blocks(
        codes=np.concatenate([piece.codes for piece in pieces]),
        scales=np.concatenate([piece.scales for piece in pieces]),
        bits=pieces[0].bits,
        zeros=np.concatenate(zeros) if zeros else None,
    )


def _int8_piece(grouped: Floats) -> Blocks:
    scales = np.abs(grouped).max(axis=-1) / np.float32(127)
    divisors = np.where(scales > 0, scales, np.float32(1))
    codes = np.rint(grouped / divisors[..., None]) + np.float32(128)
    return Blocks(codes.astype(np.uint8), scales.astype(np.float32), bits=8)


def _int4_piece(grouped: Floats) -> Blocks:
    low, high = grouped.min(axis=-1), grouped.max(axis=-1)
    scales = np.maximum((high - low) / np.float32(15), np.float32(1e-12))
    codes = np.rint((grouped - low[..., None]) / scales[..., None]).astype(np.uint8)
    return Blocks(codes[..., 0::2] | codes[..., 1::2] << 4, scales, bits=4, zeros=-low / scales)
