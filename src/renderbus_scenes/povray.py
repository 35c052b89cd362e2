"""Read a POV-Ray scene (.pov, .inc) and its .ini: the files it names, and replace the paths in it.

Source: the scene language of POV-Ray 3.7 (https://www.povray.org/documentation/3.7.0/r3_3.html). Statements
are looked for, not run: a file name that the scene puts together itself is told as unresolved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from renderbus_model.houdini_scene import Unresolved
from renderbus_model.povray_scene import PovrayScene, PovraySettings
from renderbus_model.scene import Kind, Reference, Role
from renderbus_scenes.errors import BadScene
from renderbus_scenes.unpack import Content

SHIPPED = frozenset((
    "arrays.inc", "chars.inc", "colors.inc", "consts.inc", "crystal.ttf", "cyrvetic.ttf", "debug.inc",
    "finish.inc", "functions.inc", "glass.inc", "glass_old.inc", "golds.inc", "ior.inc", "logo.inc",
    "makegrass.inc", "math.inc", "meshmaker.inc", "metals.inc", "povlogo.ttf", "rad_def.inc",
    "rand.inc", "screen.inc", "shapes.inc", "shapes2.inc", "shapes3.inc", "shapes_old.inc",
    "shapesq.inc", "skies.inc", "spiral.df3", "stage1.inc", "stars.inc", "stdcam.inc", "stdinc.inc",
    "stoneold.inc", "stones.inc", "stones1.inc", "stones2.inc", "strings.inc", "sunpos.inc",
    "textures.inc", "timrom.ttf", "transforms.inc", "woodmaps.inc", "woods.inc", "bumpmap_.png",
    "povmap.png", "plasma2.png", "plasma3.png", "test.png", "fract003.png", "mount1.png", "mount2.png",
))  # fmt: skip
"""Files that come with POV-Ray; one of these names beside the scene is read in its place."""

_PICTURES = r"gif|tga|iff|ppm|pgm|png|jpeg|tiff|sys|exr|hdr"
_TOKENS = re.compile(
    r"""
    (?P<comment> //[^\n]* | /\*.*?(?:\*/|\Z) )
    | \#\s*(?P<include>include)\s*(?P<included>"[^"\n]*"|[A-Za-z_][^\n]*)
    | \#\s*fopen\s+\w+\s+(?P<opened>"[^"\n]*"|[A-Za-z_][^\n]*?)\s+(?P<how>read|write|append)\b
    | \#\s*version\s+(?P<version>\d+(?:\.\d+)?)
    | \b(?P<kind>ttf|df3|"""
    + _PICTURES
    + r""")\s*(?P<file>"[^"\n]*"|(?:concat|str|substr)\s*\([^\n]*)
    | (?P<text> "(?:[^"\\\n]|\\.)*" )
    | \b(?P<moves>clock|frame_number)\b
    | \b(?P<camera>camera)\s*\{
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = {"ttf": Kind.FONT, "df3": Kind.VOLUME}
_SETTING = re.compile(r"^\s*([A-Za-z_]+)\s*=\s*([^;\s]+)", re.MULTILINE)
_OPTION = re.compile(r"(?:^|\s)[+-](W|H|KFI|KFF|KI|KF)([-+.\d]+)(?=\s|$)", re.IGNORECASE)
_NAMES = {
    "width": "width", "w": "width", "height": "height", "h": "height",
    "initial_frame": "first_frame", "kfi": "first_frame", "final_frame": "last_frame", "kff": "last_frame",
    "initial_clock": "first_clock", "ki": "first_clock", "final_clock": "last_clock", "kf": "last_clock",
}  # fmt: skip
_NOT_A_TEXT = b"\0"


class _Named(NamedTuple):
    """A place that names a file: what is written there (quoted, or an expression), and where it lies."""

    statement: str
    kind: Kind
    role: Role
    written: str
    begin: int
    line: int


def read_pov(content: Content, name: str = "") -> PovrayScene:
    """What a file of the scene language names.

    >>> scene = read_pov(b'#version 3.7; #include "colors.inc" box { pigment { image_map { png "a.png" } } }')
    >>> [reference.path for reference in scene.references], scene.version
    (['colors.inc', 'a.png'], '3.7')

    Raises:
        BadScene: it is empty, or no text.
    """
    raw = bytes(content)
    if not raw.strip():
        raise BadScene(name, "is empty")
    if _NOT_A_TEXT in raw:
        raise BadScene(name, "is no POV-Ray scene: it is not a text", offset=raw.index(_NOT_A_TEXT))
    text = _text(raw)
    found = list(_TOKENS.finditer(text))
    named = list(_named(text, found))
    versions = [each["version"] for each in found if each["version"]]
    return PovrayScene(
        version=versions[0] if versions else "",
        animated=any(each["moves"] for each in found),
        has_camera=any(each["camera"] for each in found),
        references=tuple(_reference(each) for each in named if each.written.startswith('"')),
        unresolved=tuple(
            Unresolved(f"line {each.line}", each.statement, each.written.strip()[:200])
            for each in named
            if not each.written.startswith('"') and each.role is Role.INPUT
        ),
    )


def repath(content: bytes, resolve: Callable[[Reference], bytes | None], name: str = "") -> bytes:
    """The same file with the path that ``resolve`` gives in place of each; None leaves it.

    Raises:
        BadScene: see ``read_pov``.
    """
    read_pov(content, name)
    text = _text(content)
    parts, at = [], 0
    for each in _named(text, _TOKENS.finditer(text)):
        if each.written.startswith('"') and (path := resolve(_reference(each))) is not None:
            parts += [text[at : each.begin], '"', path.decode("utf-8", "surrogateescape"), '"']
            at = each.begin + len(each.written)
    return "".join((*parts, text[at:])).encode("utf-8", "surrogateescape")


def read_ini(text: str) -> PovraySettings:
    """What an .ini file says, in settings (``Final_Frame=48``) or options (``+KFF48``); the last one counts.

    >>> read_ini("Width=640  ; pixels\\nHeight=480\\n+KFF48")
    PovraySettings(width=640, height=480, first_frame=None, last_frame=48, first_clock=None, last_clock=None)
    """
    values: dict[str, int | float] = {}
    plain = "\n".join(line.split(";")[0].split("#")[0] for line in text.splitlines())
    for name, value in (*_OPTION.findall(plain), *_SETTING.findall(plain)):
        wanted = _NAMES.get(name.lower())
        try:
            number = float(value)
        except ValueError:
            continue
        if wanted and abs(number) < 2**31:
            values[wanted] = number if wanted.endswith("clock") else int(number)
    return PovraySettings(**values)  # type: ignore[arg-type]  # frames and sizes are whole, as just made


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _named(text: str, found: Iterator[re.Match[str]] | list[re.Match[str]]) -> Iterator[_Named]:
    line, at = 1, 0
    for each in found:
        line += text.count("\n", at, each.start())
        at = each.start()
        if each["include"]:
            yield _Named(
                "#include", Kind.REFERENCE, Role.INPUT, each["included"], each.start("included"), line
            )
        elif each["how"]:
            role = Role.INPUT if each["how"] == "read" else Role.OUTPUT
            yield _Named("#fopen", Kind.TEXT, role, each["opened"], each.start("opened"), line)
        elif each["kind"]:
            kind = _KINDS.get(each["kind"], Kind.TEXTURE)
            yield _Named(each["kind"], kind, Role.INPUT, each["file"], each.start("file"), line)


def _reference(each: _Named) -> Reference:
    path = each.written.strip('"')
    return Reference(
        node=f"line {each.line}",
        node_type=each.statement,
        attribute="file",
        path=path.replace("\\\\", "\\"),
        kind=each.kind,
        role=each.role,
        optional=path.lower() in SHIPPED,
        offset=each.begin,
    )
