"""The applications, versions and plug-ins that every farm lists besides what its nodes really have.

Source: the published documentation's examples, and what public scenes of each application were saved by. A
version is written as users write it, in every form in which they do: Houdini 17.5 and its build 17.5.293.
"""

from __future__ import annotations

from dataclasses import dataclass

from renderbus_model.software import Application

CINEMA_4D = 2005

PluginKey = tuple[int, str, str, str]
"""Application, its version, the plug-in's name and version."""


@dataclass(frozen=True, slots=True)
class SoftwareKind:
    """An application; the two numbers are the published ones of ``querySupportedSoftware``."""

    cg_id: int
    name: str
    suffixes: str
    need_project_path: int
    support_linux: int = 1


KINDS = (
    SoftwareKind(Application.MAYA, "Maya", "ma;mb", 1),
    SoftwareKind(Application.HOUDINI, "Houdini", "hip;hipnc;hiplc", 2),
    SoftwareKind(CINEMA_4D, "Cinema 4D", "c4d", 1, support_linux=0),
    SoftwareKind(Application.BLENDER, "Blender", "blend", 1),
    SoftwareKind(Application.CLARISSE, "Clarisse", "project;render", 3),
    SoftwareKind(Application.POVRAY, "POV-Ray", "pov", 1),
)

_HOUDINI_BUILDS = (
    "10.0.292", "11.0.504", "11.0.581", "12.1.207", "12.5.497", "15.0.528", "16.0.556", "16.5.268",
    "16.5.678", "17.0.352", "17.5.293", "17.5.460", "17.5.556", "18.0.391", "18.5.596", "19.0.522",
    "19.0.531", "19.5.368", "20.0.653", "20.5.332", "21.0.631",
)  # fmt: skip

VERSIONS: dict[int, tuple[str, ...]] = {
    Application.MAYA: (
        "2009", "2013", "2014", "2015", "2016", "2017", "2018", "2019", "2020", "2022", "2023", "2024",
        "2025", "2026",
    ),
    Application.HOUDINI: tuple(
        dict.fromkeys(form for build in _HOUDINI_BUILDS for form in (build.rpartition(".")[0], build))
    ),
    CINEMA_4D: ("R19",),
    Application.BLENDER: (
        "2.48", "2.52", "2.60", "2.62", "2.78", "2.79", "2.80", "2.81", "2.82", "2.83", "2.90", "2.91",
        "2.92", "2.93", "3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "4.0", "4.1", "4.2", "4.3", "4.4",
        "4.5", "5.0", "5.1",
    ),
    Application.CLARISSE: ("3", "4", "clarisse_ifx_4.0_sp3"),
    Application.POVRAY: ("3.5", "3.6", "3.7"),
}  # fmt: skip

PLUGINS: dict[tuple[int, str], tuple[tuple[str, str], ...]] = {
    (Application.MAYA, "2013"): (("mayatoappleseed", "0.001"),),
    (Application.MAYA, "2014"): (("mayaToIndigo_maya2014", "0.11"),),
    (Application.MAYA, "2015"): (
        ("Mayatomr", "2015.0 - 3.12.1.18"),
        ("mayaToCorona_maya2015", "0.36"),
    ),
    (Application.MAYA, "2016"): (("pxrUsd", "1.0"),),
    (Application.MAYA, "2017"): (("mtoa", "1.4.2.0"),),
    (Application.MAYA, "2018"): (("mtoa", "3.2.1.1"),),
    (Application.MAYA, "2019"): (("mtoa", "3.2.1.1"),),
    (Application.MAYA, "2020"): (("wobble", "0.9.5"), ("mayaUsdPlugin", "1.0")),
    (Application.MAYA, "2022"): (
        ("mayaUsdPlugin", "0.9.0"),
        ("px_render", "1.0"),
        ("renderman", "24.5"),
    ),
    (Application.MAYA, "2023"): (("mtoa", "5.1.0"), ("mtoa", "5.2.0"), ("renderman", "25.2")),
    (Application.MAYA, "2025"): (("mayaUsdPlugin", "0.24.0"),),
    (Application.HOUDINI, "17.5"): (("renderman", "22.6"),),
    (Application.HOUDINI, "17.5.293"): (("renderman", "22.6"),),
    (CINEMA_4D, "R19"): (("zblur", "2.02.019"),),
}
"""Name and version of each plug-in for a version of an application."""

PUBLISHED_IDS: dict[PluginKey, int] = {
    (Application.MAYA, "2020", "wobble", "0.9.5"): 1166,
    (CINEMA_4D, "R19", "zblur", "2.02.019"): 1652,
    (Application.MAYA, "2018", "mtoa", "3.2.1.1"): 2703,
    (Application.HOUDINI, "17.5", "renderman", "22.6"): 5304,
}
"""Ids that the document's examples use, so that these examples work as they are printed. For 2703 it names no
plug-in, only Maya 2018."""
