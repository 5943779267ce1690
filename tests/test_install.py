"""The README's start command, word for word, on a copy of the project; and the installed program outside the checkout."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent


def commands() -> list[str]:
    return re.findall(r"^python3 -m venv .+$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)


def test_the_readme_has_two_commands_and_the_second_runs_these_tests() -> None:
    start, test = commands()
    assert start.endswith(".venv/bin/nn-basics")
    assert "pytest" in test


@pytest.mark.skipif(os.name != "posix", reason="the README's commands are for a POSIX shell")
@pytest.mark.xdist_group("install")
def test_the_start_command_starts_the_dashboard_and_the_program_works_elsewhere(tmp_path: Path) -> None:
    copy, elsewhere = tmp_path / "copy", tmp_path / "elsewhere"
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in tracked:
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    elsewhere.mkdir()
    mine = ("PYTHONPATH", "VIRTUAL_ENV")
    environment = {k: v for k, v in os.environ.items() if k not in mine and not k.startswith("NN_BASICS_")} | {
        "PYTHONUNBUFFERED": "1",
        "XDG_CACHE_HOME": str(tmp_path),
        "NN_BASICS_HOME": str(tmp_path / "home"),
        "PIP_NO_COMPILE": "1",  # of all that Plotly brings a few modules are imported
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    command = f"{commands()[0]} --no-open --port 0".replace("&& .venv/bin/nn", "&& exec .venv/bin/nn")
    started = subprocess.Popen(
        ["bash", "-c", command], cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = started.stdout.readline()
        address = re.search(r"http://\S+", line)
        assert address, line + started.stderr.read()
        assert "<title>Neural Network Basics</title>" in httpx.get(address.group()).text
        catalog = httpx.get(f"{address.group()}api/catalog").json()
        assert httpx.get(address.group().rstrip("/") + catalog["plotly"]).status_code == 200
    finally:
        started.terminate()
        started.communicate(timeout=30)
    assert (tmp_path / "home" / "runs.db").exists()
    site = next((copy / ".venv" / "lib").glob("python*/site-packages"))
    assert (site / "frontend" / "index.html").exists()
    assert (site / "frontend" / "thumbnails" / "none.png").exists()
    assert (site / "engine" / "data" / "digits.npz").exists()
    assert (site / "engine" / "py.typed").exists()
    assert (site / "server" / "py.typed").exists()
    trained = subprocess.run(
        [copy / ".venv/bin/nn-basics", "train", "mnist", "--steps", "3", "--data", "source=bundled"],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert trained.returncode == 0, trained.stderr
    assert (elsewhere / "mnist.html").exists()
