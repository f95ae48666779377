"""Export any decoder that optimum supports, with the inputs and outputs of the fused graph.

The fused graph (graph.py) is what gets served where a family has one: it needs no torch, and a decode step takes half
the time. This path is for the other architectures, and a second opinion on ours. optimum's graph wants masks, positions
and a cache that grows; a few nodes around it cut the cache out of the caller's buffer and write it back, so that the
engine cannot tell the two apart, but that all texts of a batch must be equally long. Needs the extra `export`. This
file knows no family by name.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from shadowpen.daemon.base.errors import ConfigInvalid, ModelUnsupported
from shadowpen.daemon.base.extras import install_hint
from shadowpen.daemon.base.store import private_directory, unusable
from shadowpen.exporters.checkpoints.architectures import Architecture
from shadowpen.exporters.checkpoints.checkpoint import Checkpoint, Floats, read_json, safetensors_files, special_ids
from shadowpen.exporters.graphs.export import export
from shadowpen.exporters.graphs.graph import Precision
from shadowpen.exporters.graphs.onnx_writer import CONTRIB, DATA_FILE, GRAPH_FILE
from shadowpen.exporters.graphs.quantize import BLOCK, int8_blocks
from shadowpen.exporters.progress import Progress, silent

_PRECISIONS = ("fp32", "int8")
_PAST, _PRESENT = "past_key_values.", "present."
_INNER = "inner/"  # prefix of optimum's own inputs and outputs once ours stand around them
_OPSET = 18
_INLINE_BYTES = 1024  # smaller constants stay inside the graph


class PortableCheckpoint(Checkpoint):
    """A folder of safetensors whose architecture is read off optimum's graph; gives no tensors."""

    def __init__(self, path: Path, graph: Path) -> None:
        self.path = path
        self.architecture = _architecture(path, onnx.load(graph, load_external_data=False))

    @property
    def weight_files(self) -> list[Path]:
        return safetensors_files(self.path)

    def tensor(self, name: str) -> Floats:
        raise KeyError(name)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {}


def export_portable(
    checkpoint: Path,
    target: Path,
    precisions: Sequence[str] = ("fp32",),
    progress: Progress = silent,
    tokenizer: Path | None = None,
) -> dict[str, object]:
    """`export` by way of optimum: same result, same guarantees, for a folder of any architecture.

    fp32 and int8 (of plain matrix products) only. Raises ModelUnsupported for what optimum cannot export or what has no
    cache of keys and values by head, else as `export`.
    """
    _check(checkpoint, precisions)
    with tempfile.TemporaryDirectory(dir=private_directory(target), prefix=".portable-") as scratch:
        progress("Exporting with optimum")
        inner = optimum_graph(checkpoint, Path(scratch))

        def build(_weights: object, precision: Precision, folder: Path, _report: Callable[[float], None]) -> Path:
            return adapt(inner, folder, quantised=precision.quantise is not None)

        return export(PortableCheckpoint(checkpoint, inner), target, precisions, progress, tokenizer, build)


def optimum_graph(checkpoint: Path, folder: Path) -> Path:
    """optimum's own fp32 graph of the checkpoint, with past, written into `folder`: the reference graph."""
    with _quiet():
        from optimum.exporters.onnx import main_export

        try:
            main_export(
                str(checkpoint),
                output=folder,
                task="text-generation-with-past",
                device="cpu",
                opset=_OPSET,
                do_validation=False,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except (ValueError, KeyError, NotImplementedError, RuntimeError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise unusable(folder, error) from error
            raise ModelUnsupported(
                f"optimum cannot export {checkpoint.name}: {str(error).splitlines()[0]}", "Choose another checkpoint."
            ) from error
    return folder / GRAPH_FILE


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Tracing warns about every branch that it fixes, and optimum prints; neither is for who waits for an export."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def adapt(inner: Path, folder: Path, *, quantised: bool = False) -> Path:
    """optimum's graph with the served graph's inputs and outputs (graph.py), written into `folder`."""
    model = onnx.load(inner)
    if quantised:
        _quantise_products(model.graph)
    caches = [value for value in model.graph.input if value.name.startswith(_PAST)]
    _rename(model.graph, {value.name for value in (*model.graph.input, *model.graph.output)} - {"input_ids"})
    wanted = {name for node in model.graph.node for name in node.input}
    before = [*_lengths(), *(node for name, node in _given(caches) if f"{_INNER}{name}" in wanted)]
    nodes = [*before, *model.graph.node, *_taken(caches)]
    del model.graph.node[:], model.graph.input[:], model.graph.output[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(_constants())
    inputs, outputs = _signature(caches)
    model.graph.input.extend(inputs)
    model.graph.output.extend(outputs)
    del model.graph.value_info[:]
    if not any(one.domain == CONTRIB for one in model.opset_import):
        model.opset_import.append(helper.make_opsetid(CONTRIB, 1))
    path = folder / GRAPH_FILE
    onnx.save_model(
        model,
        path,
        save_as_external_data=True,
        location=DATA_FILE,
        size_threshold=_INLINE_BYTES,
        convert_attribute=True,
    )
    return path


def _check(checkpoint: Path, precisions: Sequence[str]) -> None:
    if not (find_spec("optimum") and find_spec("torch")):
        raise ModelUnsupported(
            "Only the portable exporter could export this model, and it is not installed.",
            install_hint("export"),
        )
    if not checkpoint.is_dir():
        raise ModelUnsupported(
            "The portable exporter reads folders with config.json and safetensors only.",
            "Download the model in that format.",
        )
    safetensors_files(checkpoint)
    for one in precisions:
        if one not in _PRECISIONS:
            raise ConfigInvalid(
                f"The portable exporter does not support {one!r}.", f"Choose from {', '.join(_PRECISIONS)}."
            )


def _architecture(path: Path, model: onnx.ModelProto) -> Architecture:
    """What the engine needs to know, from the graph's own shapes and from config.json."""
    config = read_json(path / "config.json")
    caches = [value.type.tensor_type.shape.dim for value in model.graph.input if value.name.startswith(_PAST)]
    if not caches or any(len(shape) != 4 or not shape[1].dim_value or not shape[3].dim_value for shape in caches):
        raise ModelUnsupported("The model keeps no cache of keys and values by head.", "Choose another checkpoint.")
    kv_heads, head_dim = caches[0][1].dim_value, caches[0][3].dim_value
    logits = next(value for value in model.graph.output if value.name == "logits")
    hidden = int(config.get("hidden_size") or config.get("n_embd") or config.get("d_model") or 0)
    bos_id, end_ids = special_ids(path / "tokenizer.json", config.get("bos_token_id"))
    ends = config.get("eos_token_id")
    listed = ends if isinstance(ends, list) else [] if ends is None else [ends]
    return Architecture(
        model_type=str(config.get("model_type", "unknown")),
        layers=len(caches) // 2,
        hidden=hidden,
        intermediate=int(config.get("intermediate_size") or config.get("n_inner") or 4 * hidden),
        heads=int(config.get("num_attention_heads") or config.get("n_head") or kv_heads),
        kv_heads=kv_heads,
        head_dim=head_dim,
        vocab=logits.type.tensor_type.shape.dim[2].dim_value or int(config.get("vocab_size") or 0),
        context_length=int(config.get("max_position_embeddings") or config.get("n_positions") or 0),
        rope_theta=float(config.get("rope_theta") or 10_000.0),
        rms_epsilon=float(config.get("rms_norm_eps") or 1e-6),
        tied_embeddings=bool(config.get("tie_word_embeddings", True)),
        attention_bias=False,
        bos_id=bos_id,
        eos_ids=tuple(sorted({*listed, *end_ids})),
    )


def _rename(graph: onnx.GraphProto, names: set[str]) -> None:
    for node in graph.node:
        for wires in (node.input, node.output):
            wires[:] = [f"{_INNER}{name}" if name in names else name for name in wires]


def _constants() -> list[TensorProto]:
    numbers = {"zero": [0], "one": [1], "end": [np.iinfo(np.int64).max], "sequence_axis": [1], "cache_axis": [2]}
    arrays = [numpy_helper.from_array(np.array(value, np.int64), f"{_INNER}{name}") for name, value in numbers.items()]
    return [*arrays, numpy_helper.from_array(np.array(1, np.int64), f"{_INNER}step")]


def _node(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> onnx.NodeProto:
    """A node among the inner names; a leading "/" marks one of the outside."""
    outside = [name[1:] if name.startswith("/") else f"{_INNER}{name}" for name in inputs]
    result = output[1:] if output.startswith("/") else f"{_INNER}{output}"
    return helper.make_node(operator, outside, [result], **attributes)


def _lengths() -> list[onnx.NodeProto]:
    """total, sequence, past and batch, each int64 [1]."""
    return [
        _node("Cast", ["/total_sequence_length"], "total.scalar", to=TensorProto.INT64),
        _node("Unsqueeze", ["total.scalar", "zero"], "total"),
        _node("Shape", ["/input_ids"], "batch", start=0, end=1),
        _node("Shape", ["/input_ids"], "sequence", start=1, end=2),
        _node("Sub", ["total", "sequence"], "past"),
        _node("Squeeze", ["past"], "past.scalar"),
        _node("Concat", ["batch", "total"], "mask.shape", axis=0),
        _node("Concat", ["batch", "sequence"], "positions.shape", axis=0),
        _node("Range", ["past.scalar", "total.scalar", "step"], "positions.row"),
    ]


def _given(caches: Sequence[onnx.ValueInfoProto]) -> list[tuple[str, onnx.NodeProto]]:
    """What optimum's graph takes, made from what ours takes; by inner name, as not every graph takes all of it."""
    one = numpy_helper.from_array(np.array([1], np.int64))
    made = [
        _node("ConstantOfShape", ["mask.shape"], "attention_mask", value=one),
        _node("Expand", ["positions.row", "positions.shape"], "position_ids"),
    ]
    made += [_node("Slice", [f"/{value.name}", "zero", "past", "cache_axis"], value.name) for value in caches]
    return [(node.output[0].removeprefix(_INNER), node) for node in made]


def _taken(caches: Sequence[onnx.ValueInfoProto]) -> list[onnx.NodeProto]:
    """What ours gives: the logits wanted, and the cache as long as the caller's buffer."""
    nodes = [_node("Slice", ["logits", "/logits_from", "end", "sequence_axis"], "/logits")]
    for value in caches:
        present = value.name.replace(_PAST, _PRESENT)
        nodes.append(_node("Slice", [f"/{value.name}", "total", "end", "cache_axis"], f"{value.name}.rest"))
        nodes.append(_node("Concat", [present, f"{value.name}.rest"], f"/{present}", axis=2))
    return nodes


def _signature(
    caches: Sequence[onnx.ValueInfoProto],
) -> tuple[list[onnx.ValueInfoProto], list[onnx.ValueInfoProto]]:
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"]),
        helper.make_tensor_value_info("seqlens_k", TensorProto.INT32, ["batch"]),
        helper.make_tensor_value_info("total_sequence_length", TensorProto.INT32, []),
        helper.make_tensor_value_info("logits_from", TensorProto.INT64, [1]),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "wanted", "vocab"])]
    for value in caches:
        dimensions = value.type.tensor_type.shape.dim
        shape = ["batch", dimensions[1].dim_value, "max_length", dimensions[3].dim_value]
        inputs.append(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, shape))
        outputs.append(helper.make_tensor_value_info(value.name.replace(_PAST, _PRESENT), TensorProto.FLOAT, shape))
    return inputs, outputs


def _quantise_products(graph: onnx.GraphProto) -> None:
    """Every product with a constant matrix whose inputs divide into blocks goes to int8; other operators stay."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    done: dict[str, tuple[int, int]] = {}
    for node in graph.node:
        name = node.input[1] if node.op_type == "MatMul" else ""
        tensor = constants.get(name)
        if tensor is None or len(tensor.dims) != 2 or tensor.dims[0] % BLOCK:
            continue
        if name not in done:
            blocks = int8_blocks(np.ascontiguousarray(numpy_helper.to_array(tensor).T))
            graph.initializer.append(numpy_helper.from_array(blocks.codes, f"{name}.codes"))
            graph.initializer.append(numpy_helper.from_array(blocks.scales, f"{name}.scales"))
            done[name] = (tensor.dims[1], tensor.dims[0])
        rows, columns = done[name]
        attributes: dict[str, Any] = {"N": rows, "K": columns, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        inputs = [node.input[0], f"{name}.codes", f"{name}.scales"]
        node.CopyFrom(helper.make_node("MatMulNBits", inputs, node.output, node.name, domain=CONTRIB, **attributes))
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
