"""How much memory a call takes at most, in a process of its own, where it can harm nobody."""

import atexit
import json
import struct
import subprocess
import sys
from functools import cache

import pytest

measured = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process held at most")

PROGRAM = """
import json, os, struct, sys
{before}
def held(which):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(which)) * 1024
def answer(call, data):
    start = held("VmRSS")
    try:
        exec(call)
        said = "taken"
    except ValueError as error:
        said = ascii(str(error))
    return [said, held("VmHWM") - start]
while head := sys.stdin.buffer.read(16):
    call, data = (sys.stdin.buffer.read(length) for length in struct.unpack("QQ", head))
    if not os.fork():
        print(json.dumps(answer(call.decode(), data)), flush=True)
        os._exit(0)
    if ended := os.wait()[1]:
        print(json.dumps(["it ended with " + str(ended), 0]), flush=True)
"""


@cache
def beginning(before: str) -> subprocess.Popen[bytes]:
    """Start a process that has all it needs, and forks for each call; it ends with these tests."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(before=before)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(process.communicate)  # nothing more is said, and it ends
    return process


def measure(before: str, call: str, data: bytes) -> tuple[str, int]:
    """Call with `data`; give what it said when it refused them, and by how many bytes the process grew at most."""
    process = beginning(before)
    process.stdin.write(struct.pack("QQ", len(call), len(data)) + call.encode() + data)
    process.stdin.flush()
    said, grown = json.loads(process.stdout.readline())
    assert grown, said
    return said, int(grown)
