"""All that can be chosen, as the page and the API tell it."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from server.settings import RACERS, Settings

PLOTLY_URL = f"/vendor/plotly-{version('plotly')}.min.js"
"""Where the page gets Plotly; the version is in its name, so that a browser may keep it for good."""


def plotly_path() -> Path:
    """Find plotly.min.js in its package, without the second that importing the package takes."""
    found = find_spec("plotly")
    if found is None or not found.origin:
        raise FileNotFoundError("the package plotly is missing; install the project again")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"


@cache
def engines_catalog() -> dict[str, Any]:
    """Give what the engine lets a person choose, as JSON can say it."""
    from engine import catalog
    from server.messages import finite

    told: dict[str, Any] = finite(catalog())
    return told


def choices(settings: Settings, catalog: Mapping[str, Any]) -> dict[str, Any]:
    """Say what can be chosen, by whoever asks: of the engine's catalog, within this server's limits."""
    limits = {
        "upload": settings.max_upload,
        "sweep": settings.max_sweep,
        "racers": RACERS,
        "runs": settings.max_runs,
        "undo_seconds": settings.undo_seconds,
    }
    return {**catalog, "plotly": PLOTLY_URL, "limits": limits, "version": version("neural-network-basics")}
