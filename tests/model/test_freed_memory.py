"""Memory that is freed and needed again is not taken from the system twice."""

import platform
import subprocess
import sys

import pytest

# In a process of its own: what it sets cannot be taken back.
PROGRAM = """
import resource, sys
import numpy as np
from model.freed_memory import keep_freed_memory
if sys.argv[1] == "keep":
    keep_freed_memory()
def fill():
    blocks = [np.ones(5_000_000) for _ in range(2)]  # 40 MB each
fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    fill()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(how: str) -> int:
    command = [sys.executable, "-c", PROGRAM, how]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


# Before 2.35 it took no limit above 32 MB.
KNOWS_IT = platform.libc_ver()[0] == "glibc" and int(platform.libc_ver()[1].split(".")[1]) >= 35


@pytest.mark.skipif(not KNOWS_IT, reason="it is about glibc, from 2.35 on")
def test_blocks_that_are_freed_and_made_again_cost_no_pages() -> None:
    assert 4 * page_faults("keep") < page_faults("usual")
