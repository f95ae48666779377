"""Count the files and functions that one key passes through, in the language server and in the daemon together.

`python docs/key_path.py` types a sentence with the installed default model, in a home of its own, and counts what is
called from the change to the answer: each of our files and named functions once a key. It prints the medians of keys
that bring new ghost text, and of keys along text that is shown already, for both processes together and for each. With
`--list` the files that most keys with new ghost text pass follow.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from shadowpen.daemon.base import store
from shadowpen.daemon.typist.editor import Editor

TEXT = "It was one of those mornings when the whole world seems to hold its breath and waits for the sea."
BEFORE = "The people of the island had lived there for hundreds of years. "
PATIENCE_S = 20.0
REST_S = 0.15  # the daemon reads ahead behind an answer; that is not on the way to it
MAX_KEYS = 255  # the number of a key is one byte

Place = tuple[str, str, str]  # process, file, function

# Runs in both processes before anything else: notes what is called while the byte holds the number of a key.
PROBE = """
import atexit, json, mmap, os, sys, threading
flag = open(os.environ["KEY_PATH"], "r+b")
key, found = mmap.mmap(flag.fileno(), 1), {}
def note(frame, event, argument):
    if event == "call" and key[0]:
        code = frame.f_code
        place = code.co_filename.rpartition("/shadowpen/")
        if place[1] and place[2].split("/")[0] in ("daemon", "lsp_server") and not code.co_name.startswith("<"):
            found.setdefault(key[0], set()).add((place[2], code.co_qualname))
def write():
    sys.setprofile(None)
    with open(f"{os.environ['KEY_PATH']}.{os.getpid()}", "w") as out:
        json.dump({number: sorted(places) for number, places in found.items()}, out)
atexit.register(write)
sys.setprofile(note)
threading.setprofile(note)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "sitecustomize.py").write_text(PROBE)
        (home / "key").write_bytes(b"\0")
        ours = {"SHADOWPEN_HOME": folder, "SHADOWPEN_MODELS": str(store.layout().models), "KEY_PATH": f"{home / 'key'}"}
        patient = {"SHADOWPEN_COMPLETION_DEADLINE_MS": "4000", "SHADOWPEN_COMPLETION_MIN_PROBABILITY": "0.1"}
        path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, **ours, **patient, "PYTHONPATH": path}
        daemon = subprocess.Popen([sys.executable, "-P", "-m", "shadowpen.daemon"], env=environment)
        try:
            kinds = asyncio.run(_typed(home / "key", environment))
        finally:
            daemon.terminate()
            daemon.wait()
        places: dict[int, set[Place]] = defaultdict(set)
        for noted in home.glob("key.*"):
            process = "daemon" if noted.suffix == f".{daemon.pid}" else "language server"
            for number, found in json.loads(noted.read_text()).items():
                places[int(number)] |= {(process, file, function) for file, function in found}
    for kind in ("new ghost text", "along the text", "no ghost text"):
        keys = [places[number] for number, name in kinds.items() if name == kind]
        if keys:
            print(f"{kind:<16}{len(keys):>4} keys {_counted(keys)}, ", end="")
            print("; ".join(f"{name} {_counted(_within(keys, name))}" for name in ("language server", "daemon")))
    if "--list" in sys.argv[1:]:
        new = [places[number] for number, name in kinds.items() if name == "new ghost text"]
        passed = Counter(place for key in new for place in {(process, file) for process, file, _ in key})
        print(
            *sorted(f"{process}: {file}" for (process, file), count in passed.items() if 2 * count >= len(new)),
            sep="\n",
        )


def _within(keys: list[set[Place]], process: str) -> list[set[Place]]:
    return [{place for place in key if place[0] == process} for key in keys]


def _counted(keys: list[set[Place]]) -> str:
    """Medians of the keys; a file that both processes pass counts once."""
    files = statistics.median(len({file for _, file, _ in key}) for key in keys)
    functions = statistics.median(len({(file, function) for _, file, function in key}) for key in keys)
    return f"{files:.0f} files {functions:.0f} functions"


async def _typed(flag: Path, environment: dict[str, str]) -> dict[int, str]:
    """By the number of the key: what it brought."""
    kinds: dict[int, str] = {}
    with flag.open("r+b") as handle, mmap.mmap(handle.fileno(), 1) as current:
        editor, shown = Editor("key path"), ""
        await editor.start([sys.executable, "-P", "-m", "shadowpen.lsp_server"], environment)
        document = editor.open(BEFORE)
        for number, key in enumerate(TEXT[:MAX_KEYS], 1):
            current[0] = number
            editor.type(document, key)
            ghost = await editor.ask(document, PATIENCE_S) or ""
            current[0] = 0
            goes_along = bool(ghost) and shown == key + ghost
            kinds[number] = "along the text" if goes_along else "new ghost text" if ghost else "no ghost text"
            shown = ghost
            await asyncio.sleep(REST_S)
        await editor.leave()
    return kinds


if __name__ == "__main__":
    main()
