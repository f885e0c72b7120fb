"""The child process that serves one model: ``python -m nubem_jupyter.providers.local.server``.

It reads its key from the first line of standard input, serves each engine on a loopback port that the system picks,
and writes one JSON line for each on standard output. It ends when its parent does, however that ends: standard input
closes, and on Linux the kernel kills it.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
from typing import Any, BinaryIO, TextIO

from nubem_jupyter.providers.local.cores import Threads, share_cores, usable_cores

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 1 << 20
_WARNINGS = 2
# A call that is stopped while its prompt is read waits for the batch under way: this many tokens.
_BATCH_TOKENS = 128


def main() -> None:
    """Serve until the parent ends."""
    options = _options()
    _tie_to(options.parent)
    _bound_log()
    reports = _take_stdout()
    key = sys.stdin.buffer.readline().decode("ascii").strip()
    watch = threading.Thread(target=_exit_at_end_of, args=(sys.stdin.buffer,), name="parent", daemon=True)
    watch.start()
    try:
        threads = share_cores(usable_cores(), options.engines)
        # The names keep the engines alive: one that is collected stops serving.
        engines = [_serve(options, key, threads, reports) for _ in range(options.engines)]
    except ImportError as error:
        _report(reports, **_explain_import(error))
    except (RuntimeError, ValueError, OSError) as error:
        _report(reports, error=f"the weights could not be loaded ({error})", hint="pull them again, or free memory")
    else:
        watch.join()
        del engines


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve one local model to the process that starts this one.")
    parser.add_argument("--weights", required=True, help="GGUF file")
    parser.add_argument("--context", required=True, type=int, help="tokens of context of each engine")
    parser.add_argument("--engines", required=True, type=int, help="calls that are answered at once")
    parser.add_argument("--parent", required=True, type=int, help="process id of the parent")
    return parser.parse_args()


def _tie_to(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have ended before the tie was made.
    if os.getppid() != parent:
        sys.exit(1)


def _bound_log() -> None:
    # The log is the only file that this process writes; past the limit a write fails and nothing more is kept.
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (_LOG_BYTES, _LOG_BYTES))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _take_stdout() -> TextIO:
    # Native code may print; what it prints goes to the log, and only reports go to the parent.
    reports = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return reports


def _exit_at_end_of(stream: BinaryIO) -> None:
    while stream.read(4096):
        pass
    os._exit(0)


def _serve(options: argparse.Namespace, key: str, threads: Threads, reports: TextIO) -> Any:
    # Spinning threads starve each other on busy cores. The OpenMP runtime reads this when it is first loaded.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = options.weights
    params.n_ctx = options.context
    params.n_batch = params.n_ubatch = _BATCH_TOKENS
    params.cpuparams.n_threads = threads.generate
    params.cpuparams_batch.n_threads = threads.read
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = params.endpoint_slots = False
    params.verbosity = _WARNINGS
    # One call an engine and nothing kept between calls: sharing a batch or a cached prompt changes the rounding, and
    # with it now and then the text, so that one seed would not always give one text.
    params.n_parallel = 1
    params.cache_prompt = params.cache_idle_slots = False
    params.cache_ram_mib = 0
    engine = xllamacpp.Server(params)
    _report(reports, url=engine.listening_address)
    return engine


def _report(reports: TextIO, **fields: str) -> None:
    reports.write(json.dumps(fields) + "\n")
    reports.flush()


def _explain_import(error: ImportError) -> dict[str, str]:
    if "libgomp" in str(error):
        return {"error": "the system library libgomp is missing", "hint": "run: apt-get install libgomp1"}
    if error.name == "xllamacpp" and isinstance(error, ModuleNotFoundError):
        return {"error": "the model runtime is missing", "hint": "run: pip install 'nubem-jupyter[local]'"}
    return {"error": f"the model runtime cannot be imported ({error})", "hint": "install xllamacpp again"}


if __name__ == "__main__":
    main()
