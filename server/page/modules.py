"""Which modules and style sheets a page needs, as the texts say it. Names are paths within the page's folder."""

import posixpath
import re
from collections.abc import Callable

IMPORT = re.compile(r'^(import |(?:import|export)\b[^;()]*?\bfrom )"(\.[^"]+)"', re.M)
"""A statement that imports; what a comment imports are types, and what has a bracket is loaded later."""
LATER = re.compile(r'(\bawait import\()"(\.[^"]+)"')
"""What loads a view with its first card."""
STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
"""A link of a page to a style sheet."""


def target(name: str, said: str) -> str:
    """Find the module that another one imports under a relative path."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), said))


def reachable(entries: list[str], read: Callable[[str], str], *how: re.Pattern[str]) -> dict[str, str]:
    """Give modules and all that they import in these ways, the nearest first, each with its text."""
    found: dict[str, str] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = read(name)
            waiting += [target(name, said) for pattern in how for _, said in pattern.findall(found[name])]
    return found
