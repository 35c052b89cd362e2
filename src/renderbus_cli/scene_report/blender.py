"""A Blender file in the shape of a report."""

from __future__ import annotations

from renderbus_cli.scene_report.shape import (
    BlenderScene,
    Camera,
    Frames,
    Layer,
    Output,
    SceneLink,
    SceneReport,
    Script,
)
from renderbus_model.scene import Kind, Scene, SceneFacts


def blender_report(facts: SceneFacts) -> SceneReport:
    """The active scene's settings stand for the file's; every scene is told besides."""
    active = facts.scene(facts.active_scene)
    switched = set(active.cameras) if active else set()
    return SceneReport(
        format="blender",
        application=facts.application,
        version=facts.version,
        renderer=active.engine or None if active else None,
        cameras=[Camera(name=name, renderable=name in switched) for name in facts.cameras],
        layers=[
            Layer(name=layer.name, renderable=layer.enabled, kind="view layer")
            for layer in (active.view_layers if active else ())
        ],
        frames=_frames(active) if active else None,
        fps=active.fps if active else None,
        resolution=active.rendered_size if active else None,
        output=Output(path=active.output or None, format=active.format or None) if active else None,
        references=[SceneLink(path=each.path) for each in facts.references if each.kind is Kind.LIBRARY],
        scenes=[
            BlenderScene(
                name=scene.name,
                engine=scene.engine,
                resolution=scene.rendered_size,
                frames=_frames(scene),
                camera=scene.camera or None,
                view_layers=[layer.name for layer in scene.view_layers],
            )
            for scene in facts.scenes
        ],
        scripts=[
            Script(node=each.node, event=f"driver of {each.path}", language="python", text=each.expression)
            for each in facts.python_drivers
        ],
        complete=facts.complete,
    )


def _frames(scene: Scene) -> Frames:
    return Frames(start=scene.start, end=scene.end, step=scene.step)
