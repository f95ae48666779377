"""Write the curves of monitoring as offline runs of Weights & Biases, where `wandb` is installed.

The client runs in a process of its own, with an environment that holds nothing of the user's account and a folder that
is removed afterwards. Only its data files are kept: its logs name paths of this machine. They hold numbers and names of
versions, no text. Nothing is uploaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from shadowpen.daemon.base import store
from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.base.extras import install_command
from shadowpen.daemon.reporting.event_files import CurvePoint, Runs

_COMMAND = (sys.executable, "-P", "-m", "shadowpen.daemon.reporting.wandb_runs")
_LIMIT_S = 300.0
_NOWHERE = "http://127.0.0.1:9"  # a proxy that does not exist: a client that tried to connect would fail
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
_LONGEST_SLUG = 60
# What the client would otherwise tell about this machine, its user, its packages and the repository it stands in.
_SILENT = {
    **dict.fromkeys(("disable_code", "disable_git", "disable_job_creation", "silent", "x_disable_machine_info"), True),
    **dict.fromkeys(("x_disable_meta", "x_disable_stats", "x_disable_viewer"), True),
    **dict.fromkeys(("save_code", "x_save_requirements"), False),
    **dict.fromkeys(("email", "host", "program", "username"), ""),
}


class WandbJob(msgspec.Struct, frozen=True):
    """Runs by their id, with the name that is shown and their points, and the folder to write them into."""

    folder: str
    runs: dict[str, tuple[str, list[CurvePoint]]]


def require() -> None:
    """ConfigInvalid where wandb is not installed."""
    if importlib.util.find_spec("wandb") is None:
        hint = f"Install it with: {install_command('wandb')}"
        raise ConfigInvalid("Runs of Weights & Biases need wandb, which is not installed.", hint)


def write(folder: Path, runs: Runs) -> list[str]:
    """Write each run into a folder below `folder`/wandb, in the place of what was written there before.

    The names of these folders. ConfigInvalid where wandb is missing or fails, StateUnusable where the folder cannot be
    written.
    """
    require()
    named = {_id(name): (name, list(points)) for name, points in runs.items()}
    with tempfile.TemporaryDirectory(prefix="shadowpen-") as made:
        _run(WandbJob(made, named), Path(made))
        target = folder.absolute() / "wandb"
        try:
            return [_moved(Path(made) / "wandb", target, id) for id in named]
        except OSError as error:
            raise store.unusable(target, error) from error


def _run(job: WandbJob, made: Path) -> None:
    try:
        subprocess.run(
            _COMMAND,
            input=msgspec.json.encode(job),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=made,
            env=_environment(os.environ, made),
            timeout=_LIMIT_S,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigInvalid(f"wandb did not end within {_LIMIT_S:.0f} seconds.", "Try it again.") from error
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", b"") or b"").decode(errors="replace").strip().splitlines()
        reason = said[-1].rstrip(".") if said else type(error).__name__
        raise ConfigInvalid(f"wandb failed: {reason}.", "Shadowpen was tried with wandb 0.31.") from error


def _environment(ours: Mapping[str, str], made: Path) -> dict[str, str]:
    """Ours without settings and keys of wandb's, and with its own folders in the one that is removed."""
    kept = {name: value for name, value in ours.items() if not name.startswith("WANDB_")}
    folders = {f"WANDB_{name}_DIR": str(made) for name in ("ARTIFACT", "CACHE", "CONFIG", "DATA")}
    return {
        **kept,
        **folders,
        **dict.fromkeys(_PROXIES, _NOWHERE),
        "WANDB_MODE": "offline",
        "WANDB_CONSOLE": "off",
        "WANDB_ERROR_REPORTING": "false",
        "NETRC": str(made / "netrc"),  # where a key of the user's could be
    }


def _moved(made: Path, target: Path, id: str) -> str:
    """Put the data file of a run in the place of an earlier one; the name of its folder."""
    (data,) = made.glob(f"offline-run-*-{id}/run-{id}.wandb")
    for earlier in target.glob(f"offline-run-*-{id}"):
        shutil.rmtree(earlier)
    place = target / data.parent.name
    place.mkdir(mode=0o700, parents=True)
    shutil.move(data, place / data.name)
    return place.name


def _id(run: str) -> str:
    """The same for the same run, in letters that wandb takes."""
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", run).strip("-")[:_LONGEST_SLUG]
    return f"{slug}-{hashlib.sha256(run.encode()).hexdigest()[:8]}"


def _log(job: WandbJob) -> None:
    import wandb

    settings = wandb.Settings(mode="offline", console="off", root_dir=job.folder, **_SILENT)
    for id, (name, points) in job.runs.items():
        with wandb.init(project="shadowpen", name=name, id=id, settings=settings) as run:
            for step, values in _by_step(points).items():
                run.log(values, step=step)


def _by_step(points: Sequence[CurvePoint]) -> dict[int, dict[str, float]]:
    """The values of each step in their order, with its time: wandb takes no step twice."""
    found: dict[int, dict[str, float]] = {}
    for point in sorted(points, key=lambda one: one.step):
        found.setdefault(point.step, {})[point.name] = point.value
        found[point.step]["_timestamp"] = point.time_s
    return found


if __name__ == "__main__":
    _log(msgspec.json.decode(sys.stdin.buffer.read(), type=WandbJob))
