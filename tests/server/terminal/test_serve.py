"""Ctrl-C ends the server, in whatever moment it comes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

INTERRUPTED_IN_A_DESTRUCTOR = """
import signal
from server.__main__ import main
from server.terminal.serve import DashboardServer

class Interrupted:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

run = DashboardServer.run

def run_interrupted(server):
    Interrupted()
    run(server)

DashboardServer.run = run_interrupted
raise SystemExit(main(["serve", "--no-open", "--port", "0", "--log-level", "info"]))
"""


@pytest.mark.skipif(os.name != "posix", reason="a process of Windows cannot interrupt itself")
def test_an_interrupt_right_after_the_address_is_not_lost(tmp_path: Path) -> None:
    environment = {**os.environ, "NN_BASICS_HOME": str(tmp_path), "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-c", INTERRUPTED_IN_A_DESTRUCTOR]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=30, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False)
    assert "stopped" in ended.stderr
