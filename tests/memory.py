"""How much memory a call takes at most, in a process of its own, where it can harm nobody."""

import subprocess
import sys

import pytest

measured = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process held at most")

PROGRAM = """
import sys
{before}
data = sys.stdin.buffer.read()
def held(which):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(which)) * 1024
start = held("VmRSS")
try:
    {call}
    print("taken")
except ValueError as error:
    print(ascii(str(error)))
print(held("VmHWM") - start)
"""


def measure(before: str, call: str, data: bytes) -> tuple[str, int]:
    """Call with `data`; give what it said when it refused them, and by how many bytes the process grew at most."""
    program = PROGRAM.format(before=before, call=call)
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()
    said, grown = done.stdout.decode().splitlines()
    return said, int(grown)
