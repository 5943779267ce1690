"""A real disk that is full; where none can be mounted, test_database.py has one file that may not grow."""

import subprocess
import sys

import pytest

NAMESPACE = ["unshare", "--map-root-user", "--mount"]


def can_mount() -> bool:
    try:
        return not subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode
    except OSError:
        return False


@pytest.mark.skipif(not can_mount(), reason="a disk of its own needs Linux and the right to mount one")
def test_a_full_disk_pauses_a_run_and_harms_nothing() -> None:
    ran = subprocess.run([*NAMESPACE, sys.executable, "-m", "tests.faults.disk"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
