"""A LoRA adapter on a base model, in torch: attach, run, measure, scale, save.

The only file that knows peft; `losses`, `loop`, `replay`, `factored`, `every_weight` and `one_pass` know torch too. The
base's weights are frozen and may be bfloat16; the adapter is float32. Rows come from `packing`; what they say is
nobody's business here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shadowpen.daemon.base import telemetry
from shadowpen.daemon.base.errors import ModelUnsupported
from shadowpen.daemon.learning.conditions import packages
from shadowpen.daemon.storage.models import BASE_ADAPTER
from shadowpen.daemon.trainer import losses, modules
from shadowpen.daemon.trainer.packing import Packed

if TYPE_CHECKING:
    import torch


def require_torch() -> None:
    """Import what training needs; TrainingUnavailable says what to install."""
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise packages.unavailable(error.name or str(error)) from error


def fastest_dtype(device: str) -> str:
    """ "bfloat16" where the processor computes in it, else "float32"."""
    import torch

    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None) or getattr(
        torch.cpu, "_is_amx_tile_supported", None
    )
    return "bfloat16" if supported is not None and supported() else "float32"


def load_base(source: Path, dtype: str, device: str) -> Any:
    """The checkpoint in `source` (a GGUF file, or config.json and safetensors) as a transformers model, frozen.

    Never touches the network and never runs code from the checkpoint. ModelUnsupported if it cannot be read.
    """
    telemetry.go_offline()
    import torch
    from transformers import AutoModelForCausalLM

    gguf = sorted(source.glob("*.gguf"))
    options: dict[str, Any] = {"gguf_file": gguf[0].name} if gguf else {"use_safetensors": True}
    try:
        with _quiet():
            model: Any = AutoModelForCausalLM.from_pretrained(
                source, dtype=getattr(torch, dtype), local_files_only=True, trust_remote_code=False, **options
            )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelUnsupported(
            f"This model cannot be trained: {str(error).splitlines()[0]}", "Choose another with `shadowpen models use`."
        ) from error
    if getattr(model.config, "attn_logit_softcapping", None):
        model.set_attn_implementation("eager")  # the others leave the caps out
    if (source / BASE_ADAPTER).is_dir():
        model = _with_base_adapter(model, source / BASE_ADAPTER)
    model.requires_grad_(False)
    return model.to(device)


def _with_base_adapter(model: Any, folder: Path) -> Any:
    """The base as it is served: with the adapter that belongs to it merged."""
    from peft import PeftModel

    return PeftModel.from_pretrained(model, str(folder)).merge_and_unload()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """transformers reports progress and advice on its own; stdout is for our events alone."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    yield


class Adapted:
    """A base with one adapter, new and without effect until it is trained. Deterministic by `seed`.

    It goes on every matrix of the layers: `targets` are their names, `inputs_first` how they are stored.
    """

    def __init__(self, base: Any, rank: int, alpha: int, seed: int) -> None:
        import torch
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(seed)
        self.targets, self.inputs_first = modules.adapter_targets(base)
        config = LoraConfig(
            r=rank,
            lora_alpha=alpha,
            lora_dropout=0.0,
            bias="none",
            target_modules=self.targets,
            fan_in_fan_out=self.inputs_first,
            task_type="CAUSAL_LM",
        )
        self._model = get_peft_model(base, config)
        self._layers: list[Any] = [module for module in self._model.modules() if hasattr(module, "lora_A")]
        self._native = [dict(layer.scaling) for layer in self._layers]
        self.device = next(base.parameters()).device
        self.parameters: dict[str, torch.nn.Parameter] = {
            name: value for name, value in self._model.named_parameters() if value.requires_grad
        }

    @property
    def base(self) -> Any:
        """The transformers model with the adapter inside."""
        return self._model.get_base_model()

    def before_every_layer(self, call: Callable[[], None]) -> None:
        """Have `call` called before each decoder layer, forwards and backwards: where a run can wait at once."""
        for layer in modules.decoder_layers(self.base):
            layer.register_forward_pre_hook(lambda *_: call())
            layer.register_full_backward_pre_hook(lambda *_: call())

    def loss_sum(self, rows: Packed) -> torch.Tensor:
        """The weighted negative log-likelihoods of the rows' tokens, summed, in nats."""
        return losses.loss_sum(self.base, rows)

    def mean_loss(self, rows: Packed) -> float:
        """Mean weighted nats a token, nothing learned."""
        return losses.mean_loss(self.base, rows)

    @contextlib.contextmanager
    def scaled(self, scale: float) -> Iterator[None]:
        """The adapter's effect times `scale` inside the block (Wortsman et al. 2022, WiSE-FT); 0 is the base."""
        for layer, native in zip(self._layers, self._native, strict=True):
            layer.scaling = {name: value * scale for name, value in native.items()}
        try:
            yield
        finally:
            for layer, native in zip(self._layers, self._native, strict=True):
                layer.scaling = dict(native)

    def state(self) -> dict[str, NDArray[np.float32]]:
        """The adapter's tensors under peft's names, copied."""
        return {
            _saved_name(name): value.detach().cpu().numpy().astype(np.float32, copy=True)
            for name, value in self.parameters.items()
        }

    def restore(self, state: dict[str, NDArray[np.float32]]) -> None:
        """Take back what `state` gave."""
        import torch

        with torch.no_grad():
            for name, value in self.parameters.items():
                value.copy_(torch.from_numpy(state[_saved_name(name)]))


def _saved_name(name: str) -> str:
    """As peft writes it: the adapter's own name (`.default`) is left out."""
    return name.replace(".default.", ".")
