"""The demo scene, sent to a farm as a user of the packages sends it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.together.farms import FarmProcess

from rayvision_api import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck
from rayvision_blender.analyze_blender import AnalyzeBlender
from rayvision_sync.upload import RayvisionUpload
from rayvision_utils.choose import apply_choices

DEMO = Path(__file__).parents[2] / "examples" / "demo"


def submit_demo(farm: FarmProcess, folder: Path, frames: str, **info: str) -> int:
    """Submit small pictures of these frames, and take the original away: the id of the task.

    Args:
        folder: of the test; everything local goes there.
        info: members of ``task_info``.
    """
    scenes = shutil.copytree(DEMO, folder / "scenes")
    (folder / "workspace").mkdir()
    analyze = AnalyzeBlender(str(scenes / "demo.blend"), "5.0", workspace=str(folder / "workspace"))
    analyze.analyse()
    task = json.loads(Path(analyze.task_json).read_bytes())
    apply_choices(task, frames=frames, resolution=(160, 90), samples=4)
    task["task_info"].update(info)
    Path(analyze.task_json).write_text(json.dumps(task))
    api = RayvisionAPI(farm.access_id, farm.access_key, domain=farm.url, platform="2")
    task_id = int(RayvisionCheck(api, analyze).execute(analyze.task_json, analyze.upload_json))
    RayvisionUpload(api).upload(
        str(task_id),
        task_json_path=analyze.task_json,
        tips_json_path=analyze.tips_json,
        asset_json_path=analyze.asset_json,
        upload_json_path=analyze.upload_json,
    )
    api.submit(task_id)
    scenes.rename(folder / "elsewhere")
    return task_id
