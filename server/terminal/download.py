"""nn-basics download: the full MNIST."""

import argparse
from typing import Any

from engine.data import mnist
from server.storage.folders import data_folders, default_home, mnist_cache


def add_command(commands: Any) -> None:
    """Describe the command `download`."""
    command = commands.add_parser("download", help="get the full MNIST, 11.6 MB, once")
    command.set_defaults(run=run_download)


def run_download(options: argparse.Namespace) -> int:
    """Get the full MNIST, with a progress bar."""
    from server.storage.mnist_download import download  # what it needs of the standard library takes long to import

    if folder := mnist.find(data_folders(default_home()).mnist):
        print(f"the full MNIST is here already: {folder}")
        return 0

    def bar(done: int, total: int) -> None:
        filled = min(30, 30 * done // total)
        print(f"\r[{'█' * filled}{'·' * (30 - filled)}] {done / 1e6:.1f} of {total / 1e6:.1f} MB", end="", flush=True)

    try:
        folder = download(mnist_cache(), bar)
    finally:
        print()
    print(f"the full MNIST is in {folder}")
    return 0
