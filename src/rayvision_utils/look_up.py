"""Look for the files of a Houdini or Clarisse scene, wherever they may have gone.

(Blender's rules are those of ``scene_files``: it knows no variables, and its libraries hold parts.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rayvision_utils.disk import Asset, Disk
from rayvision_utils.variables import expanded
from rayvision_utils.whereabouts import Habits, is_windows_path, places, why_nowhere
from renderbus_model.paths import BadPath, farm_path
from renderbus_model.scene import Reference


class Answer(NamedTuple):
    """What a reference led to.

    Attributes:
        why: what is missing, as the end of a sentence; "" where nothing is.
        how: how it was found where the path itself does not lead.
        unknown: variables without a value, so that nothing could be looked for.
    """

    assets: list[Asset]
    why: str = ""
    how: str = ""
    unknown: tuple[str, ...] = ()


class LookUp:
    """Looks for files on behalf of scenes.

    Args:
        frames: of sequences: those that matter; all count without any.
    """

    def __init__(self, habits: Habits, frames: frozenset[int] = frozenset()) -> None:
        self._habits = habits
        self._frames = frames
        self._disk = Disk(habits.windows, habits.root)

    def find(
        self, reference: Reference, folder: str, variables: Mapping[str, str], *, saved_in: str = ""
    ) -> Answer:
        """The files of one reference.

        Args:
            folder: where the scene that names it lies now.
            variables: values by name.
            saved_in: where that scene lay when it was saved.
        """
        path, unknown = expanded((reference.expanded or reference.path).replace("\\", "/"), variables)
        if unknown:
            named = ", ".join(f"${name}" for name in unknown)
            return Answer([], f"holds {named}, whose value is not known here", unknown=unknown)
        any_case = is_windows_path(path)
        why = why_nowhere(path, self._habits)
        try:
            for place, how in places(path, folder, self._habits, saved_in=saved_in):
                assets, lost = self._disk.look_at(reference, place, any_case=any_case, frames=self._frames)
                if assets:
                    return Answer(assets, lost, how or _differs_in_case(assets))
                why = why or lost
        except BadPath as error:
            return Answer([], f"has a path that no farm can keep: {error}")
        return Answer([], why)


def _differs_in_case(assets: list[Asset]) -> str:
    """Tells of a file whose name here differs in case from what the scene asks for."""
    differing = [asset.local for asset in assets if farm_path(asset.local) != asset.server]
    return f"as {differing[0]}, which differs in case" if differing else ""
