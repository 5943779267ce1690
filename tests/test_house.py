"""The house: who may import whom, that everything public says what it is, and that the documents tell the truth."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import engine
import server
from engine.initializers import INITIALIZERS
from engine.layers import LAYERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "engine": {"engine", "numpy"},
    "server": {
        "server",
        "engine",
        "fastapi",
        "starlette",
        "pydantic",
        "pydantic_core",
        "uvicorn",
        "plotly",
        "numpy",
        "PIL",
        "segno",
    },
}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", [p for package in ALLOWED for p in sources(package)], ids=lambda p: str(p.relative_to(ROOT)))
def test_the_arrows_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    foreign = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names)
    assert foreign <= ALLOWED[package]


def test_nothing_in_the_engine_prints_or_draws_from_a_global_state() -> None:
    for path in sources("engine"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"\bprint\(|np\.random\.(seed|rand|randn|normal|uniform|permutation)\(|\bimport threading", text
        ), path


def modules(package: ModuleType) -> Iterator[ModuleType]:
    folder = Path(str(package.__file__)).parent
    for path in folder.rglob("*.py"):
        name = ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__")
        __import__(name)
        yield sys.modules[name]


@pytest.mark.parametrize("package", [engine, server], ids=["engine", "server"])
def test_everything_public_has_a_docstring(package: ModuleType) -> None:
    missing = []
    for module in modules(package):
        assert module.__doc__, module.__name__
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(thing) and not thing.__doc__:
                missing.append(f"{module.__name__}.{name}")
            if inspect.isclass(thing):
                own = "" if (thing.__doc__ or "").startswith(f"{name}(") else thing.__doc__
                methods = [
                    m
                    for m, f in vars(thing).items()
                    if not m.startswith("_") and inspect.isfunction(f) and not inspect.getdoc(getattr(thing, m))
                ]
                missing += [] if own else [f"{module.__name__}.{name}"]
                missing += [f"{module.__name__}.{name}.{m}" for m in methods]
    assert not missing


BOOKKEEPING = {
    "Flatten": "gives the same numbers another shape",
    "Reshape": "gives the same numbers another shape",
    "Constant": "leaves the learning rate as it is",
    "Height": "gives back the height that a surface says",
}
"""What comes from no paper, and what it does instead of computing."""


def test_layers_and_optimizers_name_their_source() -> None:
    offered = LAYERS | LOSSES | REGULARIZERS | INITIALIZERS | SCHEDULES | OPTIMIZERS
    unnamed = {name for name, thing in offered.items() if not re.search(r"[A-Z]\w+.* \((18|19|20)\d\d\)", thing.__doc__ or "")}
    assert unnamed == BOOKKEEPING.keys() & offered.keys()


def test_no_file_holds_two_things() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for package in ("engine", "server", "frontend")
        for suffix in ("py", "js")
        for p in (ROOT / package).rglob(f"*.{suffix}")
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 320
    }
    assert not long


def test_no_forbidden_file_names_and_no_machine_paths() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    names = {Path(name).stem for name in tracked}
    assert not names & {"utils", "helpers", "common", "misc", "manager"}
    top = {name.split("/")[0] for name in tracked} - {
        "engine",
        "server",
        "frontend",
        "tests",
        "pyproject.toml",
        "README.md",
        "LICENSE",
    }
    assert all(name.startswith(".") for name in top), top


def test_the_page_asks_nobody_else_for_anything() -> None:
    for path in (ROOT / "frontend").rglob("*.*"):
        if path.suffix in (".html", ".js", ".css"):
            found = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`]*", path.read_text(encoding="utf-8"))
            assert not [url for url in found if "w3.org" not in url], path


def readme_code(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)


def test_the_readme_is_short_and_its_example_prints_what_it_says() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
    [example] = readme_code("python")
    expected = re.findall(r"# prints (.+)", example)
    ran = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == " ".join(expected).split()


def test_the_readme_names_real_pictures() -> None:
    for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name
