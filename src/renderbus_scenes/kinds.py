"""What sort of file a suffix tells, for the applications whose scenes name files of any sort."""

from __future__ import annotations

from typing import Final

from renderbus_model.scene import Kind

_SUFFIXES = {
    Kind.TEXTURE: "exr rat pic tif tiff tx png jpg jpeg tga hdr bmp psd dds dpx cin sgi gif webp rgb iff "
    "picnc pic.gz rtex ptx ptex mov mp4",
    Kind.CACHE: "bgeo geo bgeo.sc bgeo.gz bgeosc bgeogz bhclassic hclassic obj ply stl fbx sim sim.sc pc "
    "pmap bclip clip bchan chan bjson mdd pc2 lidar e57 las pts gltf glb eg poly dxf",
    Kind.ALEMBIC: "abc",
    Kind.USD: "usd usda usdc usdz",
    Kind.VOLUME: "vdb vol f3d",
    Kind.PROXY: "rs ass ass.gz vrmesh vrscene rib ifd ifd.gz orbx",
    Kind.IES: "ies",
    Kind.FONT: "ttf otf pfb pfa ttc",
    Kind.AUDIO: "wav mp3 aif aiff ogg flac",
    Kind.SHADER: "osl oso vfl sl slo mtlx",
    Kind.HDA: "hda otl hdalc hdanc",
    Kind.SUBSTANCE: "sbs sbsar",
    Kind.COLOUR: "ocio spi1d spi3d cube lut 3dl",
    Kind.TEXT: "txt csv json xml ini rules",
}
KIND_BY_SUFFIX: Final[dict[str, Kind]] = {
    suffix: kind for kind, names in _SUFFIXES.items() for suffix in names.split()
}
"""By suffix without its dot, in small letters; two where the second one tells nothing (``bgeo.sc``)."""
