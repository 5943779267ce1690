"""The page's ES modules and style sheets as they stand in their files: which imports which, and where a page links to them."""

import re
from pathlib import Path

FRONTEND = Path(__file__).parent.parent / "frontend"
IMPORT = re.compile(r'^(import |(?:import|export)\b[^;()]*?\bfrom )"(\.[^"]+)"', re.M)
"""A statement that imports; what a comment imports are types, and what has a bracket is loaded later."""

STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
"""A link of a page to a style sheet."""


def target(path: Path, said: str) -> Path:
    """Find the module that another one imports under a relative path."""
    return (path.parent / said).resolve()


def reachable(entry: Path) -> dict[Path, str]:
    """Give a module and all that it needs before it runs, the nearest first, each with its text."""
    found: dict[Path, str] = {}
    waiting = [entry.resolve()]
    while waiting:
        path = waiting.pop(0)
        if path not in found:
            found[path] = path.read_text(encoding="utf-8")
            waiting += [target(path, said) for _, said in IMPORT.findall(found[path])]
    return found
