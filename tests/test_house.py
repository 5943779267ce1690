"""The house: its rooms and who may import whom, and names that say nothing about machines."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from engine.tasks import TASKS

ROOT = Path(__file__).resolve().parent.parent

ROOMS = {
    "engine": """
        arrays  hyperparameter
        expression
        functions  initializers  notebook  search
        layers
        network
        losses  regularizers  optimizers  schedules
        gradient_check
        data
        pictures
        tasks
        training
        explain
        __init__
    """,
    "server": """
        __init__
        settings  logs  messages
        storage
        page
        runs
        search
        history  lessons
        security
        api
        app
        terminal
        __main__
    """,
    "frontend": """
        state
        server
        ui
        pictures  charts
        doctor  touch  glass
        runs
        panels
        compare  upload  export  replay  lesson
        session
        further
        main
    """,
}
"""The rooms of each part, lowest first: a room imports from those in the lines above its own, and from nobody else."""
FROM_OUTSIDE = {
    "engine": {"numpy"},
    "server": {"engine", "fastapi", "starlette", "pydantic", "pydantic_core", "uvicorn", "h11", "websockets"}
    | {"numpy", "plotly", "PIL", "pi_heif", "segno", "platformdirs", "optuna", "dask", "distributed"},
}
MOST_FILES = defaultdict(
    lambda: 15,
    {"server": 8, "frontend/thumbnails": len(TASKS) + 1, "tests/cases/images": 99, "tests/cases/tables": 99},
)
"""In a folder, not counting a package's __init__; a thumbnail for each task, and one for those that have none; and files as
people have them.
"""


def tracked() -> list[str]:
    """List the files of the project, those that are new and not ignored too."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).is_file()]


def sources(part: str) -> list[str]:
    return sorted(p.relative_to(ROOT).as_posix() for suffix in ("py", "js") for p in (ROOT / part).rglob(f"*.{suffix}"))


def imports(name: str) -> Iterator[str]:
    """Give what a Python file imports: for each name both the module and what may be a module in it."""
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}: write whole names"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def targets(name: str) -> Iterator[str]:
    """Give the files of the house that a file imports; in JavaScript those whose types it names, too."""
    if name.endswith(".js"):
        for path in re.findall(r"""\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""", (ROOT / name).read_text(encoding="utf-8")):
            yield (ROOT / name).parent.joinpath(path).resolve().relative_to(ROOT).as_posix()
        return
    for module in imports(name):
        for place in (module, module.rpartition(".")[0]):
            found = [f for f in (f"{place.replace('.', '/')}{end}" for end in (".py", "/__init__.py")) if (ROOT / f).is_file()]
            if place and found:
                yield found[0]
                break


def arrows(part: str) -> dict[str, set[str]]:
    return {name: {to for to in targets(name) if to.startswith(f"{part}/")} - {name} for name in sources(part)}


def room_of(name: str) -> str:
    return Path(name).parts[1].partition(".")[0]


def levels(part: str) -> dict[str, int]:
    return {room: level for level, line in enumerate(ROOMS[part].strip().splitlines()) for room in line.split()}


@pytest.mark.parametrize("part", ROOMS)
def test_every_file_lies_in_a_room(part: str) -> None:
    assert not [name for name in sources(part) if room_of(name) not in levels(part)]


@pytest.mark.parametrize("part", ROOMS)
def test_a_room_imports_only_from_rooms_below(part: str) -> None:
    level = levels(part)
    turned = [
        f"{name} -> {to}"
        for name, found in arrows(part).items()
        for to in found
        if room_of(to) not in level or (room_of(to) != room_of(name) and level[room_of(to)] >= level[room_of(name)])
    ]
    assert not turned


@pytest.mark.parametrize("part", ROOMS)
def test_no_imports_go_in_a_circle(part: str) -> None:
    try:
        TopologicalSorter(arrows(part)).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("part", FROM_OUTSIDE)
def test_a_part_imports_only_what_it_may(part: str) -> None:
    known = FROM_OUTSIDE[part] | set(sys.stdlib_module_names) | {part}
    assert not [(name, module) for name in sources(part) for module in imports(name) if module.split(".")[0] not in known]


def test_no_task_borrows_from_the_file_of_another() -> None:
    shared = ("engine/tasks/task.py", "engine/tasks/task_picture.py", "engine/tasks/families/")
    files = {name: found for name, found in arrows("engine").items() if name.startswith("engine/tasks/")}
    borrowed = [
        f"{name} -> {to}"
        for name, found in files.items()
        for to in found
        if to.startswith("engine/tasks/") and not to.startswith(shared) and name != "engine/tasks/__init__.py"
    ]
    assert files
    assert not borrowed


def test_no_basic_layer_needs_one_that_stands_behind_the_basics() -> None:
    behind = "engine/layers/variants/"
    files = {name: found for name, found in arrows("engine").items() if name.startswith("engine/layers/")}
    doors = ("engine/layers/__init__.py", f"{behind}__init__.py")
    assert sum(name.startswith(behind) for name in files) > 1
    assert not [
        name
        for name, found in files.items()
        for to in found
        if to.startswith(behind) and not name.startswith((behind, doors[0]))
    ]
    assert not [name for name, found in files.items() if name.startswith(behind) and {*doors} & found], (
        "they name the files they need"
    )


def test_no_folder_is_too_full() -> None:
    folders: dict[str, list[str]] = defaultdict(list)
    for name in tracked():
        if name.startswith((*(f"{part}/" for part in ROOMS), "tests/")) and Path(name).name != "__init__.py":
            folders[Path(name).parent.as_posix()].append(name)
    assert not {folder: len(names) for folder, names in folders.items() if len(names) > MOST_FILES[folder]}


def test_no_file_name_says_nothing_and_the_top_level_holds_only_the_house() -> None:
    assert not {Path(name).stem for name in tracked()} & {"utils", "helpers", "common", "misc", "manager"}
    top = {name.split("/")[0] for name in tracked()} - {*ROOMS, "tests", "pyproject.toml", "README.md", "LICENSE"}
    assert all(name.startswith(".") for name in top), top


MACHINE = re.compile(
    r"(?<![\w.$}*/-])/(?:home|Users|root|work|tmp|opt|mnt|srv|var/folders)/[\w.]"  # somebody's folders
    r"|[A-Z]:[\\/]+Users\b"
    r"|(?:pypi|npmjs|pythonhosted|registry|artifactory|nexus)[\w.-]*\.(?:org|com|io|net|dev|local|internal)\b",  # registries
    re.IGNORECASE,
)


def test_no_file_names_a_machine() -> None:
    found = []
    for name in tracked():
        data = (ROOT / name).read_bytes()
        if b"\0" not in data and name != "tests/test_house.py" and not name.startswith("tests/cases/tables/"):
            found += [f"{name}: {match.group()}" for match in MACHINE.finditer(data.decode("utf-8"))]
    assert not found


def test_nothing_in_the_engine_prints_or_draws_from_a_global_state() -> None:
    forbidden = r"\bprint\(|np\.random\.(seed|rand|randn|normal|uniform|permutation)\(|\bimport threading"
    assert not [name for name in sources("engine") if re.search(forbidden, (ROOT / name).read_text(encoding="utf-8"))]


def test_the_page_asks_nobody_else_for_anything() -> None:
    for path in (ROOT / "frontend").rglob("*.*"):
        if path.suffix in (".html", ".js", ".css"):
            found = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`]*", path.read_text(encoding="utf-8"))
            assert not [url for url in found if "w3.org" not in url], path


def test_no_line_of_javascript_is_longer_than_120_characters() -> None:
    names = [name for name in tracked() if name.endswith(".js")]
    assert not [(n, line) for n in names for line in (ROOT / n).read_text(encoding="utf-8").splitlines() if len(line) > 120]
