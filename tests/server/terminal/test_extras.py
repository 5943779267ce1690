"""The extras cost nothing before somebody needs them."""

import subprocess
import sys

CODE = """
import importlib, sys
import server.__main__, server.app, server.terminal.sweep
for name in server.app.CALLS:
    importlib.import_module(f"server.api.{name}")
from server.search.samplers import WAYS
assert {how: way.is_available for how, way in WAYS.items()}["random"]
loaded = [name for name in sys.argv[1:] if name in sys.modules]
sys.exit(", ".join(loaded) or None)
"""
PACKAGES = ("optuna", "cmaes", "torch", "scipy", "dask", "distributed", "python_calamine", "pyarrow", "pi_heif")


def test_nothing_of_an_extra_is_imported_before_it_is_needed() -> None:
    done = subprocess.run([sys.executable, "-c", CODE, *PACKAGES], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), "all of the server, its calls and the sweep in the terminal were imported"
