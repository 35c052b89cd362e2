"""A POV-Ray scene in the shape of a report."""

from __future__ import annotations

from renderbus_cli.scene_report.shape import SceneLink, SceneReport
from renderbus_model.povray_scene import PovrayScene
from renderbus_model.scene import Kind


def povray_report(scene: PovrayScene) -> SceneReport:
    """The text has neither frames nor a size; what it includes are references."""
    return SceneReport(
        format="povray",
        application=scene.application,
        version=scene.version or None,
        references=[
            SceneLink(path=each.path, namespace=each.node)
            for each in scene.references
            if each.kind is Kind.REFERENCE
        ],
        complete=scene.complete,
    )
