"""``AnalyzePovray``: task.json, asset.json, upload.json and tips.json of a .pov file, without POV-Ray.

>>> analysis = AnalyzePovray("/projects/shot.pov", "3.7", project_name="Film")  # doctest: +SKIP
>>> analysis.analyse()  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from rayvision_povray.constants import PACKAGE_NAME
from rayvision_povray.scene_document import scene_document
from rayvision_povray.scene_files import find_files
from rayvision_utils.analyze_base import AnalyzeBase
from rayvision_utils.exception import tips_code
from rayvision_utils.findings import name_findings
from rayvision_utils.scene_files import SceneFiles, content_of
from renderbus_model.povray_scene import PovrayScene, PovraySettings
from renderbus_model.software import Application
from renderbus_scenes.povray import read_ini, read_pov

_LARGEST_INI_BYTES = 1 << 20


class AnalyzePovray(AnalyzeBase[PovrayScene]):
    """Analyses a POV-Ray scene; see ``AnalyzeBase`` for attributes and methods.

    An .ini file of the scene's name beside it tells frames, clock and size.
    """

    PACKAGE: ClassVar[str] = PACKAGE_NAME
    APPLICATION: ClassVar[Application] = Application.POVRAY
    KIND: ClassVar[type[PovrayScene]] = PovrayScene

    def read_scene(self) -> PovrayScene:
        """What the scene's text holds; errors as ``AnalyzeBase.read_scene``."""
        return read_pov(content_of(self.cg_file), Path(self.cg_file).name)

    def find_files(self, facts: PovrayScene) -> SceneFiles:
        """See ``rayvision_povray.scene_files.find_files``."""
        return find_files(facts, self.cg_file, self.habits)

    def scene_info(self, facts: PovrayScene) -> dict[str, Any]:  # noqa: ARG002  (the text has no settings)
        """The one entry that renders, see ``scene_document``."""
        return scene_document(Path(self.cg_file).stem, self._settings())

    def findings(self, facts: PovrayScene) -> list[tuple[str, str]]:
        """What is to be told about the scene and about what it includes."""
        return [*self._findings(facts), *name_findings(Path(self.cg_file).name, facts.inputs)]

    def _findings(self, facts: PovrayScene) -> Iterator[tuple[str, str]]:
        included = [each for each in self.files.libraries.values() if isinstance(each, PovrayScene)]
        chosen = self.software_version.split(".")[:2]
        if facts.version and any(chosen) and facts.version.split(".")[:2] > chosen:
            why = f"the scene is written for POV-Ray {facts.version}, chosen is {self.software_version}"
            yield tips_code.VERSION_DIFFERS, why
        if not any(each.has_camera for each in (facts, *included)):
            yield tips_code.NO_CAMERA, "no camera stands in the scene, nor in what it includes"
        for each in facts.unresolved:
            why = f"{each.node}: {each.attribute} names a file that is worked out while it renders"
            yield tips_code.VALUE_UNRESOLVED, f"{why} ({each.expression})"

    def _settings(self) -> PovraySettings:
        beside = Path(self.cg_file).with_suffix(".ini")
        try:
            if beside.stat().st_size > _LARGEST_INI_BYTES:
                return PovraySettings()
            return read_ini(beside.read_text("utf-8", "replace"))
        except OSError:  # there is none, or it is none of ours
            return PovraySettings()
