"""All that can be chosen, kept from one start of the server to the next: a page need not wait for the engine to be shown."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

ENGINE = Path(__file__).parents[2] / "engine"


class KeptCatalog:
    """The engine's catalog in a home; it counts as long as the files of the engine are those that it was made of."""

    def __init__(self, home: Path, engine: Path = ENGINE) -> None:
        self._file, self._engine = home / "catalog.json", engine
        self._was = ""
        """What the engine was when this was read: whatever is written is of that, though its files be others meanwhile."""

    def read(self) -> dict[str, Any] | None:
        """Give what was kept; None where nothing was, or another engine is here now."""
        try:
            self._was = self._made_of()
            kept = json.loads(self._file.read_bytes())
            catalog: Any = kept["catalog"] if kept["made_of"] == self._was else None
        except (OSError, ValueError, LookupError, TypeError, RecursionError):  # there is none, or something else stands there
            return None
        return catalog if isinstance(catalog, dict) else None

    def write(self, catalog: Mapping[str, Any]) -> None:
        """Keep it for the next start, after `read`; on a disk that takes nothing that one has to wait as this one did."""
        part = self._file.with_suffix(".part")
        with suppress(OSError):
            part.write_text(json.dumps({"made_of": self._was, "catalog": catalog}), encoding="utf-8")
            part.replace(self._file)

    def _made_of(self) -> str:
        """Name the engine by its files, when each was changed last and how long it is, and by the Python that reads them."""
        found = [sys.version, str(sys.flags.optimize)]  # without docstrings the catalog says less
        for folder, _, names in os.walk(self._engine):
            files = [entry for entry in os.scandir(folder) if entry.name in names and entry.name.endswith(".py")]
            found += [f"{entry.path} {entry.stat().st_mtime_ns} {entry.stat().st_size}" for entry in files]
        return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
