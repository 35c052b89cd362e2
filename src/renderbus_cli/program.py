"""The command tree, and the last place an error comes to: one line and an exit status.

What a command needs beyond click is imported inside it, so that ``renderbus --help`` starts at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from renderbus_cli.analyse import analyse
from renderbus_cli.doctor import doctor
from renderbus_cli.farm import farm
from renderbus_cli.farm_care import check, nodes
from renderbus_cli.farm_share import share
from renderbus_cli.files import download, upload, verify
from renderbus_cli.problems import EXIT_HELP, Exit, problem_of
from renderbus_cli.render import render
from renderbus_cli.task import task


class Program(click.Group):
    """A group that ends with our exit statuses, however a command ends."""

    def main(  # type: ignore[override]  # click's own is overloaded on standalone_mode, which has no meaning here
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Run a command line and end the program."""
        extra.pop("standalone_mode", None)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                # A name that the terminal's encoding lacks must not end the program.
                stream.reconfigure(errors="backslashreplace")
        _log_quietly()
        sys.exit(self._status(args, prog_name, extra))

    def _status(self, args: Sequence[str] | None, prog_name: str | None, extra: dict[str, Any]) -> int:
        try:
            ended = super().main(args, prog_name or "renderbus", standalone_mode=False, **extra)
            return ended if isinstance(ended, int) else Exit.DONE
        except click.UsageError as error:
            error.show()
            return Exit.USAGE
        except (KeyboardInterrupt, click.Abort):
            click.echo("renderbus: cancelled", err=True)
            return Exit.STOPPED
        except BrokenPipeError:
            from renderbus_cli.show import silence_stdout

            silence_stdout()
            return Exit.STOPPED
        except Exception as error:
            return _told(error)


def _log_quietly() -> None:
    """What the SDK logs is for bug reports: nothing of it is shown unless RENDERBUS_DEBUG asks for it."""
    import logging

    if os.environ.get("RENDERBUS_DEBUG"):
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
        logging.getLogger("urllib3").setLevel(logging.WARNING)  # below that it tells signed URLs
    elif not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())  # else Python shows warnings by itself


def _told(error: Exception) -> int:
    from renderbus_cli.show import problem_line

    problem = problem_of(error)
    click.echo(problem_line(problem), err=True)
    if os.environ.get("RENDERBUS_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return problem.status


@click.group(
    "renderbus", cls=Program, epilog=EXIT_HELP, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="renderbus", message="%(prog)s %(version)s")
def program() -> None:
    """Render scenes on a farm: this machine's own, or one that is configured."""


for command in (render, analyse, upload, download, verify, task, farm, doctor):
    program.add_command(command)
for command in (check, nodes, share):
    farm.add_command(command)


def main() -> None:
    """What the installed program ``renderbus`` runs."""
    program.main()
