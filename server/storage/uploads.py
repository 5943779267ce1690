"""Files that persons bring: how many are held at a time, and the threads that read them, which hold nobody else up."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from server.settings import Settings

WAITING = 32
"""Files that may wait for their turn, still with those who bring them."""
LOOK_EVERY = 0.25
"""Seconds between two looks whether whoever brought a file still waits for the answer."""
Result = TypeVar("Result")
Check = Callable[[], None]


class FullError(Exception):
    """Too many files are being brought at once; the message says how many."""


class TooSlowError(Exception):
    """A file did not arrive in time; the message says in which."""


class GoneError(Exception):
    """Whoever brought the file has left, or the server ends."""


class Uploads:
    """The queue of files that are brought. Runs have threads of their own, so neither waits for the other."""

    def __init__(self, settings: Settings) -> None:
        self._most, self._seconds = settings.max_uploads, settings.upload_seconds
        self._turns = asyncio.Semaphore(settings.max_uploads)
        self._readers = ThreadPoolExecutor(settings.max_uploads, "upload")
        self._here = 0
        self._closed = threading.Event()

    @asynccontextmanager
    async def received(self, receive: Callable[[], Awaitable[bytes]]) -> AsyncIterator[bytes]:
        """Wait until it is a file's turn, take it in, and keep its place until it is done with.

        Nothing is received before, so that what waits takes no memory. Raises FullError, TooSlowError.
        """
        if self._here >= self._most + WAITING:
            raise FullError(f"{self._here} files are being brought at once; come again in a moment")
        self._here += 1
        try:
            async with self._turns:
                try:
                    async with asyncio.timeout(self._seconds):
                        data = await receive()
                except TimeoutError:
                    raise TooSlowError(f"the file did not arrive within {self._seconds:g} s; bring a smaller one") from None
                yield data
        finally:
            self._here -= 1

    async def read(self, work: Callable[[Check], Result], is_gone: Callable[[], Awaitable[bool]]) -> Result:
        """Have a file read in a thread, which asks now and then whether it should go on.

        It should not when it takes too long (a ValueError says so), when whoever brought it is gone, or when the server ends
        (GoneError).
        """
        gone = threading.Event()

        def call() -> Result:
            end = time.monotonic() + self._seconds

            def check() -> None:
                if gone.is_set() or self._closed.is_set():
                    raise GoneError("nobody waits for this file any more")
                if time.monotonic() > end:
                    raise ValueError(f"reading the file took longer than {self._seconds:g} s; bring a smaller one")

            check()
            return work(check)

        reading = asyncio.get_running_loop().run_in_executor(self._readers, call)
        try:
            while not (await asyncio.wait([reading], timeout=LOOK_EVERY))[0]:
                if not gone.is_set() and await is_gone():
                    gone.set()
        finally:
            gone.set()
        return await reading

    def close(self) -> None:
        """End what is being read, and wait for none of it."""
        self._closed.set()
        self._readers.shutdown(wait=False, cancel_futures=True)
