"""The pages that watch runs: each gets every row of metrics once and in order, of the pictures only the latest."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from logging import WARNING
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from server import messages
from server.logs import event
from server.runs.diagnosis import Findings
from server.runs.picture_sampler import Frame
from server.runs.rate_limiter import RateLimiter
from server.runs.run import Run
from server.runs.status import Status
from server.settings import Settings

ROWS = 5000
"""Rows of one metrics message at the most."""
TICK = 0.01
"""Seconds from the first news to the look at the run: what happens meanwhile goes out together."""
PROGRESS = 0.2
"""Seconds between two times that a page hears how far training is: its step, its rows and what is found, all at once."""
AT_ONCE = 6.0
"""Seconds' worth of arrivals that nobody has to wait for."""
DELETED, FLOODED = 4404, 4429
"""The close codes that say: this run was deleted, and: the page says more than it may."""
MESSAGES_AT_ONCE, MESSAGES_LATE = 2.0, 5.0
"""Seconds' worth of a page's messages that are read at once; and seconds that it may be beyond its rate altogether."""


class FloodError(Exception):
    """A page says more than it may."""


class Page:
    """One page that watches one run. It makes the run wait only in its first steps, for a moment."""

    def __init__(self, socket: WebSocket, run: Run, since: int, settings: Settings, rewatch: Callable[[Run], None]) -> None:
        self.watching: frozenset[str] = frozenset()
        self._socket, self._run, self._since, self._settings, self._rewatch = socket, run, since, settings, rewatch
        self._news = asyncio.Event()
        self._sent: dict[str, int] = {}
        self._unanswered: set[int] = set()
        self._said: dict[str, Any] = {}
        self._found: Findings | None = None
        self._told_at = 0.0
        """When it heard last how far training is."""
        self._has_more = False
        """Whether a picture waits until another one is drawn."""
        self._heard, self._late = RateLimiter(MESSAGES_AT_ONCE), 0.0

    async def serve(self) -> None:
        """Talk until the page leaves, falls behind for too long, or the run is deleted."""
        self._run.notifier.listeners.add(self._news.set)
        reader, writer = asyncio.create_task(self._read()), asyncio.create_task(self._write())
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._run.notifier.listeners.discard(self._news.set)
            for task in (reader, writer):
                task.cancel()
            results = await asyncio.gather(reader, writer, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception) and not isinstance(
                error, (WebSocketDisconnect, TimeoutError, RuntimeError, FloodError)
            ):
                raise error
        code, why = (DELETED, "the run was deleted") if self._run.deleted is not None else (1001, "")
        if any(isinstance(error, FloodError) for error in results):
            most = self._settings.messages_per_second
            code, why = FLOODED, f"a page may say {most:g} things a second, this one said more"
            event(WARNING, "flooded", run=self._run.id, why=why)
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close(code, why)

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await self._pace()
            try:
                self._hear(messages.read(message.get("text") or ""))
            except (ValueError, RecursionError) as error:
                await self._send(messages.error(f"not understood: {error}"))

    async def _pace(self) -> None:
        """Wait where a page says too much: what is not read fills its own line. Raises FloodError where it does not stop."""
        wait = self._heard.until_next(self._settings.messages_per_second)
        if wait < -MESSAGES_AT_ONCE / 2:  # it was quiet
            self._late = 0.0
        if wait > 0:
            self._late += wait
            if self._late > MESSAGES_LATE:
                raise FloodError
            await asyncio.sleep(wait)

    def _hear(self, said: messages.Said) -> None:
        if said.drawn is not None:
            self._unanswered.discard(said.drawn)
            self._run.hear_drawn(said.drawn)
            if self._has_more:
                self._news.set()
        if said.watch is not None:
            for name in said.watch - self.watching:
                self._sent.pop(name, None)
            self.watching = said.watch
            self._rewatch(self._run)
            self._news.set()

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._run.deleted is None:
            self._news.clear()
            if tells := self._is_time_to_tell():
                await self._say_status()
                await self._say_findings()
            await self._send_pictures()
            if tells:
                await self._send_rows()
            with suppress(TimeoutError):
                async with asyncio.timeout(PROGRESS if tells else self._told_at + PROGRESS - loop.time()):
                    await self._news.wait()
            if self._sent and not self._run.is_opening:  # else somebody waits for a picture, or training for him
                await asyncio.sleep(TICK)

    def _is_time_to_tell(self) -> bool:
        """Tell whether the page is to hear how the run is: while it only trains on now and then, and else at once."""
        is_training = self._run.status is Status.RUNNING and self._run.revision == self._said.get("revision")
        return not is_training or asyncio.get_running_loop().time() - self._told_at >= PROGRESS

    async def _say_status(self) -> None:
        """Say everything at first and whenever somebody changed something; while it trains how far."""
        current = self._run.describe_progress()
        if current != self._said:
            changed, self._said = current["revision"] != self._said.get("revision"), current
            await self._tell(messages.status(self._run.describe() if changed else current))

    async def _say_findings(self) -> None:
        """Say what is found at first and whenever that changes."""
        current = self._run.diagnosis.now
        if current is not self._found:
            self._found = current
            await self._tell(messages.findings(current.step, current.found))

    async def _send_rows(self) -> None:
        while self._since < self._run.log.stored:
            rows, end = await read_rows(self._run, self._since, ROWS)
            await self._tell(messages.metrics(self._since, rows, end))
            self._since = end

    async def _send_pictures(self) -> None:
        frames: dict[str, Frame] = self._run.sampler.frames
        newer = [
            (frame.id, name)
            for name, frame in list(frames.items())
            if name in self.watching and frame.id > self._sent.get(name, 0)
        ]
        self._has_more = False
        for _, name in sorted(newer):
            if len(self._unanswered) >= self._settings.unanswered_pictures:
                self._has_more = True
                return
            frame = frames.get(name)
            if frame and not frame.data:
                self._sent[name] = frame.id
                await self._send(messages.nothing(name, frame.step))
            elif frame:
                self._sent[name] = frame.id
                self._unanswered.add(frame.id)
                async with asyncio.timeout(self._settings.send_seconds):
                    await self._socket.send_bytes(frame.data)

    async def _tell(self, message: dict[str, Any]) -> None:
        """Say how far training is, and when that was."""
        self._told_at = asyncio.get_running_loop().time()
        await self._send(message)

    async def _send(self, message: dict[str, Any]) -> None:
        async with asyncio.timeout(self._settings.send_seconds):
            await self._socket.send_text(messages.text(message))


async def read_rows(run: Run, since: int, most: int) -> tuple[list[messages.Row], int]:
    """Read a run's rows, from the disk without making the event loop wait."""
    if run.log.is_at_hand(since):
        return run.log.rows(since, most)
    return await asyncio.to_thread(run.log.rows, since, most)


class Pages:
    """All pages, by run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pages: dict[str, set[Page]] = {}
        self._rewatching: set[str] = set()
        self._arrivals, self._arriving = RateLimiter(AT_ONCE), 0

    @property
    def clients(self) -> int:
        """Count the pages, those too that wait for their turn."""
        return sum(map(len, self._pages.values())) + self._arriving

    async def arrive(self) -> None:
        """Wait for one's turn, so that pages that come and go all the time cost the others nothing."""
        self._arriving += 1
        try:
            await asyncio.sleep(max(0.0, self._arrivals.until_next(self._settings.arrivals_per_second)))
        finally:
            self._arriving -= 1

    async def serve(self, socket: WebSocket, run: Run, since: int) -> None:
        """Serve one page until it leaves."""
        page = Page(socket, run, since, self._settings, self._rewatch)
        pages = self._pages.setdefault(run.id, set())
        pages.add(page)
        try:
            await page.serve()
        finally:
            pages.discard(page)
            if not pages:
                self._pages.pop(run.id, None)
            self._rewatch(run)

    def _rewatch(self, run: Run) -> None:
        """Tell a run soon what its pages look at: once for all that they say until then."""
        if run.id not in self._rewatching:
            self._rewatching.add(run.id)
            alone = len(self._pages.get(run.id, ())) == 1
            asyncio.get_running_loop().call_later(0 if alone else TICK, self._tell, run)

    def _tell(self, run: Run) -> None:
        self._rewatching.discard(run.id)
        run.watch({name for page in self._pages.get(run.id, ()) for name in page.watching})
