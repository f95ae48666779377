"""All errors a user can meet: one sentence each, plus a hint that says what to do.

    ShadowpenError
    ├── ConfigInvalid            a setting or a command line that cannot be honoured
    ├── StateUnusable            the state directory: full disk, wrong owner, no permission
    ├── ModelError
    │   ├── ModelMissing         nothing installed under that name
    │   ├── ModelCorrupt         hash, graph or manifest do not hold
    │   ├── ModelUnsupported     an architecture, format or size that is not served
    │   ├── MemoryTooSmall       the machine has too little of it for the model
    │   ├── DeviceFailed         a GPU that cannot be used, or that failed at work
    │   ├── ExportRejected       an export outside its quality limits
    │   ├── LanguageUnwritten    the model does not write the language of the text
    │   ├── ServerFailed         a server that writes for us is away, refuses, or does not answer sensibly
    │   └── LicenceNotAccepted   terms that must be accepted explicitly
    ├── SourceError              a model could not be obtained
    ├── PluginBroken             another package's plug-in that cannot be used
    ├── DaemonError
    │   ├── DaemonUnreachable    none runs and none could be started, or it does not answer
    │   ├── DaemonRunning        a second one was asked for
    │   ├── ProtocolMismatch     client and daemon are of different versions
    │   ├── RequestInvalid       malformed, too large, or out of its limits
    │   └── RequestCancelled     dropped for a newer one, or on the client's word
    └── TrainingError
        ├── TrainingUnavailable  torch and peft are not installed
        └── TooLittleText        nothing to learn from yet

This file knows neither the wire nor the editors: they convert once, at their border, by `code`.
"""

from __future__ import annotations

from typing import ClassVar


class ShadowpenError(Exception):
    """One sentence for the user, and a hint what to do about it.

    `code` names the class on the wire; `exit_status` is what a command ends with.
    """

    code: ClassVar[str] = "internal"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigInvalid(ShadowpenError):
    code = "config_invalid"
    exit_status = 2


class StateUnusable(ShadowpenError):
    code = "state_unusable"
    exit_status = 3


class ModelError(ShadowpenError):
    code = "model_error"
    exit_status = 4


class ModelMissing(ModelError):
    code = "model_missing"


class ModelCorrupt(ModelError):
    code = "model_corrupt"


class ModelUnsupported(ModelError):
    code = "model_unsupported"


class MemoryTooSmall(ModelError):
    code = "memory_too_small"


class DeviceFailed(ModelError):
    code = "device_failed"


class ExportRejected(ModelError):
    code = "export_rejected"


class LanguageUnwritten(ModelError):
    code = "language_unwritten"


class ServerFailed(ModelError):
    code = "server_failed"


class LicenceNotAccepted(ModelError):
    code = "licence_not_accepted"


class SourceError(ShadowpenError):
    code = "source_error"
    exit_status = 5


class PluginBroken(ShadowpenError):
    code = "plugin_broken"
    exit_status = 2


class DaemonError(ShadowpenError):
    code = "daemon_error"
    exit_status = 6


class DaemonUnreachable(DaemonError):
    code = "daemon_unreachable"


class DaemonRunning(DaemonError):
    code = "daemon_running"


class ProtocolMismatch(DaemonError):
    code = "protocol_mismatch"


class RequestInvalid(DaemonError):
    code = "request_invalid"


class RequestCancelled(DaemonError):
    code = "request_cancelled"


class TrainingError(ShadowpenError):
    code = "training_error"
    exit_status = 7


class TrainingUnavailable(TrainingError):
    code = "training_unavailable"


class TrainingDiverged(TrainingError):
    code = "training_diverged"


class TooLittleText(TrainingError):
    code = "too_little_text"


def is_panic(error: BaseException) -> bool:
    """Whether a library written in Rust gave up; what it raises is no Exception, and has no name to catch it by."""
    return type(error).__name__ == "PanicException"


def _tree(root: type[ShadowpenError]) -> dict[str, type[ShadowpenError]]:
    found = {root.code: root}
    for child in root.__subclasses__():
        found.update(_tree(child))
    return found


def from_code(code: str, message: str, hint: str = "") -> ShadowpenError:
    """The error that `code` names; an unknown code (a newer daemon) becomes the root class."""
    return _tree(ShadowpenError).get(code, ShadowpenError)(message, hint)
