"""The command: nn-basics [serve], nn-basics train TASK, nn-basics sweep TASK, nn-basics explain TASK, nn-basics download."""

import argparse
import gc
import sys
from importlib import import_module

gc.disable()  # while modules are made, which stay: to look for garbage among them takes a fifth of the time

COMMANDS = ("serve", "train", "sweep", "explain", "download")
"""Each a module of `server.terminal`."""


def parser(named: str) -> argparse.ArgumentParser:
    """Describe the command line: of a command that is named that one alone, so that it need not wait for the others."""
    main = argparse.ArgumentParser(prog="nn-basics", description="Train neural networks and watch them learn.")
    commands = main.add_subparsers(dest="command")
    for name in [named] if named in COMMANDS else COMMANDS:
        import_module(f"server.terminal.{name}").add_command(commands)
    return main


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = ["serve", *given]
    options = parser(given[0]).parse_args(given)
    gc.freeze()
    gc.enable()
    try:
        return int(options.run(options))
    except (ValueError, OSError, LookupError) as error:
        print(f"nn-basics: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
