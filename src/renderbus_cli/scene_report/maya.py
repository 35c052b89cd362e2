"""A Maya scene in the shape of a report: what is written; Maya's defaults are left out."""

from __future__ import annotations

from rayvision_maya.constants import NAMED_BY_KEY, SUFFIXES
from renderbus_cli.scene_report.shape import (
    Camera,
    Frames,
    Layer,
    Number,
    Output,
    Plugin,
    SceneLink,
    SceneReport,
    Script,
)
from renderbus_model.maya_scene import MayaScene, RenderSettings


def maya_report(scene: MayaScene) -> SceneReport:
    """The render settings before any layer stand for the file's."""
    settings = scene.settings
    return SceneReport(
        format="maya_ascii" if scene.container == "ma" else "maya_binary",
        application=scene.application,
        version=scene.version or None,
        codeset=scene.codeset,
        renderer=settings.renderer,
        cameras=[Camera(name=each.name, renderable=each.renderable) for each in scene.cameras],
        layers=[
            Layer(name=each.name, renderable=each.renderable, kind=each.kind.value) for each in scene.layers
        ],
        frames=_frames(settings),
        fps=_number(scene.units.fps),
        resolution=(
            (settings.width, settings.height)
            if settings.width is not None and settings.height is not None
            else None
        ),
        output=_output(settings),
        plugins=[
            Plugin(name=each.name, version=each.version or None, used=each.used) for each in scene.plugins
        ],
        references=[
            SceneLink(path=each.path, namespace=each.namespace, depth=each.depth, loaded=each.loaded)
            for each in scene.scenes
        ],
        scripts=[
            Script(node=each.node, event=each.event, language=each.language, text=each.text)
            for each in scene.scripts
        ],
        complete=scene.complete,
    )


def _frames(settings: RenderSettings) -> Frames:
    return Frames(start=_number(settings.start), end=_number(settings.end), step=_number(settings.step))


def _number(value: float | None) -> Number | None:
    """Frames are stored as fractions even where they are whole."""
    return int(value) if value is not None and value.is_integer() else value


def _output(settings: RenderSettings) -> Output:
    """RenderMan has a pattern for the whole path; the prefix of other renderers stands in place of Maya's."""
    is_pattern = (settings.renderer or "").lower().startswith("renderman")
    own = None if is_pattern else settings.own_prefix
    return Output(
        path=settings.own_prefix if is_pattern else None,
        prefix=settings.prefix if own is None else own,
        format=_format(settings),
    )


def _format(settings: RenderSettings) -> str | None:
    """As the renderer's own settings say it, else Maya's number in words, else the key that goes with it."""
    number = settings.format_number
    if settings.format_text:
        return settings.format_text
    if number is None or number in NAMED_BY_KEY:
        return settings.format_key
    return SUFFIXES.get(number, str(number))
