"""The render process: Blender as a Python module, doing what the worker says word by word.

Started as ``python -I -m renderbus_farm.renderers.inside_blender PARENT SCRATCH READABLE...``. The words are
those of ``session``. It is the one module that imports ``bpy``; beside it only the standard library and small
modules of ours that need nothing else.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from renderbus_farm.renderers import inside_blender_ages as ages
from renderbus_farm.renderers import inside_blender_tiles
from renderbus_farm.renderers.confine import confine
from renderbus_farm.renderers.inside import Stopwatch, Wire
from renderbus_farm.renderers.inside_blender_ages import plain
from renderbus_farm.renderers.inside_blender_machine import engines, graphics_cards, why_not

_ENGINE_TODAY = {"BLENDER_EEVEE_NEXT": "BLENDER_EEVEE"}  # 4.2 to 4.5 called it so; 5.0 took the old name back
_PROGRESS_AFTER_S = 0.3
"""At first Blender tells of each object that it prepares: every word costs time, and none is progress."""
_HAS_BEGUN_PERCENT = 1.0
"""Said then, because Cycles' own next word may be ten seconds away."""


class CannotRender(Exception):
    """The frame cannot be rendered as asked."""


class Changes:
    """Settings as they were, so that no choice leaks from one frame into the next of the same open scene.

    What has its value already is not set: Blender would work the whole scene out anew.
    """

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, holder: Any, name: str, value: object) -> None:
        """Change a setting until ``undo``."""
        before = getattr(holder, name)
        self._before.append((holder, name, before))
        if before != value:
            setattr(holder, name, value)

    def undo(self) -> None:
        """Put everything back, the last change first."""
        while self._before:
            holder, name, value = self._before.pop()
            if getattr(holder, name) != value:
                setattr(holder, name, value)


class Blender:
    """The application in this process, and the scene that is open in it."""

    def __init__(self, wire: Wire) -> None:
        import bpy  # after the standard streams were taken away from it

        self._bpy: Any = bpy
        self._wire = wire
        self._changes = Changes()
        self._sequences: list[tuple[Any, Any]] = []
        self._lacking: dict[str, str] = {}
        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.context.preferences.filepaths.use_auto_save_temporary_files = False
        self.engines = engines(bpy)
        self.graphics_cards = graphics_cards(bpy)
        self.version: str = bpy.app.version_string

    def open(self, scene: str, allow_scripts: bool, lacking: dict[str, str]) -> dict[str, list[str]]:
        """Open a file; the facts of ``Opened``."""
        self._changes, self._sequences, self._lacking = Changes(), [], lacking
        bpy = self._bpy
        try:
            bpy.ops.wm.open_mainfile(filepath=scene, load_ui=False, use_scripts=allow_scripts)
        except RuntimeError as error:
            raise CannotRender(f"Blender {self.version} cannot open the scene: {_said(error)}") from error
        lost = [block for block in _all_blocks(bpy) if block.is_missing and block.library]
        for block in lost:
            print(f"{block.id_type} {block.name!r} is not in its library", file=sys.stderr)
        self._sequences = list(_sequences(bpy))
        files = bpy.utils.blend_paths(absolute=True, packed=False, local=False)
        libraries = {bpy.path.abspath(block.library.filepath) for block in lost}
        return {"files": _normal(files), "lost_libraries": _normal(libraries)}

    def render(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Render a frame, or a tile of it; the facts of ``Rendered``."""
        number, choice, folder = asked["number"], asked["choice"], asked["folder"]
        scene, box = self._scene(choice["scene_name"]), None
        try:
            layers = self._choose(scene, choice)
            self._show(scene, number, choice["camera"])
            self._look_for_sequences(number, asked["allow_missing"])
            size = self._size(scene)
            if asked.get("tile"):
                box = self._cut(scene, asked["tile"])
                size = _final_size(scene.render)
            self._write_below(scene, folder)
            self._run(scene, layers)
        finally:
            self._changes.undo()
        return {**_found(Path(folder)), "width": size[0], "height": size[1], "box": box}

    def _scene(self, name: str) -> Any:
        scene = self._bpy.data.scenes.get((name, None)) if name else self._bpy.context.scene
        if scene is None:
            raise CannotRender(_not_there("scene", name, self._bpy.data.scenes, "this file"))
        window = self._bpy.context.window
        # Blender takes the frame number from the window's scene, whichever scene it is told to render.
        if window is not None and window.scene != scene:
            window.scene = scene
        return scene

    def _choose(self, scene: Any, choice: dict[str, Any]) -> int:
        render, change = scene.render, self._changes.set
        engine = choice["engine"] or render.engine
        engine = _ENGINE_TODAY.get(engine, engine)
        if why := why_not(engine, self.engines, self._lacking):
            raise CannotRender(f"scene {scene.name!r} asks for {why}")
        if engine != render.engine:
            change(render, "engine", engine)
        layers = self._choose_layers(scene, choice["view_layers"])
        wanted = (choice["width"], choice["height"])
        # The scene's own size is left as it is: some effects look at the percentage, not at the pixels.
        if all(wanted) and wanted != _final_size(render):
            change(render, "resolution_x", wanted[0])
            change(render, "resolution_y", wanted[1])
            change(render, "resolution_percentage", 100)
        if choice["samples"]:
            self._choose_samples(scene, engine, choice["samples"])
        self._choose_format(render.image_settings, choice["image_format"])
        return layers

    def _choose_layers(self, scene: Any, names: list[str]) -> int:
        for name in names:
            if name not in scene.view_layers:
                raise CannotRender(_not_there("view layer", name, scene.view_layers, f"scene {scene.name!r}"))
        if names:
            self._changes.set(scene.render, "use_single_layer", False)
            for layer in scene.view_layers:
                self._changes.set(layer, "use", layer.name in names)
        layers = [layer.use for layer in scene.view_layers].count(True)
        if not layers:
            raise CannotRender(f"scene {scene.name!r}: no view layer is switched on for rendering")
        return layers

    def _choose_samples(self, scene: Any, engine: str, samples: int) -> None:
        # The scene's own number is nobody's choice, and leaves the view layers theirs.
        if engine == "CYCLES" and samples != scene.cycles.samples:
            self._changes.set(scene.cycles, "samples", samples)
            self._changes.set(scene.cycles, "use_layer_samples", "IGNORE")
        elif engine == "BLENDER_EEVEE":
            self._changes.set(scene.eevee, "taa_render_samples", samples)

    def _choose_format(self, settings: Any, wanted: str) -> None:
        if wanted in ("", settings.file_format) and not ages.is_movie(settings):
            return
        if wanted in ("", "FFMPEG", "AVI_JPEG", "AVI_RAW"):
            wanted = "PNG"  # a movie cannot be made of single frames on many nodes
        # Undone in this order from the end: the kind of media first, then what depends on it.
        for name in ("color_mode", "color_depth", "file_format"):
            self._changes.set(settings, name, getattr(settings, name))
        layered = wanted == "OPEN_EXR_MULTILAYER"
        try:
            if ages.has_media_types(settings):
                self._changes.set(settings, "media_type", "MULTI_LAYER_IMAGE" if layered else "IMAGE")
            settings.file_format = wanted
        except TypeError as error:
            raise CannotRender(f"picture format {wanted!r} is not one that Blender writes") from error

    def _show(self, scene: Any, number: int, camera: str) -> None:
        if camera:
            chosen = scene.objects.get(camera)
            cameras = [found for found in scene.objects if found.type == "CAMERA"]
            if chosen is None or chosen.type != "CAMERA":
                raise CannotRender(_not_there("camera", camera, cameras, f"scene {scene.name!r}"))
            for marker in scene.timeline_markers:  # a marker's camera would win over the chosen one
                if marker.camera is not None:
                    self._changes.set(marker, "camera", None)
        # The scene's own camera is put back afterwards: markers change it as frames go by.
        self._changes.set(scene, "camera", chosen if camera else scene.camera)
        scene.frame_set(number)
        cut = scene.sequence_editor  # a scene of strips alone needs no camera
        if scene.camera is None and not (scene.render.use_sequencer and cut and ages.strips(cut)):
            raise CannotRender(
                f"scene {scene.name!r} has no camera at frame {number}; set one, or choose one"
            )

    def _look_for_sequences(self, number: int, allow_missing: bool) -> None:
        """A sequence may lack single pictures; Blender would show pink for them."""
        lines = []
        for image, user in self._sequences:
            user.frame_current = _frame_of(user, number)
            path = image.filepath_from_user(image_user=user)
            if not Path(path).exists():
                lines.append(f"texture {path!r} of image {image.name!r} was not uploaded")
        if lines and not allow_missing:
            raise CannotRender("\n".join(dict.fromkeys(lines)))

    def _cut(self, scene: Any, tile: dict[str, Any]) -> tuple[int, int, int, int]:
        engine, size = scene.render.engine, _final_size(scene.render)
        if why := inside_blender_tiles.why_not(scene, engine, ages.composites(scene)):
            raise CannotRender(f"scene {scene.name!r} cannot be rendered in tiles: {why}")
        box = inside_blender_tiles.cut(scene, tile, size, self._changes.set)
        if box is None:
            raise CannotRender(f"a picture of {size[0]}x{size[1]} pixels has no {tile['count']} tiles")
        return box

    def _size(self, scene: Any) -> tuple[int, int]:
        if scene.render.use_border and scene.render.use_crop_to_border:
            return 0, 0
        return _final_size(scene.render)

    def _write_below(self, scene: Any, folder: str) -> None:
        render, change = scene.render, self._changes.set
        change(render, "filepath", str(Path(folder) / "picture"))
        change(render, "use_file_extension", True)
        change(render, "use_overwrite", True)
        change(render, "use_placeholder", False)
        if not render.use_stamp:  # else the name is part of the picture; here it would only tell our folders
            change(render, "use_stamp_filename", False)
        for node in ages.output_nodes(self._bpy):
            # Folder by node name, so that two nodes never write one file; no name leads out of it.
            ages.write_below(node, str(Path(folder) / "extras" / plain(node.name)) + "/", change)

    def _run(self, scene: Any, layers: int) -> None:
        watch = Stopwatch(layers, lambda percent: self._wire.say("progress", percent=percent))
        handlers = self._bpy.app.handlers.render_stats

        def see(line: object, *_: object) -> None:
            if isinstance(line, str):  # before 4.0 there is none; those that wait hear no progress
                watch.see(line)

        def listen() -> None:
            self._wire.say("progress", percent=_HAS_BEGUN_PERCENT)
            handlers.append(see)

        late = threading.Timer(_PROGRESS_AFTER_S, listen)
        late.start()
        try:
            self._bpy.ops.render.render(write_still=True, scene=scene.name)
        except RuntimeError as error:
            raise CannotRender(f"Blender could not render: {_said(error)}") from error
        finally:
            late.cancel()
            late.join()
            with contextlib.suppress(ValueError):  # a script of the scene may have cleared the list
                handlers.remove(see)


def _all_blocks(bpy: Any) -> Iterator[Any]:
    for name in dir(bpy.data):
        blocks = getattr(bpy.data, name)
        if type(blocks).__name__ == "bpy_prop_collection" and name != "libraries":
            yield from (block for block in blocks if hasattr(block, "is_missing"))


def _sequences(bpy: Any) -> Iterator[tuple[Any, Any]]:
    """Each image that is a sequence on disk, with what says which picture of it a frame shows."""
    owners = (*bpy.data.materials, *bpy.data.worlds, *bpy.data.lights)
    trees = [*bpy.data.node_groups, *(owner.node_tree for owner in owners if owner.node_tree)]
    for tree in trees:
        for node in tree.nodes:
            image, user = getattr(node, "image", None), getattr(node, "image_user", None)
            if image and user and image.source == "SEQUENCE" and not image.packed_files:
                yield image, user


def _frame_of(user: Any, number: int) -> int:
    """The picture of a sequence that a frame shows; as ``BKE_image_user_frame_get`` works it out."""
    length = user.frame_duration
    if not length:
        return 0
    shown = number - user.frame_start + 1
    if user.use_cyclic:
        shown = shown % length or length
    return int(min(max(shown, 0), length) + user.frame_offset)


def _final_size(render: Any) -> tuple[int, int]:
    percent = render.resolution_percentage
    return max(1, render.resolution_x * percent // 100), max(1, render.resolution_y * percent // 100)


def _normal(paths: Iterable[str]) -> list[str]:
    return [os.path.normpath(path).encode("utf-8", "replace").decode() for path in paths]


def _not_there(kind: str, name: str, available: Any, where: str) -> str:
    names = sorted(found.name for found in available)
    listed = ", ".join(repr(found) for found in names[:10]) + (", …" if len(names) > 10 else "")
    return f"there is no {kind} {name!r} in {where}; it has {listed or 'none'}"


def _said(error: RuntimeError) -> str:
    lines = [line.removeprefix("Error: ").strip() for line in str(error).splitlines()]
    return "; ".join(line for line in lines if line)


def _found(folder: Path) -> dict[str, list[str]]:
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    pictures = [name for name in files if "/" not in name]
    if not pictures:
        raise CannotRender("Blender ended the frame without a picture; its last lines say why")
    return {"pictures": pictures, "extras": [name for name in files if "/" in name]}


def _serve(wire: Wire, blender: Blender) -> None:
    for asked in wire.words():
        if asked["word"] == "quit":
            return
        _do(asked, wire, blender)


def _do(asked: dict[str, Any], wire: Wire, blender: Blender) -> None:
    try:
        if asked["word"] == "open":
            wire.answer("opened", **blender.open(asked["scene"], asked["allow_scripts"], asked["lacking"]))
        elif asked["word"] == "simulate":
            wire.answer(
                "refused", message="Blender's simulations are baked into the scene before it is uploaded"
            )
        else:
            wire.answer("rendered", **blender.render(asked))
    except CannotRender as error:
        wire.answer("refused", message=str(error))
    except Exception as error:
        # A scene may hold what nobody thought of; the next one must not pay for it.
        traceback.print_exc()
        wire.answer("refused", message=f"Blender failed with {type(error).__name__}: {error}")


def main(arguments: list[str]) -> None:
    """Serve the worker until it says quit or has gone."""
    scratch, *readable = arguments
    wire = Wire()
    faulthandler.enable()  # a crash leaves its Python lines in the log
    _begin(wire, confine(readable, [scratch]))


def serve_in_program() -> None:
    """The same inside an installed Blender, which ``start_blender`` has confined already."""
    confined = sys.argv[sys.argv.index("--") + 2] == "1"
    _begin(Wire(), confined)
    os._exit(0)


def _begin(wire: Wire, confined: bool) -> None:
    try:
        blender = Blender(wire)
    except ImportError as error:
        wire.answer("refused", message=f"Blender (bpy) does not start on this node: {error}")
        return
    wire.answer(
        "hello",
        version=blender.version,
        engines=blender.engines,
        confined=confined,
        graphics_cards=blender.graphics_cards,
    )
    _serve(wire, blender)


if __name__ == "__main__":
    from renderbus_farm.processes import die_with_parent

    die_with_parent(int(sys.argv[1]))
    main(sys.argv[2:])
    # Blender's own way out can hang or crash on a damaged scene, and there is nothing left to save.
    os._exit(0)
