"""The command: nn-basics [serve], nn-basics train TASK, nn-basics explain TASK, nn-basics download."""

import argparse
import gc
import sys

gc.disable()  # while modules are made, which stay: to look for garbage among them takes a fifth of the time

from server.terminal import download, explain, serve, train  # noqa: E402


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    main = argparse.ArgumentParser(prog="nn-basics", description="Train neural networks and watch them learn.")
    commands = main.add_subparsers(dest="command")
    for command in (serve, train, explain, download):
        command.add_command(commands)
    return main


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given = ["serve", *given]
    options = parser().parse_args(given)
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
