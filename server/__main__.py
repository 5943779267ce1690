"""The command: nn-basics [serve], nn-basics train TASK, nn-basics download."""

import argparse
import os
import secrets
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import uvicorn

from server import terminal
from server.app import create_app
from server.home import Home, default_home
from server.security import is_loopback
from server.settings import Settings, from_environment


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    main = argparse.ArgumentParser(prog="nn-basics", description="Train neural networks and watch them learn.")
    commands = main.add_subparsers(dest="command")
    serve = commands.add_parser("serve", help="start the dashboard (the default)")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    serve.add_argument("--port", type=int, default=8000, help="the port; 0 takes a free one (default: 8000)")
    serve.add_argument("--no-open", action="store_true", help="do not open a browser")
    serve.add_argument("--data-dir", type=Path, help="a folder whose mnist/ holds the full MNIST (NN_BASICS_DATA)")
    serve.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"])
    terminal.add_commands(commands)
    return main


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = ["serve", *given]
    options = parser().parse_args(given)
    try:
        if options.command == "serve":
            return serve(options)
        return int(options.run(options))
    except (ValueError, OSError, LookupError) as error:
        print(f"nn-basics: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def listening_socket(host: str, port: int) -> socket.socket:
    """Open the socket ourselves, so that a browser tab that stalls holds little memory and is dropped in time."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 256 * 1024)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000)
    try:
        listener.bind((host, port))
        listener.listen(2048)              # from now on a browser may knock; it is let in as soon as the server runs
    except OSError as error:
        listener.close()
        raise OSError(f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port") from error
    return listener


def serve(options: argparse.Namespace) -> int:
    """Start the dashboard, print its address, and run until Ctrl-C."""
    if options.data_dir:
        os.environ["NN_BASICS_DATA"] = str(options.data_dir)
    token = "" if is_loopback(options.host) else secrets.token_urlsafe(24)
    settings: Settings = replace(from_environment(), host=options.host, port=options.port, token=token)
    home = Home(default_home())
    listener = listening_socket(options.host, options.port)
    host = f"[{options.host}]" if ":" in options.host else options.host
    address = f"http://{host}:{listener.getsockname()[1]}/" + (f"?token={token}" if token else "")
    config = uvicorn.Config(
        create_app(settings, home), log_level=options.log_level, access_log=False, ws="websockets-sansio",
        ws_max_size=settings.max_message, ws_per_message_deflate=False, timeout_graceful_shutdown=1, server_header=False,
    )
    server = uvicorn.Server(config)
    home.say(address.partition("?")[0])
    print(f"Neural Network Basics is at {address}\nPress Ctrl-C to stop.", flush=True)
    if not options.no_open:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    home.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
