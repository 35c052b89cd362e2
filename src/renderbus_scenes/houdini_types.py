"""Which node types of Houdini render or simulate, and which parameters name files.

Sources: [seen] read in public scenes; [known] from the documentation of Houdini and of its renderers, because
no public scene showed them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from renderbus_model.houdini_scene import Purpose
from renderbus_model.scene import Kind

R, I, C, S = Purpose.RENDER, Purpose.IMAGES, Purpose.CACHE, Purpose.SIMULATION  # noqa: E741  (columns of a table)


@dataclass(frozen=True, slots=True)
class DriverType:
    """How a driver type keeps what every driver has.

    Attributes:
        outputs: parameters that name what it writes; the first one with a value counts.
        camera: the parameter that names its camera.
        override: the switch for a resolution of its own, and the parameter with it.
        anywhere: it drives wherever it stands; else only below ``/out`` and in networks for ROPs.
    """

    purpose: Purpose
    outputs: tuple[str, ...] = ()
    camera: str = ""
    override: tuple[str, str] = ("", "")
    anywhere: bool = False


_CAMERA_OVERRIDE = ("override_camerares", "res_override")

_FLOW_NAMES = "fetch merge subnet switch batch shell wedge framecontainer prepost null Redshift_IPR"

DRIVER_TYPES: Final[dict[str, DriverType]] = {
    "ifd": DriverType(R, ("vm_picture",), "camera", _CAMERA_OVERRIDE),  # [seen]
    "mantra": DriverType(R, ("picture",), "camera", ("tres", "res")),  # [seen] up to Houdini 9
    "karma": DriverType(R, ("picture",), "camera", _CAMERA_OVERRIDE),  # [seen]
    "usdrender": DriverType(R, ("outputimage", "lopoutput"), "override_camera", ("override_res", "res_user")),
    "usdrender_rop": DriverType(
        R, ("outputimage", "lopoutput"), "override_camera", ("override_res", "res_user"), anywhere=True
    ),  # [seen]
    "karmarenderproperties": DriverType(
        Purpose.SETTINGS, ("picture",), "camera", ("", "resolution"), anywhere=True
    ),  # [seen]
    "karmarendersettings": DriverType(
        Purpose.SETTINGS, ("picture",), "camera", ("", "resolution"), anywhere=True
    ),  # [known]
    "opengl": DriverType(R, ("picture",), "camera", ("tres", "res")),  # [seen]
    "Redshift_ROP": DriverType(
        R, ("RS_outputFileNamePrefix",), "RS_renderCamera", ("RS_overrideCameraRes", "RS_overrideRes")
    ),  # [seen]
    "arnold": DriverType(R, ("ar_picture",), "camera", _CAMERA_OVERRIDE),  # [known]
    "vray_renderer": DriverType(R, ("SettingsOutput_img_file_path",), "render_camera"),  # [known]
    "ris": DriverType(R, ("ri_display_0_name", "ri_display", "ri_displayname"), "camera", _CAMERA_OVERRIDE),
    "rib": DriverType(R, ("ri_display", "soho_diskfile"), "camera", _CAMERA_OVERRIDE),  # [known]
    "baketexture": DriverType(R, ("vm_uvoutputpicture1",), "camera"),  # [known]
    "wren": DriverType(R, ("wr_picture", "picture"), "camera"),  # [known]
    "Octane_ROP": DriverType(R, ("HO_img_fileName",), "HO_renderCamera"),  # [known]
    "comp": DriverType(I, ("copoutput",)),  # [seen]
    "ropcomposite": DriverType(I, ("copoutput",), anywhere=True),  # [seen]
    "rop_comp": DriverType(I, ("copoutput",), anywhere=True),  # [known]
    "rop_image": DriverType(I, ("copoutput",), anywhere=True),  # [known] Copernicus
    "geometry": DriverType(C, ("sopoutput",)),  # [seen]
    "rop_geometry": DriverType(C, ("sopoutput",), anywhere=True),  # [seen]
    "ropgeometry": DriverType(C, ("sopoutput",), anywhere=True),  # [seen]
    "rop_alembic": DriverType(C, ("filename",), anywhere=True),  # [seen]
    "ropalembic": DriverType(C, ("filename",), anywhere=True),  # [known]
    "alembic": DriverType(C, ("filename",)),  # [seen]
    "filmboxfbx": DriverType(C, ("sopoutput",)),  # [seen]
    "rop_fbx": DriverType(C, ("sopoutput",), anywhere=True),  # [seen]
    "rop_gltf": DriverType(C, ("file",), anywhere=True),  # [known]
    "filecache": DriverType(C, ("file",), anywhere=True),  # [seen]
    "usd": DriverType(C, ("lopoutput",)),  # [seen]
    "usd_rop": DriverType(C, ("lopoutput",), anywhere=True),  # [seen]
    "usdexport": DriverType(C, ("lopoutput",), anywhere=True),  # [seen]
    "usdoutput": DriverType(C, ("usdfile",)),  # [seen] of Pixar's plug-in
    "usdlayer": DriverType(Purpose.FLOW),  # [seen] of Pixar's plug-in
    "mdd": DriverType(C, ("filename",)),  # [known]
    "channel": DriverType(C, ("chopoutput",)),  # [known]
    "agent": DriverType(C, ("agentoutput",)),  # [known]
    "Redshift_Proxy_Output": DriverType(C, ("RS_archive_file",), anywhere=True),  # [seen]
    "dop": DriverType(S, ("dopoutput",)),  # [seen]
    "rop_dop": DriverType(S, ("dopoutput",), anywhere=True),  # [known]
    "hq_sim": DriverType(Purpose.DISTRIBUTED, anywhere=True),  # [seen]
    "hq_render": DriverType(Purpose.FARM, anywhere=True),  # [known]
    "afanasy": DriverType(Purpose.FARM),  # [seen]
    "deadline": DriverType(Purpose.FARM),  # [seen]
    **dict.fromkeys(_FLOW_NAMES.split(), DriverType(Purpose.FLOW)),  # [seen]
}
"""By type without name space and version: ``ris::22`` is looked up as ``ris``."""

FARM_PREFIXES = ("af_", "hq_", "deadline")

NETWORKS_FOR_DRIVERS = frozenset({"ropnet", "rop"})
STAGE, STAGE_TYPES = "/stage", frozenset({"karma", "usdrender"})
"""Types that drive in networks for stages too, where ``merge`` and others mean something else."""

CAMERAS = frozenset({"cam", "stereocam", "stereocamrig", "vrcam"})

_SHIPPED_NAMES = """
    pointlight.bgeo default.pic default.bgeo default.geo defgeo.bgeo defcam.bgeo default.pc default.rat
    Mandril.pic mandril.pic circle.pic uvgrid_grey.pic sphere_matte.pic UVcolor.rat Houdini_white.png
    butterfly1.pic butterfly2.pic butterfly3.pic butterfly4.pic butterfly5.pic butterfly6.pic butterfly7.pic
"""
SHIPPED_NAMES = frozenset(_SHIPPED_NAMES.split())
SHIPPED = re.compile(r"\$\{?(?:HFS|HH|HHP|HB)\b|testgeometry_|.*[\\/]houdini[\\/]otls[\\/]|otls/OPlib")

NOT_ON_DISK = re.compile(r"(?:op|oplib|opdef|temp):|[a-z]{2,}://")

PRIVATE = re.compile(r"temp:|\$\{?(?:PDG_|HOUDINI_TEMP_DIR|TEMP\b|TMP\b)|__PDG_")
"""What is written and read while Houdini works, wherever it works."""

WRITTEN = re.compile(
    r"""vm_(?:picture|d[cs]mfilename|filename_plane\d*|uvoutputpicture\d*|photon[cg]file|tmpsharedstorage)
    |picture|copoutput|sopoutput|dopoutput|chopoutput|lopoutput|agentoutput|usdfile|outputimage|dcmfilename
    |RS_(?:outputFileNamePrefix|outputFileFormat|archive_file|aovCustomPrefix_?\d*)
    |ar_(?:picture|ass_file|aov_separate_file\d*)|SettingsOutput_img_file_path|render_export_filepath
    |ri_display\w*|wr_picture|HO_img_\w*|soho_diskfile|explicitcachename|playfilesname|destfile\d*
    |shadowmap_file|photon_map|pc_file|sss_pcname|interFileExtension|cmd_files|pdg_command\w*|perffile
    |debughip|productName|\w*checkpoint\w*|taskgraphfile|rendergallerysource|pdg_workingdir|.*command
    |.*(?:output|export|savefile|writefile|archivefile)\w*""",
    re.VERBOSE | re.IGNORECASE,
)
"""Parameters whose files are written, or belong to somebody's work and not to the scene."""

WRITING_TYPES = re.compile(r"(?:.*::)?(?:\w*_?export(?:er)?|csvoutput|localscheduler|rop_\w+)(?:::.*)?")
PROGRAM = "soho_program"

FILE_PARAMETERS: Final[dict[str, dict[str, Kind]]] = {
    "file": {"file": Kind.CACHE, "filename": Kind.TEXTURE, "filename1": Kind.TEXTURE},
    "filemerge": {"file": Kind.CACHE},
    "alembic": {"fileName": Kind.ALEMBIC},
    "alembicarchive": {"fileName": Kind.ALEMBIC},
    "usdimport": {"import_file": Kind.USD, "filepath1": Kind.USD},
    "sublayer": {"filepath1": Kind.USD},
    "reference": {"filepath1": Kind.USD},
    "assetreference": {"filepath": Kind.USD},
    "volume": {"filepath": Kind.VOLUME},
    "envlight": {"env_map": Kind.TEXTURE},
    "texture": {"map": Kind.TEXTURE},
    "mtlximage": {"file": Kind.TEXTURE},
    "mtlxtiledimage": {"file": Kind.TEXTURE},
    "font": {"file": Kind.FONT},
    "arnold_procedural": {"ar_filename": Kind.PROXY},
    "redshift_packedProxySOP": {"RS_proxy_file": Kind.PROXY},
    "heightfield_file": {"filename": Kind.TEXTURE},
    "houdinioceanprocedural": {"spectrumfile": Kind.CACHE},
}
"""Parameters that name a file whatever their value looks like, by type without name space and version."""


def bare_type(type_name: str) -> str:
    """A type without name space and version.

    >>> bare_type("ris::22"), bare_type("pixar::usdoutput"), bare_type("labs::av_mesh::5.0")
    ('ris', 'usdoutput', 'av_mesh')
    """
    if "::" not in type_name:
        return type_name
    parts = type_name.split("::")
    if len(parts) > 1 and parts[-1][:1].isdigit():
        parts.pop()
    return parts[-1]


def driver_type(type_name: str) -> DriverType | None:
    """How drivers of a type work, None for a type that is no driver anywhere."""
    known = DRIVER_TYPES.get(type_name) or DRIVER_TYPES.get(bare_type(type_name))
    if known is None and type_name.startswith(FARM_PREFIXES):
        return DriverType(Purpose.FARM)
    return known
