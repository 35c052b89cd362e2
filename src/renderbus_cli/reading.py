"""A scene read by the SDK's own analysis, in the terms of this program."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renderbus_cli import events
from renderbus_cli.problems import Exit, Problem

if TYPE_CHECKING:
    from rayvision_api import RayvisionAPI
    from rayvision_utils.analyze_base import AnalyzeBase
    from renderbus_cli.wish import Wish

LISTED = 5
"""How many missing files an error names before it only counts the rest."""


class Reading:
    """What the analysis of one scene found; its four documents lie in the workspace."""

    def __init__(self, analysis: AnalyzeBase[Any], seconds: float) -> None:
        self._analysis = analysis
        self._seconds = seconds
        self.missing = [
            events.Missing(
                node=str(entry.get("node", "")),
                path=str(entry.get("path", "")),
                kind=str(entry.get("kind", "")),
                library=str(entry.get("library", "")),
                why=str(entry.get("why", "")),
            )
            for entry in analysis.asset_info.get("missing", [])
        ]

    @classmethod
    def of(cls, wish: Wish, workspace: Path) -> Reading:
        """Analyse the scene; its documents are written below ``workspace``.

        Raises:
            AnalyzeError: it is no scene, damaged, or of an application that is not read.
        """
        from rayvision_utils.choose_analyzer import analyzer_for

        began = time.monotonic()
        # No version is asked for: the farm renders with the one it has.
        analyzer = analyzer_for(wish.scene)
        analysis = analyzer(str(wish.scene), "", workspace=str(workspace), project_name=wish.project)
        analysis.search, analysis.mapping = list(wish.search), dict(wish.mapping)
        return cls(analysis.analyse(), time.monotonic() - began)

    def event(self) -> events.Analysed:
        """What to tell of it."""
        files = [Path(entry["local"]) for entry in self._analysis.upload_info.get("asset", [])]
        return events.Analysed(
            scene=str(self._analysis.cg_file),
            seconds=round(self._seconds, 3),
            files=len(files),
            size_bytes=sum(file.stat().st_size for file in files if file.is_file()),
            missing=self.missing,
            tips=self._tips(),
        )

    def _tips(self) -> list[str]:
        """The findings but for missing files, which are told apart already."""
        from rayvision_utils.findings import missing_text
        from rayvision_utils.utils import shown

        told = {shown(missing_text(missing)) for missing in self._analysis.files.missing}
        return [text for texts in self._analysis.tips_info.values() for text in texts if text not in told]

    def missing_problem(self) -> Problem:
        """Nothing was sent, because files are missing; who names them was told with the analysis."""
        count = len(self.missing)
        named = ", ".join(entry.path for entry in self.missing[:LISTED])
        more = f" and {count - LISTED} more" if count > LISTED else ""
        files = "1 file of the scene is" if count == 1 else f"{count} files of the scene are"
        return Problem(
            f"{files} missing: {named}{more}. Nothing was uploaded. "
            "Put what is missing in place, or render without it with --allow-missing",
            Exit.BAD_SCENE,
        )

    def choose(self, wish: Wish) -> None:
        """Write what the user chose into task.json.

        Raises:
            Problem: the scene has no such scene, layer or camera.
        """
        from rayvision_api.utils import append_to_task, json_load, json_save, update_task_info
        from rayvision_utils.choose import ChoiceNotInScene
        from renderbus_model.documents import ALLOW_MISSING

        path = self._analysis.task_json
        try:
            self._analysis.choose(
                scene_name=wish.scene_name,
                layers=wish.layers,
                camera=wish.camera,
                resolution=wish.resolution,
                image_format=wish.image_format,
                samples=wish.samples,
                frames=wish.frames,
            )
        except ChoiceNotInScene as error:
            raise Problem(f"{wish.scene.name}: {error}", Exit.USAGE) from error
        if wish.test_frames:
            self._check_test_frames(wish.test_frames)
            update_task_info({"pre_frames": wish.test_frames, "stop_after_test": "1"}, path)
        if wish.frame_timeout_s:
            update_task_info({"job_stop_time": str(wish.frame_timeout_s)}, path)
        more = {**({ALLOW_MISSING: "1"} if wish.allow_missing else {}), **wish.ordering.more}
        if more:
            append_to_task(more, path)
        if wish.ordering.info:
            # Not by update_task_info: enable_layered is no member of every published document.
            document = json_load(path)
            document["task_info"].update(wish.ordering.info)
            json_save(path, document)

    def _check_test_frames(self, wanted: str) -> None:
        from renderbus_model.frames import PriorityFrames, parse_frames

        entries = self._analysis.task_info["scene_info_render"].values()
        ranges = [entry["common"]["frames"] for entry in entries if entry["renderable"] == "1"]
        if not any(PriorityFrames.parse(wanted).of(parse_frames(text)) for text in ranges):
            raise Problem(
                f"--test-frames {wanted}: none of them is rendered; the frames are {', '.join(ranges)}",
                Exit.USAGE,
            )

    def check(self, api: RayvisionAPI) -> int:
        """Have the farm look at the findings and give the task its id.

        Raises:
            Problem: a finding says that the scene cannot be rendered.
        """
        from rayvision_api.exception import RayvisionAPIError, RayvisionError
        from rayvision_api.task.check import RayvisionCheck

        check = RayvisionCheck(api, self._analysis)
        try:
            return int(check.execute(self._analysis.task_json, self._analysis.upload_json))
        except RayvisionAPIError:
            raise
        except RayvisionError as error:
            if not check.errors_number:
                raise
            raise Problem("; ".join(_errors(check.error_warn_info_list)), Exit.BAD_SCENE) from error

    @property
    def task(self) -> dict[str, Any]:
        """What task.json says."""
        from rayvision_utils.utils import json_load

        document: dict[str, Any] = json_load(self._analysis.task_json)
        return document

    @property
    def assets(self) -> list[tuple[str, str]]:
        """Local path and farm path of each file to upload."""
        return [(entry["local"], entry["server"]) for entry in self._analysis.upload_info.get("asset", [])]

    @property
    def documents(self) -> list[Path]:
        """task.json, tips.json, asset.json and upload.json."""
        made = self._analysis
        return [Path(name) for name in (made.task_json, made.tips_json, made.asset_json, made.upload_json)]


def _errors(findings: list[dict[str, Any]]) -> Iterator[str]:
    """Each finding that is an error: what it is, what it is about, what to do."""
    for finding in findings:
        if str(finding.get("type")) == "1":
            details = finding.get("details")
            named = ", ".join(map(str, details)) if isinstance(details, list) else str(details or "")
            what = str(finding.get("desDescriptionCn") or "").strip(" .")
            remedy = str(finding.get("desSolutionCn") or "").strip()
            yield f"{named or what}. {remedy}".strip()
