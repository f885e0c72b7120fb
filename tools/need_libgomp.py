"""See to libgomp, which the local model runtime loads and does not bring: install it where that is possible.

Ends well in any case; without it everything but local models works, and ``nubem doctor`` says so.
"""

import ctypes
import os
import shutil
import subprocess
import sys

_PACKAGE = "libgomp1"


def is_there() -> bool:
    """Tell whether the library loads."""
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True


def main() -> int:
    """Install the package with apt when run by root, else say what to type."""
    if not sys.platform.startswith("linux") or is_there():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environ)
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", _PACKAGE]
        subprocess.run(install, check=False, env=environ, stdout=subprocess.DEVNULL)
    if not is_there():
        sys.stderr.write(f"Local models need libgomp.so.1. Hint: apt-get install {_PACKAGE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
