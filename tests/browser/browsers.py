"""The browser that the tests use: NN_BASICS_BROWSER names chromium (the default), firefox or webkit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

NAME = os.environ.get("NN_BASICS_BROWSER", "chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
"""What Chromium shall not do behind the tests' back."""


def find_browser() -> str | None:
    """Find it: a Chromium on the PATH, or where Playwright keeps its own."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if NAME == "chromium" and (path := shutil.which(name)):
            return path
    with sync_playwright() as playwright:
        own = getattr(playwright, NAME).executable_path
    return own if Path(own).exists() else None


def fetch_browser() -> None:
    """Fetch it with Playwright, or Chromium as a package of the system."""
    fetched = subprocess.run([sys.executable, "-m", "playwright", "install", NAME], check=False)
    if fetched.returncode and NAME == "chromium" and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False)


def launch(playwright: Playwright, path: str | None) -> Browser:
    """Start the browser that `find_browser` found."""
    assert path, f"no {NAME}: install one (apt-get install chromium, or python -m playwright install {NAME})"
    return getattr(playwright, NAME).launch(executable_path=path, args=QUIET if NAME == "chromium" else [])


def launch_with_profile(playwright: Playwright, path: str | None, folder: Path) -> BrowserContext:
    """Start it with a folder in which it keeps what it caches."""
    assert path, f"no {NAME}"
    return getattr(playwright, NAME).launch_persistent_context(
        folder, executable_path=path, args=QUIET if NAME == "chromium" else []
    )
