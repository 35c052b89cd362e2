"""Make Houdini scenes for tests: written by hand after the format, never by Houdini.

    python tests/data/houdini/make.py

writes ``blind_spots.hip``, ``.hiplc`` and ``.hipnc`` beside this file. Node types in them that no public
scene showed are taken from documentation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
HEADER = "070707" + "000001" + "000000" + "000666" + "000000" * 2 + "000001" + "000000"
TIME = "13300000000"
START = "fplayback -i on\ntcur 0.5\nfps 24\ntset 0 10\nfrange 1 48\n"
MAGIC = {"hiplc": b"HouLC\x1a", "hipnc": b"HouNC\x1a"}
MARKER = {"hiplc": "LIMITED_COMMERCIAL_FILE!!!", "hipnc": "NON_COMMERCIAL_FILE!!!"}

Members = dict[str, str | bytes]


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """A plain scene."""
    return b"".join(member(name, content) for name, content in {**members, "TRAILER!!!": b""}.items())


def member(name: str, content: str | bytes, *, size: int | None = None) -> bytes:
    """One member; ``size`` is what its header claims, its real one without it."""
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    raw = name.encode("utf-8", "surrogateescape") + b"\0"
    claimed = len(data) if size is None else size
    return f"{HEADER}{TIME}{len(raw):06o}{claimed:011o}".encode() + raw + data


def limited(members: Mapping[str, str | bytes], suffix: str = "hiplc") -> bytes:
    """The same in the container of a limited licence."""
    whole = b""
    for name, content in {**members, MARKER[suffix]: b""}.items():
        data = content.encode() if isinstance(content, str) else content
        length = (len(name) + 1) ^ 0xBAD
        whole += MAGIC[suffix] + f"10336{length:05x}060e611d8{0:09x}{name}\0".encode() + data
    return whole


def scene(nodes: Iterable[Members] = (), **variables: str) -> Members:
    """The members of a scene with these nodes; ``variables`` beside those that every scene has."""
    values = {
        "ACTIVETAKE": "Main",
        "HIP": "/show/shots",
        "HIPFILE": "/show/shots/made_up.hip",
        "HIPNAME": "made_up",
        "JOB": "/show",
        "_HIP_SAVEVERSION": "19.5.368",
        **variables,
    }
    made: Members = {
        ".start": START,
        ".variables": "".join(f"set -g {name} = '{value}'\n" for name, value in values.items()),
        ".hou.session": "",
        ".OPlibraries": "",
        ".OPfallbacks": "Driver/ifd /opt/hfs/houdini/otls/OPlibDriver.hda\nDriver/ifd otls/OPlibDriver.hda\n",
    }
    for each in nodes:
        made.update(each)
    return {**made, ".cwd": "opcf /\ntakeset Main\n"}


def node(
    path: str,
    type_: str,
    parameters: Mapping[str, str] | None = None,
    *,
    channels: Mapping[str, str] | None = None,
    inputs: Iterable[str] = (),
    bypass: bool = False,
) -> Members:
    """A node's members. A parameter's value is stored as given: components between tabs, quoted or bare."""
    stem = path.lstrip("/")
    wires = "".join(f"{number} \t{name} 0 1\n" for number, name in enumerate(inputs))
    flags = f"flags =  lock off model off bypass {'on' if bypass else 'off'} display on render on"
    lines = "".join(f"{name}\t[ 0\tlocks=0 ]\t(\t{value}\t)\n" for name, value in (parameters or {}).items())
    made: Members = {
        f"{stem}.init": f"type = {type_}\nmatchesdef = 0\n",
        f"{stem}.def": f'comment ""\nposition 0 0\n{flags}\ninputs\n{{\n{wires}}}\nstat\n{{\n}}\nend\n',
    }
    if channels:
        made[f"{stem}.chn"] = "{\n" + "".join(map(_channel, channels.items())) + "  }\n"
    made[f"{stem}.parm"] = "{\nversion 0.8\n" + lines + "}\n"
    return made


def _channel(each: tuple[str, str]) -> str:
    name, formula = each
    return (
        f"    channel {name} {{\n      flags = 0\n      segment {{ length = 0 expr = {formula} }}\n    }}\n"
    )


def blind_spots() -> Members:
    """Renderers and file nodes that no public scene showed."""
    range_ = {"trange": '"normal"', "f": "1\t10\t1"}
    return scene(
        [
            {"obj.def": "", "obj.parm": "{\nversion 0.8\n}\n"},
            node("/obj/cam1", "cam", {"res": "1920\t1080", "vm_background": "$HIP/tex/plate.$F4.exr"}),
            node(
                "/out/arnold1", "arnold", {**range_, "camera": "/obj/cam1", "ar_picture": "$HIP/r/a.$F4.exr"}
            ),
            node(
                "/out/vray1",
                "vray_renderer",
                {**range_, "render_camera": "/obj/cam1", "SettingsOutput_img_file_path": "$HIP/r/v.$F4.exr"},
            ),
            node(
                "/out/ris1", "ris::22", {**range_, "camera": "/obj/cam1", "ri_display": "$HIP/r/ris.$F4.exr"}
            ),
            node(
                "/out/bake1",
                "baketexture::3.0",
                {**range_, "camera": "/obj/cam1", "vm_uvoutputpicture1": "$HIP/r/bake.%(UDIM)d.exr"},
            ),
            node("/obj/geo1", "geo"),
            node("/obj/geo1/proxy1", "arnold_procedural", {"ar_filename": "$HIP/proxy/tree"}),
            node("/obj/geo1/volume1", "file", {"filemode": '"read"', "file": "$HIP/vdb/smoke.$F4.vdb"}),
            node("/obj/archive1", "alembicarchive", {"fileName": "$JOB/abc/hero.abc"}),
            node("/mat/tex1", "redshift::TextureSampler", {"tex0": "$JOB/tex/wood.<UDIM>.exr"}),
            node("/mat/tex2", "arnold::image", {"filename": "$JOB/tex/stone.tx"}),
            node(
                "/obj/light1", "hlight", {"light_texture": "$JOB/tex/sky.hdr", "ies_file": "$JOB/ies/a.ies"}
            ),
            node("/stage/ref1", "reference", {"filepath1": "$JOB/usd/set.usda", "primpath": "/world/set.a"}),
        ]
    )


def main() -> None:
    members = blind_spots()
    (HERE / "blind_spots.hip").write_bytes(archive(members))
    for suffix in MAGIC:
        (HERE / f"blind_spots.{suffix}").write_bytes(limited(members, suffix))


if __name__ == "__main__":
    main()
