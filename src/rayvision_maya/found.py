"""What a search for the files of a Maya scene found."""

from __future__ import annotations

from dataclasses import dataclass, field

from rayvision_utils.scene_files import SceneFiles
from renderbus_model.maya_scene import MayaScene


@dataclass(frozen=True, slots=True)
class Instance:
    """A scene as often as it is referred to.

    Attributes:
        path: of the scene, here.
        namespace: of all its nodes, with the colon at its end; "" for the scene that is analysed.
    """

    path: str
    namespace: str
    scene: MayaScene


@dataclass(slots=True)
class MayaFiles:
    """What was found.

    Attributes:
        files: as other analyses have it.
        instances: the scene itself, and each one it refers to that could be read.
        circles: references that lead back to a scene they lie in.
        unloaded: references that Maya does not open.
        unread: references that are loaded and could not be read, so that their cameras are not known.
    """

    files: SceneFiles = field(default_factory=SceneFiles)
    instances: list[Instance] = field(default_factory=list)
    circles: list[str] = field(default_factory=list)
    unloaded: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
