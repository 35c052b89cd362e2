"""Ask the application itself: it runs a script of ours, which reads a question and writes an answer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rayvision_utils.cmd import Cmd
from rayvision_utils.exception.exception import AnalyseFailError
from rayvision_utils.utils import str2unicode

LONGEST_ANSWER_BYTES = 256 << 20
_LAST_WORDS = 2000

Document = dict[str, Any]
Argument = str | os.PathLike[str]
Command = Sequence[Argument] | Callable[[Path, Path], Sequence[Argument]]


def ask(command: Command, question: Document, folder: Path) -> Document:
    """Run a script inside the application, and give its answer.

    Args:
        command: the application and the script; the paths of question and answer come behind it. Or what
            makes the whole command of these two paths.
        folder: where both are kept.

    Raises:
        AnalyseFailError: it does not start, ends with an error, or answers nothing that makes sense.
    """
    asked, answered = folder / "question.json", folder / "answer.json"
    asked.write_text(json.dumps(question), "utf-8")
    answered.unlink(missing_ok=True)
    whole = command(asked, answered) if callable(command) else [*command, asked, answered]
    program = Path(whole[0]).name
    try:
        status, said, wrong = Cmd.run(whole)
    except OSError as error:
        raise AnalyseFailError(f"{program} does not start: {error.strerror or error}") from error
    if status != 0 or not answered.is_file():
        last = str2unicode((wrong or said)[-_LAST_WORDS:]).strip()
        raise AnalyseFailError(f"{program} ended with status {status} and without an answer: {last}")
    if answered.stat().st_size > LONGEST_ANSWER_BYTES:
        raise AnalyseFailError(f"{program} answered more than {LONGEST_ANSWER_BYTES} bytes")
    try:
        answer = json.loads(answered.read_bytes())
    except ValueError as error:
        raise AnalyseFailError(f"{program} did not answer in JSON: {error}") from error
    finally:
        asked.unlink()
        answered.unlink()
    if not isinstance(answer, dict):
        raise AnalyseFailError(f"{program} did not answer with a JSON object")
    return answer
