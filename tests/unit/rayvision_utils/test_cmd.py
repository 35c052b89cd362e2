"""Programs that are run for an analysis."""

from __future__ import annotations

import logging
import sys

import pytest

from rayvision_utils.cmd import Cmd

SAYS_MUCH = "import sys; sys.stderr.write('e' * 300_000); sys.stdout.write('o\\n' * 100_000); sys.exit(3)"


def test_a_program_that_writes_much_on_both_pipes_is_heard_to_its_end() -> None:
    status, said, wrong = Cmd.run([sys.executable, "-c", SAYS_MUCH], log_output=False)
    assert (status, len(said), len(wrong)) == (3, 200_000, 300_000)


def test_a_text_is_taken_apart_without_a_shell() -> None:
    assert Cmd.run(f"{sys.executable} -c 'print(1); print(\"$HOME\")'") == (0, b"1\n$HOME\n", b"")


def test_a_shell_reads_the_text_where_it_was_asked_for() -> None:
    assert Cmd.run("echo one; exit 4", shell=True) == (4, b"one\n", b"")


@pytest.mark.parametrize("logged", [True, False])
def test_each_line_goes_to_the_log_unless_that_is_not_wanted(
    logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "rayvision_utils.cmd"):
        Cmd.run(["printf", r"first\n\n\344\270\255\n"], log_output=logged)
    lines = [record.getMessage() for record in caplog.records[1:]]
    assert lines == (["first", "中"] if logged else [])


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        Cmd.run(["no such program"])


def test_a_started_program_gives_its_lines_as_they_come() -> None:
    with Cmd.wrap_subprocess(
        [sys.executable, "-c", "import sys; print(1); print(2, file=sys.stderr)"]
    ) as done:
        assert done.stdout is not None
        assert sorted(done.stdout) == ["1\n", "2\n"]
    assert done.returncode == 0


def test_a_command_is_taken_by_the_system_as_it_is() -> None:
    assert Cmd.compatible("名") == "名"
