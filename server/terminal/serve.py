"""nn-basics serve: the dashboard."""

import argparse
import re
import secrets
import signal
import socket
import ssl
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from logging import INFO
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from server.logs import LEVELS, event, start_logging
from server.page.front import Front
from server.security import Guard, is_loopback
from server.settings import Settings, checked, explained, from_environment
from server.storage.folders import default_home
from server.storage.home import Home
from server.storage.kept_catalog import KeptCatalog
from server.terminal.connections import DashboardServer, Listener

SHORTEST = 16
"""Characters that a token has at least."""


class HelpSettings(argparse.Action):
    """Prints every limit of the server with the variable that changes it, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        """Print them."""
        print(explained())
        parser.exit()


def add_command(commands: Any) -> None:
    """Describe the command `serve`."""
    serve = commands.add_parser("serve", help="start the dashboard (the default)")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    serve.add_argument("--port", type=int, default=8000, help="the port; 0 takes a free one (default: 8000)")
    serve.add_argument("--no-open", action="store_true", help="do not open a browser")
    serve.add_argument("--data-dir", type=Path, help="a folder whose mnist/ holds the full MNIST (NN_BASICS_DATA)")
    serve.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes in which the runs of sweeps train, 0 for threads; from 2 on a longer race has one for each of its runs "
        "(default: one for each core; NN_BASICS_WORKERS)",
    )
    serve.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help="a Dask cluster that you trust, as tcp://host:8786, in whose workers the runs of sweeps train; for tls://… the "
        "certificates stand in Dask's own configuration (DASK_DISTRIBUTED__COMM__TLS__CA_FILE and so on)",
    )
    serve.add_argument("--log-level", default="warning", choices=LEVELS, help="what is told on the error output")
    serve.add_argument(
        "--token",
        nargs="?",
        const="",
        help="the secret of the link; without a value a new one is made. On other addresses than this machine's there is one "
        "always; on this machine it keeps its other users out",
    )
    serve.add_argument(
        "--view-only",
        nargs="?",
        const="",
        metavar="TOKEN",
        help="print a second link, for a class that may watch and change nothing",
    )
    serve.add_argument("--ssl-certfile", type=Path, help="a certificate: the pages come over https")
    serve.add_argument("--ssl-keyfile", type=Path, help="the certificate's key")
    serve.add_argument("--help-settings", nargs=0, action=HelpSettings, help="list the limits, and how to change them")
    serve.set_defaults(run=serve_dashboard)


def listening_socket(host: str, port: int) -> Listener:
    """Open the socket ourselves, so that a browser tab that stalls holds little memory and is dropped in time."""
    listener = Listener(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 256 * 1024)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000)
    try:
        listener.bind((host, port))
        listener.listen(2048)  # from now on a browser may knock; it is let in as soon as the server runs
    except OSError as error:
        listener.close()
        raise OSError(f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port") from error
    return listener


def tokens(options: argparse.Namespace) -> tuple[str, str]:
    """Give the secret of the link and that of visitors; none where only this machine can ask, and nobody wants one."""
    watched = options.view_only is not None
    if is_loopback(options.host) and not watched and options.token is None:
        return "", ""
    token, view = options.token or secrets.token_urlsafe(24), options.view_only or secrets.token_urlsafe(24)
    if len(token) < SHORTEST or len(view) < SHORTEST or token == view:
        raise ValueError(f"a token needs at least {SHORTEST} characters, and the visitors' one must be another")
    return token, view if watched else ""


def check_certificate(certificate: Path, key: Path) -> None:
    """Raise a ValueError that names a file which is missing, or is no certificate or key."""
    for option, path in (("--ssl-certfile", certificate), ("--ssl-keyfile", key)):
        if not path.is_file():
            raise ValueError(f"{option}: there is no file {path}")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError among them
        raise ValueError(f"{certificate} and {key} are no certificate and its key ({error})") from error


def checked_cluster(address: str) -> str:
    """Give the address of a cluster. Raises ValueError where that is none, or what talks with clusters is not installed."""
    if not re.fullmatch(r"(tcp|tls|ws|wss|ucx)://[^\s/]+:\d+", address):
        raise ValueError(f"--cluster: {address!r} is no scheduler's address; it looks like tcp://host:8786")
    if find_spec("distributed") is None:
        raise ValueError("--cluster needs Dask: pip install 'neural-network-basics[cluster]'")
    return address


def serve_dashboard(options: argparse.Namespace) -> int:
    """Start the dashboard, print its address, and run until Ctrl-C."""
    if bool(options.ssl_certfile) != bool(options.ssl_keyfile):
        raise ValueError("--ssl-certfile and --ssl-keyfile belong together")
    if options.ssl_certfile:
        check_certificate(options.ssl_certfile, options.ssl_keyfile)
    start_logging(options.log_level)
    token, view = tokens(options)
    settings: Settings = replace(
        from_environment(), host=options.host, port=options.port, token=token, view_token=view, tls=bool(options.ssl_certfile)
    )
    if options.workers is not None:
        settings = replace(settings, workers=int(checked("--workers", "workers", options.workers)))
    if options.cluster:
        settings = replace(settings, cluster=checked_cluster(options.cluster))
    home = Home(default_home(), options.data_dir)
    listener = listening_socket(options.host, options.port)
    host = f"[{options.host}]" if ":" in options.host else options.host
    plain = f"{'https' if settings.tls else 'http'}://{host}:{listener.getsockname()[1]}/"
    address = plain + (f"?token={token}" if token else "")
    front = Front(settings, lambda: make_api(settings, home), lambda: end(server), KeptCatalog(home.folder))
    config = uvicorn.Config(
        Guard(front, settings),
        log_config=None,
        access_log=False,
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_max_size=settings.max_message,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
        server_header=False,
        ssl_certfile=options.ssl_certfile,
        ssl_keyfile=options.ssl_keyfile,
    )
    server = DashboardServer(config, listener, settings)
    with ended_by_interrupts(server):
        home.say(plain)
        event(INFO, "started", address=plain, home=str(home.folder), version=version("neural-network-basics"))
        print(
            f"Neural Network Basics is at {address}",
            *([f"To watch only: {plain}?token={view}"] if view else []),
            *([f"For a class, whose students train here: {plain}?lesson=class&token={token}"] if token else []),
            "Press Ctrl-C to stop.",
            sep="\n",
            flush=True,
        )
        if not options.no_open:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        server.run()
    home.release()
    if front.trouble is not None:
        raise front.trouble
    event(INFO, "stopped")
    return 0


def make_api(settings: Settings, home: Home) -> Starlette:
    """Make the API; what it needs is imported only here, because nobody has to wait for it to see the page."""
    from server.app import create_app

    return create_app(settings, home)


def end(server: uvicorn.Server) -> None:
    """Let the server end."""
    server.should_exit = True


@contextmanager
def ended_by_interrupts(server: uvicorn.Server) -> Iterator[None]:
    """Let the server end at the first Ctrl-C, from before its address is printed on; only a second one raises.

    A KeyboardInterrupt raised while the event loop is being made can come in a destructor, where Python throws it away, and
    the server would run on.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        if server.should_exit:
            signal.default_int_handler(number, frame)
        end(server)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGINT, before)
