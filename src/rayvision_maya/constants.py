"""Maya's own words and defaults."""

from __future__ import annotations

PACKAGE_NAME = "rayvision_maya"

SUFFIXES = {
    0: "gif",
    1: "pic",
    2: "rla",
    3: "tif",
    4: "tif",
    5: "sgi",
    6: "als",
    7: "iff",
    8: "jpg",
    9: "eps",
    10: "iff",
    11: "cin",
    12: "yuv",
    13: "sgi",
    19: "tga",
    20: "bmp",
    22: "mov",
    23: "avi",
    31: "psd",
    32: "png",
    35: "dds",
    36: "psd",
}
"""Suffix by Maya's number of a picture format; 50 and 51 are named by a key of their own."""

NAMED_BY_KEY = frozenset({50, 51})

SAME_SUFFIX = {"jpeg": "jpg", "tiff": "tif", "openexr": "exr", "deepexr": "exr", "maya": "iff"}
"""Words of renderers for a picture format, where they are not its suffix."""

OWN_DEFAULTS = {"arnold": "exr", "vray": "png", "redshift": "exr", "renderman": "exr", "renderManRIS": "exr"}
"""Suffix of the pictures of renderers that keep the format in their own settings, when none is written."""

PLUGINS_OF_RENDERERS = {
    "arnold": ("mtoa",),
    "vray": ("vrayformaya", "vrayformaya.mll"),
    "redshift": ("redshift4maya",),
    "renderman": ("RenderMan_for_Maya.py", "RenderMan_for_Maya"),
    "renderManRIS": ("RenderMan_for_Maya.py", "RenderMan_for_Maya"),
    "mentalRay": ("Mayatomr",),
}
"""Plug-ins that bring a renderer, by its name in the scene."""

OF_MAYA = frozenset(
    {
        "stereoCamera",
        "renderSetup.py",
        "modelingToolkit",
        "shaderFXPlugin",
        "hairPhysicalShader",
        "cgfxShader",
        "dx11Shader",
        "GPUBuiltInDeformer",
        "mayaCharacterization",
        "mayaHIK",
        "MayaMuscle",
        "Type",
        "svgFileTranslator",
        "sceneAssembly",
        "cacheEvaluator",
        "ik2Bsolver",
        "ikSpringSolver",
        "matrixNodes",
        "quatNodes",
        "retargeterNodes.py",
        "rotateHelper",
        "tiffFloatReader",
        "OpenEXRLoader",
        "fbxmaya",
        "objExport",
        "AbcImport",
        "AbcExport",
        "gpuCache",
        "gameFbxExporter",
        "ATFPlugin",
        "xgenToolkit",
        "xgenMR",
        "mayaUsdPlugin",
        "bifmeshio",
        "bifrostGraph",
        "bifrostvisplugin",
        "MASH",
        "lookdevKit",
        "Turtle",
        "invertShape",
        "curveWarp",
        "deformerEvaluator",
        "poseInterpolator",
        "poseReader",
        "nearestPointOnMesh",
        "fltTranslator",
        "clearcoat",
    }
)
"""Plug-ins that come with Maya: a farm's Maya has them too."""
