"""``python -m rayvision_utils.analyse_uploaded``: analyse a scene among uploaded files, for a farm.

A farm starts it for clients that upload first, under limits of the farm's making, with one
``AnalysisQuestion`` on its standard input; one ``AnalysisAnswer`` on its standard output is all that comes of
it. The analysers are those of a user's machine: they only look for files below one folder, and paths in the
answer are farm paths.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.choose_analyzer import analyzer_of
from rayvision_utils.exception.exception import (
    AnalyseFailError,
    CGFileNameIllegalError,
    CGFileNotExistsError,
)
from renderbus_model.documents import TASK_INFO
from renderbus_model.scene_analysis import INSTEAD, MOST_TEXTS_A_TIP, AnalysisAnswer, AnalysisQuestion
from renderbus_model.software import Application, title_of


def answered(question: AnalysisQuestion) -> AnalysisAnswer:
    """What an analysis of the scene finds, or why there is none."""
    analysis: AnalyzeBase[Any] | None = None
    try:
        analysis = _begun(question)
        analysis.analyse(no_upload=True)
        return _found(analysis, question.root)
    except MemoryError:
        return AnalysisAnswer(why=f"reading it takes more memory than this farm allows for that; {INSTEAD}")
    except RecursionError:
        return AnalysisAnswer(why="what is in it is nested too deeply to be read")
    except (AnalyseFailError, CGFileNotExistsError, CGFileNameIllegalError) as error:
        tips = _tips(analysis.tips_info, question.root) if analysis else {}
        return AnalysisAnswer(tips=tips, why=_on_the_farm(str(error), question.root))


def _begun(question: AnalysisQuestion) -> AnalyzeBase[Any]:
    if question.cg_id not in set(Application):
        raise AnalyseFailError(f"nobody reads scenes of {title_of(question.cg_id)} here; {INSTEAD}")
    application = Application(question.cg_id)
    scene = f"{question.root}{question.scene}"
    analysis = analyzer_of(application, scene)(
        scene,
        question.cg_version,
        plugin_config=question.plugins,
        render_software=question.cg_name or application.title,
        local_os="linux",
        workspace=question.work,
        **_own_arguments(application, question),
    )
    analysis.root = question.root
    return analysis


def _own_arguments(application: Application, question: AnalysisQuestion) -> dict[str, Any]:
    """What only one application's analyser is told: Maya's its project, Houdini's not to keep a database."""
    if application is Application.HOUDINI:
        return {"custom_db_path": question.work}
    project = f"{question.root}{question.project}"
    if application is Application.MAYA and question.project and Path(project).is_dir():
        return {"input_project_path": project}
    return {}


def _found(analysis: AnalyzeBase[Any], root: str) -> AnalysisAnswer:
    task = _on_the_farm(analysis.task_info, root)
    published = TASK_INFO["task_info"]
    own = {name: str(task["task_info"][name]) for name in analysis.own_task_info()}
    return AnalysisAnswer(
        scene_info=msgspec.Raw(msgspec.json.encode(task["scene_info"])),
        task_info={name: value for name, value in own.items() if value != published.get(name)},
        asset=msgspec.Raw(msgspec.json.encode(_on_the_farm(analysis.asset_info, root))),
        tips=_tips(analysis.tips_info, root),
    )


def _tips(found: Mapping[Any, Any], root: str) -> dict[str, list[str]]:
    """The findings by code; a code with very many of them tells how many were left out."""
    tips: dict[str, list[str]] = {}
    for code, value in found.items():
        texts = [value] if isinstance(value, str) else list(value)
        left_out = len(texts) - MOST_TEXTS_A_TIP
        more = [f"… and {left_out} more"] if left_out > 0 else []
        tips[str(code)] = [_on_the_farm(text, root) for text in texts[:MOST_TEXTS_A_TIP]] + more
    return tips


def _on_the_farm(value: Any, root: str) -> Any:
    """The same with farm paths in place of paths below the root, however deep they are."""
    if isinstance(value, str):
        return value.replace(f"{root}/", "/").replace(root, "/")
    if isinstance(value, dict):
        return {_on_the_farm(key, root): _on_the_farm(member, root) for key, member in value.items()}
    return [_on_the_farm(member, root) for member in value] if isinstance(value, list) else value


def main() -> None:
    """Read the question, write the answer."""
    # What variables of a path mean on the farm's machine is nobody's business.
    os.environ.clear()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not end up in the answer
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=AnalysisQuestion)
    with answers:
        answers.write(msgspec.json.encode(answered(question)))


if __name__ == "__main__":
    main()
