"""Runs the command line in forked children that have everything imported, and kills some of them.

    python forking.py DATA_DIR

Reads one order a line from standard input, and answers each with a line of JSON:

    {"arguments": [...]}                              to the end
    {"arguments": [...], "seconds": 0.4}              killed after so many seconds
    {"arguments": [...], "write": 3, "done": false}   killed at its third write: when a file is
                                                      about to get its name, or just got it (done)
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

# Imported here once, so that no child imports them.
import PIL.Image
import torch
import torch._dynamo
from few_images import few

import train_cli
from model.data import datasets


def answer(order: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as err:
        start = time.monotonic()
        child = os.fork()
        if not child:
            obey(order, err.fileno())
        killer = threading.Timer(order.get("seconds", 3600.0), os.kill, (child, signal.SIGKILL))
        killer.start()
        # The child stays a zombie until the killer is out of the way: its number is not reused.
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        killer.cancel()
        killer.join()
        _, status = os.waitpid(child, 0)
        seconds = time.monotonic() - start
        err.seek(0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "seconds": seconds,
            "err": err.read().decode(),
        }


def obey(order: dict[str, Any], err: int) -> NoReturn:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(err, 2)
    if "write" in order:
        die_at_write(order["write"], done=order["done"])
    code = 70
    try:
        code = train_cli.main(order["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def die_at_write(number: int, *, done: bool) -> None:
    writes, replace = 0, os.replace

    def replace_or_die(*names: Any) -> None:
        nonlocal writes
        if Path(names[1]).name == "progress.json":  # written when half a second has passed
            replace(*names)
            return
        writes += 1
        if writes == number and not done:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(*names)
        if writes == number:
            os.kill(os.getpid(), signal.SIGKILL)

    os.replace = replace_or_die


if __name__ == "__main__":
    torch.set_num_threads(1)
    PIL.Image.preinit()  # it imports what writes PNG
    small = few(datasets.load_splits("mnist", Path(sys.argv[1])))
    datasets.load_splits = lambda *_: small
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
