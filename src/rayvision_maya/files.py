"""The files that a Maya scene and the scenes it refers to name: found on disk, or missing and by whom."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePath

from rayvision_maya.found import Instance, MayaFiles
from rayvision_maya.places import Project, as_pattern, maya_places
from rayvision_utils.disk import Asset, Disk
from rayvision_utils.look_up import Answer, LookUp
from rayvision_utils.scene_files import LookedUp, MissingFile, read_scene_as
from rayvision_utils.usd_layers import follow_layers
from rayvision_utils.variables import expanded
from rayvision_utils.whereabouts import Habits, is_windows_path, why_nowhere
from renderbus_model.maya_scene import MayaScene, SceneReference
from renderbus_model.paths import BadPath, farm_path
from renderbus_model.scene import Kind, Reference, Role, Spread
from renderbus_scenes.errors import BadScene
from renderbus_scenes.maya_places import SCENE_NAME
from renderbus_scenes.xgen import LARGEST_BYTES, PROJECT, data_paths

DEEPEST = 64
"""References within references that are followed."""

MOST_INSTANCES = 10_000
"""Scenes that are referred to, each time counted: what lies behind is told, not read."""

MAYA_SUFFIXES = (".ma", ".mb")

LONGEST_PATH = 4096
"""Characters; no system takes more."""

_COMPANIONS = {
    "arnold": ("{stem}.tx",),
    "renderman": ("{name}.tex", "{stem}.tex"),
    "renderManRIS": ("{name}.tex", "{stem}.tex"),
    "redshift": ("{stem}.rstexbin",),
}
"""What a renderer reads instead of a texture when it lies beside it, by the renderer's name."""


def find_maya_files(
    path: str,
    scene: MayaScene,
    project: Project,
    habits: Habits,
    variables: Mapping[str, str],
) -> MayaFiles:
    """Look for everything that a scene names, and follow its references.

    Args:
        path: absolute path of the scene.
        project: of that scene; Maya uses it for what the others name, too.
        variables: of the environment, for paths that hold some.
    """
    search = _Search(path, scene, project, habits, variables)
    search.run()
    return search.found


class _Search:
    """One search; ``found`` is its answer."""

    def __init__(
        self, path: str, scene: MayaScene, project: Project, habits: Habits, variables: Mapping[str, str]
    ) -> None:
        self.found = MayaFiles()
        self._root = path
        self._project = project
        self._habits = habits
        self._variables = variables
        self._disk = Disk(habits.windows, habits.root)
        self._read: dict[str, MayaScene | str] = {path: scene}
        self._of_windows: dict[str, bool] = {}
        self._edits: dict[tuple[str, str], tuple[str, str]] = {}
        self._told: set[tuple[str, str, str]] = set()
        self._renderer = scene.settings.renderer or ""

    def run(self) -> None:
        """Follow the references, then look for what each scene names."""
        scene = self._read[self._root]
        if isinstance(scene, MayaScene):
            self._follow(Instance(self._root, "", scene), ())
        done: set[str] = set()
        for instance in self.found.instances:
            for reference in instance.scene.inputs:
                if reference.kind is Kind.REFERENCE:
                    continue
                self._look_up_edited(reference, instance, already=instance.path in done)
            done.add(instance.path)
        self._look_up_edits_left()
        self._look_into_collections()
        follow_layers(self.found.files, LookUp(self._habits), self._variables)
        self.found.files.assets.pop(farm_path(self._root), None)

    def _follow(self, instance: Instance, above: tuple[str, ...]) -> None:
        self.found.instances.append(instance)
        for edit in instance.scene.edits:
            name = instance.namespace + edit.node.rpartition("|")[2]
            self._edits.setdefault((name, edit.attribute), (edit.value, instance.path))
        inside = (*above, instance.path)
        for reference in instance.scene.scenes:
            local = self._look_up_scene(reference, instance)
            if not local or reference.depth > 1:
                continue
            if local in inside:
                self.found.circles.append(f"{reference.node}: {reference.path}")
            elif reference.loaded:
                self._open(reference, local, instance, inside)
        for named in instance.scene.inputs:  # scene assembly: nodes that stand for other scenes
            if named.kind is Kind.REFERENCE:
                assets = self._look_up(named, instance)
                if assets and assets[0].local not in inside:
                    stands_for = SceneReference(named.path, named.node, named.node)
                    self._open(stands_for, assets[0].local, instance, inside)

    def _open(
        self, reference: SceneReference, local: str, instance: Instance, inside: tuple[str, ...]
    ) -> None:
        too_many = len(inside) >= DEEPEST or len(self.found.instances) >= MOST_INSTANCES
        if too_many or not local.lower().endswith(MAYA_SUFFIXES):
            return
        if local not in self._read:
            try:
                self._read[local] = read_scene_as(MayaScene, local)
            except BadScene as error:
                self._read[local] = error.why
            except OSError as error:
                self._read[local] = error.strerror or str(error)
        scene = self._read[local]
        if isinstance(scene, str):
            self.found.unread.append(reference.path)
            named = _as_reference(reference)
            library = "" if instance.path == self._root else instance.path
            self.found.files.missing.append(MissingFile(named, library, f"cannot be read: {scene}"))
            return
        self.found.files.libraries[local] = scene
        self._follow(Instance(local, f"{instance.namespace}{reference.namespace}:", scene), inside)

    def _look_up_scene(self, reference: SceneReference, instance: Instance) -> str:
        """Where a scene lies that is referred to, "" when it is not there."""
        named = _as_reference(reference)
        if not reference.loaded:
            self.found.unloaded.append(f"{reference.node}: {reference.path}")
            named = replace(named, optional=True)
        assets = self._look_up(named, instance)
        if not assets and reference.loaded and reference.depth == 1:
            self.found.unread.append(reference.path)
        return assets[0].local if assets else ""

    def _look_up_edited(self, reference: Reference, instance: Instance, *, already: bool) -> None:
        """Look for what a node names, or for what a scene further out makes it name."""
        name = instance.namespace + reference.node
        for spelled in (reference.attribute, _LONG_NAMES.get(reference.attribute, reference.attribute)):
            edit = self._edits.pop((name, spelled), None)
            if edit:
                self._look_up(replace(reference, node=name, path=edit[0]), instance, named_in=edit[1])
                return
        if not already:
            self._look_up(reference, instance)

    def _look_up_edits_left(self) -> None:
        """File names that are put into nodes of scenes which could not be read."""
        for (node, attribute), (value, path) in list(self._edits.items()):
            if attribute in _TEXTURE_NAMES and value and not value.replace(".", "").isdigit():
                reference = Reference(node, "reference edit", attribute, value, Kind.TEXTURE)
                scene = self._read[path]
                if isinstance(scene, MayaScene):
                    self._look_up(reference, Instance(path, "", scene))

    def _look_into_collections(self) -> None:
        """The folders that XGen's collections read from."""
        for each in list(self.found.files.looked_up):
            for path in each.found if each.reference.kind is Kind.HAIR else ():
                if path.lower().endswith(".xgen"):
                    for folder in data_paths(_content(path)):
                        where = folder.replace(PROJECT, f"{self._project.folder}/")
                        data = replace(
                            each.reference, attribute="xgDataPath", path=where, spread=Spread.FOLDER
                        )
                        self._look_up(data, self.found.instances[0])

    def _look_up(self, reference: Reference, instance: Instance, named_in: str = "") -> list[Asset]:
        """Look for the files of one reference, and note the answer."""
        files = self.found.files
        owner = named_in or instance.path
        library = "" if owner == self._root else owner
        answer = self._find(reference, owner)
        for asset in answer.assets:
            files.assets.setdefault(asset.server, asset)
        lost = "" if reference.optional else answer.why
        key = (reference.path, reference.kind.value, library)
        if lost and key not in self._told:
            notes = files.unresolved if answer.unknown else files.missing
            notes.append(MissingFile(reference, library, lost))
        how = answer.how if key not in self._told else ""
        self._told.add(key)
        files.looked_up.append(
            LookedUp(reference, library, tuple(each.local for each in answer.assets), lost, how)
        )
        return answer.assets

    def _find(self, reference: Reference, owner: str) -> Answer:
        folder = os.path.dirname(owner)  # noqa: PTH120  (text, so that links stay)
        named = reference.path.replace(SCENE_NAME, PurePath(owner).stem)
        path, unknown = expanded(named, self._variables)
        if unknown:
            names = ", ".join(f"${name}" for name in unknown)
            return Answer([], f"holds {names}, whose value is not known here", unknown=unknown)
        if len(path) > LONGEST_PATH:
            return Answer([], f"has a path of {len(path)} characters, which no system opens")
        any_case = is_windows_path(path) or self._is_of_windows(owner)
        why = why_nowhere(path, self._habits)
        try:
            for place, how in maya_places(path, reference.kind, folder, self._project, self._habits):
                where = as_pattern(place, reference.spread)
                assets, lost = self._look_at(reference, where, any_case)
                if assets:
                    beside = self._companions(reference, where, any_case)
                    return Answer([*assets, *beside], lost, how or _case(assets))
                why = why or lost
        except BadPath as error:
            return Answer([], f"has a path that no farm can keep: {error}")
        return Answer([], why)

    def _is_of_windows(self, path: str) -> bool:
        """Whether a scene was made where the case of names does not matter: its paths show it."""
        if path not in self._of_windows:
            scene = self._read[path]
            named: list[str] = []
            if isinstance(scene, MayaScene):
                named = [each.path for each in scene.scenes] + [each.path for each in scene.references]
            self._of_windows[path] = any(map(is_windows_path, named))
        return self._of_windows[path]

    def _look_at(self, reference: Reference, where: str, any_case: bool) -> tuple[list[Asset], str]:
        """The files at one place; of a cache those whose names begin as it says."""
        if reference.spread is not Spread.FOLDER or not reference.names:
            return self._disk.look_at(reference, where, any_case=any_case)
        pattern = f"{where}/{reference.names[0]}"
        assets = [
            asset
            for name in _cache_files(reference.names[0])
            for asset in self._disk.look_at(_listed(reference), f"{where}/{name}", any_case=any_case)[0]
        ]
        return assets, "" if assets else f"is not there (no cache begins with {pattern})"

    def _companions(self, reference: Reference, where: str, any_case: bool) -> Iterator[Asset]:
        """Textures made for the renderer, which lie beside the original."""
        if reference.kind is not Kind.TEXTURE:
            return
        folder, name = os.path.split(where)
        stem, dot, _ = name.rpartition(".")
        for pattern in _COMPANIONS.get(self._renderer, ()):
            beside = pattern.format(name=name, stem=stem if dot else name)
            if beside != name:
                yield from self._disk.look_at(reference, f"{folder}/{beside}", any_case=any_case)[0]


def _as_reference(reference: SceneReference) -> Reference:
    return Reference(reference.node, "reference", "fn", reference.file_path, Kind.REFERENCE, role=Role.INPUT)


def _cache_files(name: str) -> Iterator[str]:
    """Names of a cache's files: its description, one file for all frames, or one each frame."""
    for suffix in ("xml", "mcx", "mc"):
        yield f"{name}.{suffix}"
    for suffix in ("mcx", "mc"):
        yield f"{name}Frame%d.{suffix}"
        yield f"{name}Frame%dTick%d.{suffix}"


def _listed(reference: Reference) -> Reference:
    return replace(reference, spread=Spread.SEQUENCE, names=())


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST_BYTES)
    except OSError:
        return b""


def _case(assets: list[Asset]) -> str:
    differing = [each.local for each in assets if farm_path(each.local) != each.server]
    return f"as {differing[0]}, which differs in case" if differing else ""


_LONG_NAMES = {"ftn": "fileTextureName", "imn": "imageName", "cfn": "cacheFileName", "fp": "filePath"}
_TEXTURE_NAMES = frozenset({"ftn", "fileTextureName", "imageName", "filename", "fileName", "dso"})
