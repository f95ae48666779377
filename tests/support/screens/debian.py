"""Editors that Debian packages: whether one is here and new enough, and getting it with apt.

Standard library only: installers run before anything else is there. Knows no plug-in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """`command` from `package`; `pattern` finds major and minor version in what `--version` prints."""

    command: str
    package: str
    pattern: str
    oldest: tuple[int, int]

    def missing(self) -> str:
        """Why the tests cannot use it, as a sentence; "" where they can."""
        path = shutil.which(self.command)
        if path is None:
            return f"There is no {self.command} on the PATH: apt install {self.package}."
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(self.pattern, told)
        version = tuple(map(int, found.groups())) if found else (0, 0)
        if version < self.oldest:
            return f"{path} is {'.'.join(map(str, version))}; the plug-in needs {'.'.join(map(str, self.oldest))}."
        return ""


def report(program: Program, *more: str) -> None:
    """Get `program` and the packages that go with it where apt may be used, and say what there is."""
    if (program.missing() or not _are_there(more)) and _may_install():
        options = ["-y", "-qq", "--no-install-recommends"]
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", *options, program.package, *more], check=False, stdout=subprocess.DEVNULL)
    print(f"{program.command}: {program.missing() or shutil.which(program.command)}")


def _are_there(packages: tuple[str, ...]) -> bool:
    if not packages or shutil.which("dpkg-query") is None:
        return True
    query = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}\n", *packages]
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    return done.stdout.split() == ["installed"] * len(packages)


def _may_install() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0
