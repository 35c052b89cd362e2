"""Which attributes of which Maya node types name files: one table for both formats.

Source: the node references of Maya and of the plug-ins. Types that no public scene showed when this was
written (V-Ray, Redshift for Maya, Yeti, XGen, stand-ins, Alembic, GPU caches) rest on these alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from renderbus_model.scene import Kind, Role


@dataclass(frozen=True, slots=True)
class FileAttribute:
    """An attribute that names a file, by its short and long name (the same where there is one).

    Attributes:
        optional: the picture comes out without it (viewport shaders, pictures that come with Maya).
        folder: it names a folder; ``beside`` is then the attribute with the beginning of the files' names.
        frames: switches that make a sequence of it.
        tiles: attribute whose number says that it stands for tiles.
        modes: ``beside`` must hold one of these numbers for the file to be read; else it is written.
        several: the value lists files, one after the other.
    """

    short: str
    long: str
    kind: Kind
    role: Role = Role.INPUT
    optional: bool = False
    folder: bool = False
    beside: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    tiles: tuple[str, ...] = ()
    modes: frozenset[float] = frozenset()
    several: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every spelling that a scene may use."""
        return (self.short,) if self.short == self.long else (self.short, self.long)

    @property
    def watched(self) -> tuple[str, ...]:
        """All attributes to read for it, its own spellings first."""
        return (*self.names, *self.beside, *self.frames, *self.tiles)


def _reads(
    kind: Kind, *names: str, optional: bool = False, several: bool = False
) -> tuple[FileAttribute, ...]:
    """Attributes that are read; a name is ``short/long``, or one word for both."""
    parts = [(name.partition("/")[0], name.rpartition("/")[2]) for name in names]
    return tuple(
        FileAttribute(short, long, kind, optional=optional, several=several) for short, long in parts
    )


def _writes(kind: Kind, *names: str) -> tuple[FileAttribute, ...]:
    return tuple(replace(each, role=Role.OUTPUT) for each in _reads(kind, *names))


_SEQUENCE = ("ufe", "useFrameExtension")
_TILED = ("uvt", "uvTilingMode")
_TEXTURE = FileAttribute("ftn", "fileTextureName", Kind.TEXTURE, frames=_SEQUENCE, tiles=_TILED)
_IMAGE = FileAttribute("imn", "imageName", Kind.IMAGE, frames=_SEQUENCE)
_CACHE = FileAttribute("cp", "cachePath", Kind.CACHE, folder=True, beside=("cn", "cacheName"))
_PARTICLES = FileAttribute("cd", "cacheDirectory", Kind.CACHE, folder=True, optional=True)


def _vray_map(name: str, mode: str, *read_in: float) -> FileAttribute:
    """A solution that V-Ray reads in some modes (numbers of its attribute ``mode``)."""
    return FileAttribute(name, name, Kind.CACHE, beside=(mode,), modes=frozenset(read_in))


_TEX, _SHADER = Kind.TEXTURE, Kind.SHADER

_MAYA: dict[str, tuple[FileAttribute, ...]] = {
    "file": (_TEXTURE, *_reads(_TEX, "eutn/explicitUvTileName")),
    "psdFileTex": (_TEXTURE,),
    "movie": (_TEXTURE,),
    "imagePlane": (_IMAGE,),
    "audio": _reads(Kind.AUDIO, "f/filename"),
    "cacheFile": (_CACHE,),
    "diskCache": _reads(Kind.CACHE, "cn/cacheName"),
    "dynGlobals": (_PARTICLES,),
    "gpuCache": _reads(Kind.ALEMBIC, "cfn/cacheFileName"),
    "AlembicNode": (
        *_reads(Kind.ALEMBIC, "fn/abc_File"),
        *_reads(Kind.ALEMBIC, "fns/abc_layerFiles", several=True),
    ),
    "ExocortexAlembicFile": _reads(Kind.ALEMBIC, "fileName"),
    "mayaUsdProxyShape": _reads(Kind.USD, "fp/filePath"),
    "pxrUsdProxyShape": _reads(Kind.USD, "fp/filePath"),
    "pxrUsdReferenceAssembly": _reads(Kind.USD, "fp/filePath"),
    "AL_usdmaya_ProxyShape": _reads(Kind.USD, "fp/filePath"),
    "assemblyReference": _reads(Kind.REFERENCE, "d/definition"),
    "assemblyDefinition": _reads(Kind.REFERENCE, "rda/representationData"),
    "brush": _reads(_TEX, "imn/imageName", "lim/leafImage", optional=True),
    "dx11Shader": _reads(_SHADER, "s/shader", optional=True),
    "cgfxShader": _reads(_SHADER, "s/shader", optional=True),
    "GLSLShader": _reads(_SHADER, "s/shader", optional=True),
    "substanceNode": _reads(Kind.SUBSTANCE, "package", "sbs/substanceArchive"),
    "substance": _reads(Kind.SUBSTANCE, "package", "sbs/substanceArchive"),
    "bifrostContainer": (*_reads(Kind.CACHE, "cacheDir", "cacheName", optional=True),),
    "mesh": _reads(Kind.PROXY, "dso"),
    "transform": _reads(Kind.PROXY, "liqRIBReadArchive"),
    "liquidSurface": _reads(_SHADER, "rml/rmanShaderLong"),
    "liquidDisplacement": _reads(_SHADER, "rml/rmanShaderLong"),
    "liquidLight": _reads(_SHADER, "rml/rmanShaderLong"),
    "liquidVolume": _reads(_SHADER, "rml/rmanShaderLong"),
    "houdiniAsset": _reads(Kind.HDA, "otl/otlFilePath"),
}

_ARNOLD: dict[str, tuple[FileAttribute, ...]] = {
    "aiImage": (FileAttribute("filename", "filename", _TEX, frames=_SEQUENCE),),
    "aiStandIn": (
        FileAttribute("dso", "dso", Kind.PROXY, frames=("useFrameExtension",)),
        *_reads(Kind.ALEMBIC, "abcFile", "abcLayers", several=True),
    ),
    "aiVolume": (
        FileAttribute("filename", "filename", Kind.VOLUME, frames=("useFrameExtension",)),
        *_reads(Kind.VOLUME, "dso"),
    ),
    "aiPhotometricLight": _reads(Kind.IES, "aiFilename", "ai_filename"),
    "aiInclude": _reads(Kind.PROXY, "filename"),
    "aiOperatorInclude": _reads(Kind.PROXY, "filename"),
    "aiIncludeGraph": _reads(Kind.PROXY, "filename"),
    "aiMaterialx": _reads(_SHADER, "filename"),
    "aiOslShader": _reads(_SHADER, "filename", optional=True),
    "aiOptions": _writes(Kind.OTHER, "log_filename", "stats_file", "profile_file"),
}

_REDSHIFT: dict[str, tuple[FileAttribute, ...]] = {
    "RedshiftProxyMesh": (FileAttribute("fileName", "fileName", Kind.PROXY, frames=("useFrameExtension",)),),
    "RedshiftVolumeShape": (
        FileAttribute("fileName", "fileName", Kind.VOLUME, frames=("useFrameExtension",)),
    ),
    "RedshiftDomeLight": _reads(_TEX, "tex0", "tex1"),
    "RedshiftEnvironment": _reads(_TEX, "tex0", "tex1", "tex2", "tex3", "tex4"),
    "RedshiftNormalMap": _reads(_TEX, "tex0"),
    "RedshiftSprite": _reads(_TEX, "tex0"),
    "RedshiftCameraMap": _reads(_TEX, "tex0"),
    "RedshiftBokeh": _reads(_TEX, "dofBokehImage", "tex0"),
    "RedshiftLensDistortion": _reads(_TEX, "LDimage", "tex0"),
    "RedshiftPostEffects": _reads(_TEX, "lutFilename", optional=True),
    "RedshiftIESLight": _reads(Kind.IES, "profile"),
    "RedshiftOSLShader": _reads(_SHADER, "OSLfile", "oslFilePath", optional=True),
    "RedshiftOptions": tuple(
        _vray_map(f"{name}FileName", f"{name}Mode", 1.0, 2.0)
        for name in ("irradianceCache", "irradiancePointCloud", "photonFile", "subsurfaceScattering")
    ),
}

_VRAY: dict[str, tuple[FileAttribute, ...]] = {
    "VRayMesh": _reads(Kind.PROXY, "fn2/fileName2", "fnm/fileName", "fileName"),
    "VRayProxy": _reads(Kind.PROXY, "fileName2", "fileName"),
    "VRayScene": _reads(Kind.PROXY, "fp/FilePath", "FilePath", "filePath"),
    "VRayLightIESShape": _reads(Kind.IES, "ies/iesFile", "iesFile"),
    "VRayVolumeGrid": _reads(Kind.VOLUME, "inPath"),
    "VRayPtex": _reads(_TEX, "ptexFile"),
    "VRayMtlOSL": _reads(_SHADER, "fragmentFile"),
    "VRayTexOSL": _reads(_SHADER, "fragmentFile"),
    "VRayMtlGLSL": _reads(_SHADER, "fragmentFile"),
    "VRayScannedMtl": _reads(_SHADER, "file", "filename"),
    "VRayLut": _reads(Kind.COLOUR, "file"),
    "VRaySettingsNode": (
        _vray_map("ifile", "imode", 2.0, 7.0),
        _vray_map("fnm", "imode", 2.0, 7.0),
        _vray_map("cfile", "causticsMode", 1.0),
        _vray_map("causticsFile", "causticsMode", 1.0),
        _vray_map("lcfnm", "mode", 2.0),
        _vray_map("fileName", "mode", 2.0),
        _vray_map("pmfile", "pmode", 1.0),
        *_writes(Kind.CACHE, "asf/autoSaveFile", "casf/causticsAutoSaveFile", "autoSaveFile"),
        *_writes(Kind.IMAGE, "fnprx/fileNamePrefix"),
    ),
}

_PRMAN_IES = _reads(Kind.IES, "iesProfile")
_RENDERMAN: dict[str, tuple[FileAttribute, ...]] = {
    "PxrTexture": _reads(_TEX, "filename"),
    "PxrPtexture": _reads(_TEX, "filename"),
    "PxrProjectionLayer": _reads(_TEX, "filename"),
    "PxrMultiTexture": _reads(_TEX, *(f"filename{number}" for number in range(10))),
    "PxrBump": _reads(_TEX, "filename"),
    "PxrNormalMap": _reads(_TEX, "filename"),
    "PxrGoboLightFilter": _reads(_TEX, "map"),
    "PxrCookieLightFilter": _reads(_TEX, "map"),
    "PxrDomeLight": _reads(_TEX, "lightColorMap"),
    "PxrRectLight": (*_reads(_TEX, "lightColorMap"), *_PRMAN_IES),
    "PxrMeshLight": _reads(_TEX, "textureColor"),
    "PxrDiskLight": _PRMAN_IES,
    "PxrSphereLight": _PRMAN_IES,
    "PxrCylinderLight": _PRMAN_IES,
    "PxrDistantLight": _PRMAN_IES,
    "PxrOSL": _reads(_SHADER, "shadername", optional=True),
    "RenderManArchive": _reads(Kind.PROXY, "filename"),
    "OpenVDBVisualize": _reads(Kind.VOLUME, "vdbFilePath/VdbFilePath"),
}

_RARE: dict[str, tuple[FileAttribute, ...]] = {
    "CoronaLight": _reads(Kind.IES, "iesProfile"),
    "CoronaSurface": _reads(Kind.IES, "iesProfile"),
    "coronaGlobals": _writes(Kind.OTHER, "exportSceneFileName", "basePath", "imagePath", "imageName"),
    "indigoGlobals": _writes(Kind.OTHER, "exportSceneFileName", "basePath", "imagePath", "imageName"),
    "appleseedGlobals": _writes(Kind.OTHER, "exportSceneFileName", "basePath", "imagePath", "imageName"),
    "inDiffuse": _reads(Kind.IES, "iesProfile"),
    "pgYetiMaya": (
        FileAttribute("cfn", "cacheFileName", Kind.HAIR),
        *_reads(Kind.HAIR, "gfn/groomFileName", "outputCacheFileName", optional=True),
    ),
    "xgmPalette": _reads(Kind.HAIR, "xfn/xgFileName"),
    "xgmSplineCache": _reads(Kind.HAIR, "fn/fileName"),
    "shaveGlobals": _reads(Kind.HAIR, "hfn/hairFileName", optional=True),
    "ornatrixNode": _reads(Kind.HAIR, "fileName"),
    "mentalrayTexture": (_TEXTURE,),
    "mentalrayIblShape": _reads(_TEX, "tx/texture"),
    "mentalrayLightProfile": _reads(Kind.IES, "fn/fileName"),
    "mentalrayOptions": _reads(
        Kind.CACHE, "fgfn/finalGatherFilename", "pmfn/photonMapFilename", optional=True
    ),
    "mip_binaryproxy": _reads(Kind.PROXY, "object_filename"),
    "OpenVDBRead": _reads(Kind.VOLUME, "file", "VdbFilePath", "vdbFilePath"),
    "BE_VDBRead": _reads(Kind.VOLUME, "file"),
    "PhxShaderSim": _reads(Kind.CACHE, "inPath", "cacheLoadPath"),
    "fumeFXNode": _reads(Kind.CACHE, "defaultPath", "wtPath", optional=True),
    "rigidBodyCache": _reads(Kind.CACHE, "fileName"),
    "golaemCache": _reads(Kind.CACHE, "cacheFileDir", "crowdFields"),
    "SimulationCacheProxy": _reads(Kind.CACHE, "inputCacheDir", "characterFiles", several=True),
}

FILES: dict[str, tuple[FileAttribute, ...]] = {
    **_MAYA,
    **_ARNOLD,
    **_REDSHIFT,
    **_VRAY,
    **_RENDERMAN,
    **_RARE,
}
"""Attributes that name files, by node type."""

MERGED_TYPES = {"mesh": "mtoa", "transform": "liquid"}
"""Types of Maya's own that name files only through a plug-in, by what its name begins with."""

EDITED = frozenset(
    {name for each in FILES.values() for attribute in each for name in attribute.names}
    | {"fileTextureName", "imageName", "renderable", "rnd", "rndr"}
)
"""Attributes worth knowing when a scene changes them in one that it refers to."""

NO_FILES = frozenset(
    {
        "gameFbxExporter",
        "ilrBakeLayer",
        "rmanGlobals",
        "liquidGlobals",
        "delightRenderPass",
        "mayaUsdLayerManager",
        "hyperLayout",
        "hyperGraphInfo",
        "hyperView",
        "nodeGraphEditorInfo",
        "nodeGraphEditorBookmarks",
        "expression",
        "objectSet",
        "timeEditor",
    }
)
"""Types with texts that look like paths but are exports, bookmarks or names."""
