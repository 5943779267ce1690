"""The page's files, under addresses that name their version: what a browser has of them it keeps, and never asks again.

An address is /static/VERSION/PATH, and the version a digest of all files. Modules import one another by relative paths, so
all of a page are of the version that the page names. A file that changes makes another version.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from starlette.responses import JSONResponse, Response

from server.page.modules import IMPORT, reachable

FRONTEND = Path(__file__).parents[2] / "frontend"
STATIC = "/static/"
"""What the address of a file begins with where it names a version."""
FOR_GOOD, ASK_EACH_TIME = "public, max-age=31536000, immutable", "no-cache"
"""How long a browser may keep an answer."""
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
"""What is handed out, by the end of its name; the system's own list may say something else of a script."""
THUMBNAIL, NEUTRAL = re.compile(r"thumbnails/\w+\.png"), "thumbnails/none.png"
"""Where the pictures of the tasks are, and the one of a task that has none yet."""
MOST = 3
"""So many versions are kept for the pages that are open; there are more than one only where somebody works on the files."""
RENEWED = "the page's files have changed since this page was opened; reload it"


class Version:
    """All files as they were at one moment."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        digest = hashlib.sha256()
        for name, data in sorted(files.items()):
            digest.update(f"{name}\n{len(data)}\n".encode() + data)
        self.name = digest.hexdigest()[:20]
        self._made: dict[str, Response] = {}

    def text(self, name: str) -> str:
        """Give a file as text."""
        return self.files[name].decode()

    def address(self, name: str) -> str:
        """Give the address of a file."""
        return f"{STATIC}{self.name}/{name}"

    def modules(self, *entries: str) -> list[str]:
        """Name these modules and all that they need to begin, the nearest first."""
        return list(reachable(list(entries), self.text, IMPORT))

    @cached_property
    def etag(self) -> str:
        """Name the version as an answer does that may have changed the next time."""
        return f'"{self.name}"'

    def found(self, name: str) -> str | None:
        """Find a file; a task that has no thumbnail yet gets a neutral one. None where there is none."""
        if name in self.files:
            return name
        return NEUTRAL if THUMBNAIL.fullmatch(name) else None

    def response(self, name: str) -> Response | None:
        """Give the answer with a file, which is made once; None where there is none."""
        found = self.found(name)
        if found is not None and found not in self._made:
            kind, data = KINDS[Path(found).suffix], self.files[found]
            self._made[found] = Response(data, headers={"content-type": kind, "cache-control": FOR_GOOD})
        return None if found is None else self._made[found]


class Files:
    """The files as they are now, and as they were for the pages that are open."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or FRONTEND
        self._versions: dict[str, Version] = {}
        self._now: Version | None = None
        self._made_of: dict[str, tuple[int, int]] = {}

    def now(self) -> Version:
        """Give the version of now: another one as soon as a file has come, gone or changed."""
        made_of = dict(listed(str(self._folder)))
        if self._now is None or made_of != self._made_of:
            self._now = Version({name: (self._folder / name).read_bytes() for name in made_of})
            self._made_of = made_of
            self._versions.pop(self._now.name, None)
            self._versions[self._now.name] = self._now
            while len(self._versions) > MOST:
                del self._versions[next(iter(self._versions))]
        return self._now

    def get(self, path: str, known: str) -> Response | None:
        """Answer for the path of a file, with its version or without; None where there is no such file.

        `known` is the version of which the browser has the file, where it asks whether that is still so.
        """
        if not path.startswith(STATIC):
            return self._latest(path.removeprefix("/"), known)
        named, _, name = path.removeprefix(STATIC).partition("/")
        version = self._versions.get(named)
        if version is None:
            words = {"error": {"message": RENEWED, "field": None}}
            return JSONResponse(words, 410, {"cache-control": "no-store"})
        return version.response(name)

    def _latest(self, name: str, known: str) -> Response | None:
        version = self.now()
        response = version.response(name)
        if response is None:
            return None
        headers = {"etag": version.etag, "cache-control": ASK_EACH_TIME}
        if version.etag in known:
            return Response(status_code=304, headers=headers)
        return Response(response.body, headers={"content-type": response.headers["content-type"], **headers})


def listed(folder: str, above: str = "") -> list[tuple[str, tuple[int, int]]]:
    """List the files of a folder that are handed out, each with the time of its last change and its length."""
    found = []
    for entry in os.scandir(folder):
        if entry.is_dir():
            found += listed(entry.path, f"{above}{entry.name}/")
        elif Path(entry.name).suffix in KINDS:
            said = entry.stat()
            found.append((above + entry.name, (said.st_mtime_ns, said.st_size)))
    return found
