"""What a scene reader may answer: one value for each application."""

from __future__ import annotations

from typing import TypeAlias

from renderbus_model.clarisse_scene import ClarisseScene
from renderbus_model.houdini_scene import HoudiniScene
from renderbus_model.maya_scene import MayaScene
from renderbus_model.povray_scene import PovrayScene
from renderbus_model.scene import SceneFacts

AnyScene: TypeAlias = SceneFacts | HoudiniScene | ClarisseScene | MayaScene | PovrayScene
"""What some scene holds; all of them have ``application``, ``version``, ``references`` and ``as_partial``."""
