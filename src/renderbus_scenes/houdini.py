"""Read a Houdini scene of 9 to 21: an archive, one of a limited licence, or an expanded folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from renderbus_model.houdini_scene import HoudiniScene, License, Script, Unresolved
from renderbus_model.scene import Kind, Reference, Role
from renderbus_scenes.errors import BadScene
from renderbus_scenes.houdini_archive import MOST_MEMBERS, Archive, Damaged, Member, license_of
from renderbus_scenes.houdini_drivers import cameras, drivers
from renderbus_scenes.houdini_files import file_references
from renderbus_scenes.houdini_network import Network
from renderbus_scenes.houdini_scripts import node_scripts
from renderbus_scenes.houdini_types import SHIPPED
from renderbus_scenes.houdini_values import decoded
from renderbus_scenes.unpack import MOST_BYTES, Content, searchable

LARGEST_HEADER_MEMBER = 16 << 20
"""Bytes of ``.variables``, ``.start`` and the lists of libraries that are looked at; real ones are small."""

_VARIABLE = re.compile(rb"^set -[gl] ([^\s=]+) = '([^\n]*)'\r?$", re.MULTILINE)
_FPS = re.compile(rb"^fps ([0-9.]+)", re.MULTILINE)
_TIME = re.compile(rb"^tcur ([-0-9.e+]+)", re.MULTILINE)
_RANGE = re.compile(rb"^frange ([-0-9.e+]+) ([-0-9.e+]+)", re.MULTILINE)
_HEADERS = frozenset({b".start", b".variables", b".OPlibraries", b".OPfallbacks", b".hou.session"})


def read_hip(
    content: Content, name: str = "", *, limit: int = MOST_BYTES, also: Collection[str] = ()
) -> HoudiniScene:
    """What a scene that is one file holds; ``name`` is only for messages.

    Args:
        also: names of parameters that name files, beside those that are known to.

    Raises:
        BadScene: no Houdini scene, damaged, cut off, or of more than ``limit`` bytes.
    """
    license_ = license_of(bytes(memoryview(content)[:6]))
    if license_ is None:
        raise BadScene(name, "is no Houdini scene")
    if len(content) > limit:
        raise BadScene(name, f"has {len(content)} bytes, where {limit} is the limit for one scene")
    reading = _Reading(license_, also)
    try:
        for member in Archive(searchable(content), license_).members():
            reading.take(member)
    except Damaged as damage:
        partial = reading.scene().as_partial()
        raise BadScene(name, damage.why, offset=damage.offset, partial=partial) from damage
    return reading.scene()


def read_expanded(
    names: Iterable[str], content_of: Callable[[str], bytes], name: str = "", *, limit: int = MOST_BYTES
) -> HoudiniScene:
    """What an expanded scene holds: a folder with a file for each member (``hexpand`` makes one).

    Args:
        names: the files' paths below the folder, with forward slashes: ``obj/geo1.parm``.
        content_of: the content of one of them; asked only for those that count.
        limit: bytes of all of them together.

    Raises:
        BadScene: it has no members of a Houdini scene, too many, or too much.
    """
    reading = _Reading(License.COMMERCIAL)
    total = 0
    for count, path in enumerate(names, start=1):
        if count > MOST_MEMBERS:
            raise BadScene(name, f"has more than {MOST_MEMBERS} files, the limit for one scene")
        if not path.startswith(".") and not path.endswith((".init", ".parm", ".chn", ".def")):
            reading.count_other()
            continue
        content = content_of(path)
        total += len(content)
        if total > limit:
            raise BadScene(name, f"has more than {limit} bytes, the limit for one scene")
        reading.take(Member(path.encode("utf-8", "surrogateescape"), content, 0, len(content)))
    if not reading.headers.get(b".variables"):
        raise BadScene(name, "is no expanded Houdini scene: it has no file '.variables'")
    return reading.scene()


class _Reading:
    """A scene while its members come in.

    Attributes:
        headers: the members that belong to the scene itself, as far as they are looked at.
    """

    def __init__(self, license_: License, also: Collection[str] = ()) -> None:
        self.headers: dict[bytes, bytes] = {}
        self._license = license_
        self._also = also
        self._network = Network({})
        self._count = 0

    def take(self, member: Member) -> None:
        """One more member."""
        self._count += 1
        if member.name[:1] != b".":
            self._network.add(member)
        elif member.name in _HEADERS:
            end = min(member.end, member.start + LARGEST_HEADER_MEMBER)
            self.headers[member.name] = bytes(member.data[member.start : end])

    def count_other(self) -> None:
        """One more member, which says nothing that is wanted."""
        self._count += 1

    def scene(self) -> HoudiniScene:
        """All that came in."""
        variables = {
            decoded(found[1]): decoded(found[2]) for found in _VARIABLE.finditer(self._header(b".variables"))
        }
        fps, frame, start, end = _times(self._header(b".start"))
        playback = {"FSTART": start, "RFSTART": start, "FEND": end, "RFEND": end, "FPS": fps}
        network = self._network
        network.variables = {name: value for name, value in playback.items() if value is not None}
        seen = cameras(network)
        named = list(file_references(network, self._also))
        libraries = tuple(_lines(self._header(b".OPlibraries")))
        return HoudiniScene(
            version=variables.get("_HIP_SAVEVERSION", ""),
            license=self._license,
            hip=variables.get("HIP", ""),
            hip_name=variables.get("HIPNAME", ""),
            job=variables.get("JOB", ""),
            variables=variables,
            fps=fps,
            start=_whole(start),
            end=_whole(end),
            frame=frame,
            drivers=drivers(network, frame or 1, seen),
            cameras=seen,
            libraries=libraries,
            references=(
                *(found for found in named if isinstance(found, Reference)),
                *_assets(libraries, self._header(b".OPfallbacks")),
            ),
            scripts=(*self._session(), *node_scripts(network)),
            unresolved=tuple(found for found in named if isinstance(found, Unresolved)),
            member_count=self._count,
            node_count=sum(1 for node in network.nodes.values() if node.type),
            networks=tuple(path[1:] for path in network.nodes if path.rfind("/") == 0),
        )

    def _header(self, name: bytes) -> bytes:
        return self.headers.get(name, b"")

    def _session(self) -> Iterator[Script]:
        text = decoded(self._header(b".hou.session")).strip()
        if text:
            yield Script("", "hou.session", text)


def _times(start: bytes) -> tuple[float | None, int | None, float | None, float | None]:
    """Frames per second, the current frame, first and last frame of the playback range."""
    fps, time, playback = _FPS.search(start), _TIME.search(start), _RANGE.search(start)
    rate = _real(fps[1]) if fps else None
    seconds = _real(time[1]) if time else None
    frame = round(seconds * rate) + 1 if rate is not None and seconds is not None else None
    if playback is None:
        return rate, frame, None, None
    return rate, frame, _real(playback[1]), _real(playback[2])


def _real(text: bytes) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _lines(content: bytes) -> list[str]:
    return [line.strip() for line in decoded(content).splitlines() if line.strip()]


def _assets(libraries: Iterable[str], fallbacks: bytes) -> Iterator[Reference]:
    """The HDA files that the scene needs, each once: those it loaded, and those of the types it uses."""
    told: set[str] = set()
    lines = [("", path) for path in libraries]
    lines += [(kind, path.strip()) for kind, _, path in (line.partition(" ") for line in _lines(fallbacks))]
    for type_, path in lines:
        plain = path.replace("\\", "/")
        is_relative = not plain.startswith(("/", "$", "~")) and path[1:2] != ":"
        if not path or plain in told or (type_ and is_relative) or path.startswith(("oplib:", "opdef:")):
            continue
        told.add(plain)
        role = Role.SHIPPED if SHIPPED.match(plain) else Role.INPUT
        if role is Role.INPUT or not type_:
            yield Reference(type_, "HDA", "library", path, Kind.HDA, role)
