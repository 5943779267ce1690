"""What the server says while it works: one line an event, its time, level, name and facts. Tokens are never among them."""

import json
import logging
import time

LEVELS = ("debug", "info", "warning", "error")
_log = logging.getLogger("nn-basics")


class Lines(logging.Formatter):
    """2026-01-31T12:00:00.123Z INFO run status id="5f0c" status="running"."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one event as one line; only an error that nobody expected takes more, for its traceback."""
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        words = record.getMessage().replace("\n", "\\n")
        line = f"{now}.{int(record.msecs):03d}Z {record.levelname} {words}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def start_logging(level: str) -> None:
    """Send all events of this level and above to the standard error output."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    for noisy in ("websockets", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)  # their messages would carry whole addresses


def event(level: int, what: str, **facts: object) -> None:
    """Say what happened, with its facts."""
    if _log.isEnabledFor(level):
        _log.log(level, "%s", " ".join([what, *(f"{name}={json.dumps(value, default=str)}" for name, value in facts.items())]))
