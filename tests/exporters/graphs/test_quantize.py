"""Blocks of integers stand for the weights that they were made from, within half a step."""

from __future__ import annotations

import numpy as np
import pytest

from shadowpen.daemon.base.errors import ModelUnsupported
from shadowpen.exporters.graphs.quantize import BLOCK, dequantise, int4_blocks, int8_blocks


def test_int8_codes_of_known_values() -> None:
    weight = np.zeros((1, BLOCK), np.float32)
    weight[0, :5] = [1.27, -1.27, 0.01, -0.02, 0.634]
    blocks = int8_blocks(weight)
    assert blocks.codes.shape == (1, 1, BLOCK)
    assert blocks.codes[0, 0, :6].tolist() == [255, 1, 129, 126, 191, 128]
    assert blocks.scales[0, 0] == pytest.approx(0.01)


def test_int8_error_is_at_most_half_a_step() -> None:
    weight = np.random.default_rng(0).standard_normal((70, 4 * BLOCK)).astype(np.float32)
    blocks = int8_blocks(weight)
    steps = np.repeat(blocks.scales, BLOCK, axis=1)
    assert np.all(np.abs(dequantise(blocks) - weight) <= steps * 0.5001)


def test_each_block_has_its_own_scale() -> None:
    weight = np.ones((1, 2 * BLOCK), np.float32)
    weight[0, BLOCK:] = 1000
    assert int8_blocks(weight).scales[0].tolist() == pytest.approx([1 / 127, 1000 / 127])


@pytest.mark.parametrize("quantise", [int8_blocks, int4_blocks])
def test_zeros_stay_zeros(quantise: type) -> None:
    assert not dequantise(quantise(np.zeros((3, 2 * BLOCK), np.float32))).any()


def test_int4_packs_the_first_of_two_codes_low() -> None:
    weight = np.zeros((1, BLOCK), np.float32)
    weight[0, :4] = [15, 3, 0, 7]
    blocks = int4_blocks(weight)
    assert blocks.codes.shape == (1, 1, BLOCK // 2)
    assert blocks.codes[0, 0, :2].tolist() == [15 | 3 << 4, 0 | 7 << 4]
    assert blocks.zeros is not None
    assert blocks.zeros.tolist() == [[0]]
    assert np.array_equal(dequantise(blocks), weight)


def test_int4_zero_points_are_packed_two_a_byte_with_padding() -> None:
    weight = np.linspace(-1, 1, 3 * BLOCK, dtype=np.float32)[None]
    blocks = int4_blocks(weight)
    assert blocks.zeros is not None
    first, second, third = blocks.zeros[0].tolist()
    packed = blocks.packed_zeros()
    assert packed is not None
    assert packed.tolist() == [[first | second << 4, third]]
    assert int8_blocks(weight).packed_zeros() is None


def test_int4_clips_an_extreme_for_a_finer_grid() -> None:
    weight = np.random.default_rng(1).standard_normal((200, 2 * BLOCK)).astype(np.float32)
    searched = float(np.square(dequantise(int4_blocks(weight)) - weight).mean())
    grouped = weight.reshape(-1, BLOCK)
    low, high = grouped.min(axis=1, keepdims=True), grouped.max(axis=1, keepdims=True)
    scale = (high - low) / 15
    zero = np.rint(-low / scale)
    rounded = (np.clip(np.rint(grouped / scale) + zero, 0, 15) - zero) * scale
    assert searched < 0.97 * float(np.square(rounded - grouped).mean())


def test_many_rows_are_quantised_as_few_rows_are() -> None:
    weight = np.random.default_rng(2).standard_normal((5000, BLOCK)).astype(np.float32)
    whole, tail = int4_blocks(weight), int4_blocks(weight[4990:])
    assert np.array_equal(whole.codes[4990:], tail.codes)
    assert whole.zeros is not None
    assert len(whole.zeros) == 5000


def test_a_width_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ModelUnsupported, match="40 wide"):
        int8_blocks(np.zeros((2, 40), np.float32))
