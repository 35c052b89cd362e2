"""A Houdini scene in the shape of a report."""

from __future__ import annotations

from renderbus_cli.scene_report.shape import (
    Camera,
    Driver,
    Frames,
    Output,
    SceneReport,
    Script,
)
from renderbus_model.houdini_scene import HoudiniScene


def houdini_report(scene: HoudiniScene) -> SceneReport:
    """The playback range stands for the file's frames; each driver has its own."""
    rendering = [each for each in scene.drivers if each.purpose.writes_pictures and not each.bypassed]
    first = rendering[0] if rendering else None
    size = (first.width, first.height) if first else (None, None)
    return SceneReport(
        format="houdini",
        application=scene.application,
        version=scene.version or None,
        license=scene.license.value,
        renderer=first.type if first else None,
        cameras=[Camera(name=each.node) for each in scene.cameras],
        frames=Frames(start=scene.start, end=scene.end),
        fps=scene.fps,
        resolution=(size[0], size[1]) if size[0] is not None and size[1] is not None else None,
        output=Output(path=first.output or None) if first else None,
        drivers=[
            Driver(
                node=each.node,
                type=each.type,
                frames=each.frames,
                camera=each.camera or None,
                output=each.output or None,
                purpose=each.purpose.value,
                bypassed=each.bypassed,
            )
            for each in scene.drivers
        ],
        scripts=[Script(node=each.node, event=each.attribute, text=each.text) for each in scene.scripts],
        complete=scene.complete,
    )
