"""What the figures were measured on: cores, versions, and the tools that are there or are not."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess

SERVER_CORE = "0"
LOAD_CORE = "1"
PACKAGES = (
    "fake-nexmo",
    "uvicorn",
    "uvloop",
    "httptools",
    "starlette",
    "msgspec",
    "httpx",
    "respx",
    "python-multipart",
)


def facts() -> dict[str, str]:
    """One line each, in the order in which they are printed."""
    versions = [f"{name} {found}" for name in PACKAGES if (found := version(name))]
    load = "/".join(f"{each:.2f}" for each in os.getloadavg())
    return {
        "cores": f"{os.cpu_count()}, load average {load}, {'pinned' if can_pin() else 'not pinned'}",
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": ", ".join(versions),
        "wrk": _wrk_version() or "missing; install it, on Debian and Ubuntu: apt-get install wrk",
    }


def version(package: str) -> str:
    """The version of an installed package; empty when it is not there."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def can_pin() -> bool:
    """Whether server and load can be kept on a core each."""
    return shutil.which("taskset") is not None and (os.cpu_count() or 1) >= 2


def pinned(core: str) -> list[str]:
    """What stands before a command to keep it on a core; nothing where that cannot be done."""
    return ["taskset", "-c", core] if can_pin() else []


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _wrk_version() -> str:
    if shutil.which("wrk") is None:
        return ""
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return said.partition("[")[0].removeprefix("wrk").strip()
