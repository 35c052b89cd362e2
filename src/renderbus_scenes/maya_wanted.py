"""Which nodes of a Maya scene are read, and which of their attributes: for both formats."""

from __future__ import annotations

from collections.abc import Iterable

from renderbus_scenes.maya_files import FILES, MERGED_TYPES, NO_FILES

CAMERAS = frozenset({"camera", "stereoRigCamera"})

OVERRIDES = frozenset({"absOverride", "absUniqueOverride", "relOverride", "relUniqueOverride"})
"""Render setup's nodes that change an attribute in a layer."""

_CAMERA = ("rnd", "renderable", "o", "orthographic")
_GROUP = ("en", "enabled", "sen", "selfEnabled")
_OVERRIDE = (
    "atr",
    "attribute",
    "tgName",
    "targetNodeName",
    "atv",
    "attrValue",
    "mul",
    "multiply",
    "ofs",
    "offset",
    *_GROUP,
)

_FACTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(CAMERAS, _CAMERA),
    "renderLayer": ("rndr", "renderable", "g", "global", "val", "value"),
    "renderSetup": (),
    "renderSetupLayer": _GROUP,
    "renderSettingsCollection": _GROUP,
    "renderSettingsChildCollection": _GROUP,
    "collection": _GROUP,
    "group": _GROUP,
    "simpleSelector": ("ssl", "staticSelection", "pat", "pattern"),
    **dict.fromkeys(OVERRIDES, _OVERRIDE),
    "script": ("b", "before", "a", "after", "st", "scriptType", "stp", "sourceType"),
    "reference": (),
    "aiAOVDriver": ("ai_translator", "aiTranslator"),
    "VRaySettingsNode": ("wi", "width", "he", "height", "fnprx", "fileNamePrefix", "imgfs", "imageFormatStr"),
    "RedshiftOptions": ("imageFormat", "imageFilePrefix"),
    "rmanGlobals": ("imageFileFormat", "imageOutputDir", "ribOutputDir"),
}

WANTED: dict[str, tuple[str, ...]] = {
    kind: tuple(
        dict.fromkeys(
            (*_FACTS.get(kind, ()), *(name for each in FILES.get(kind, ()) for name in each.watched))
        )
    )
    for kind in {**_FACTS, **FILES}
    if kind not in MERGED_TYPES
}
"""Attributes to read, by node type; every spelling of each."""

SHORT_TEXTS = frozenset({"script"})
"""Types whose texts are long, and of which the beginning is enough."""

DEFAULT_NODES: dict[str, tuple[str, ...]] = {
    "defaultRenderGlobals": (
        *("ren", "currentRenderer", "fs", "startFrame", "ef", "endFrame", "bfs", "byFrameStep", "byFrame"),
        *("an", "animation", "me", "modifyExtension", "se", "startExtension", "be", "byExtension"),
        *("outf", "imageFormat", "imfkey", "imfPluginKey", "ifp", "imageFilePrefix"),
        *("ep", "extensionPadding"),
        *("pram", "preMel", "poam", "postMel", "prm", "preRenderMel", "pom", "postRenderMel"),
        *("prlm", "preRenderLayerMel", "polm", "postRenderLayerMel"),
    ),
    "defaultResolution": ("w", "width", "h", "height", "pa", "pixelAspect"),
    "defaultColorMgtGlobals": (
        *("cme", "cmEnabled", "cfe", "configFileEnabled", "cfp", "configFilePath"),
        *("wsn", "workingSpaceName"),
    ),
}
"""Attributes of nodes that every scene has: they are only selected, never made."""

_TYPES_OF_MAYA = """
    transform mesh nurbsSurface nurbsCurve lattice baseLattice subdiv joint locator group pointLight
    directionalLight spotLight ambientLight areaLight volumeLight particle nParticle pointEmitter
    place2dTexture place3dTexture lambert blinn phong phongE surfaceShader layeredShader layeredTexture
    shadingEngine materialInfo bump2d bump3d ramp noise fractal checker cloth grid water wood marble
    samplerInfo reverse multiplyDivide plusMinusAverage condition blendColors remapValue remapColor
    remapHsv gammaCorrect luminance setRange clamp contrast hsvToRgb rgbToHsv vectorProduct reverse
    distanceBetween addDoubleLinear multDoubleLinear unitConversion unitToTimeConversion
    timeToUnitConversion blendTwoAttr blendWeighted pairBlend choice clearCoat animCurveTL animCurveTA
    animCurveTU animCurveTT animCurveUL animCurveUA animCurveUU animCurveUT animLayer
    animBlendNodeAdditive animBlendNodeAdditiveDL animBlendNodeAdditiveDA animBlendNodeAdditiveRotation
    animBlendNodeAdditiveScale animBlendNodeEnum animBlendNodeBoolean skinCluster tweak groupId
    groupParts objectSet dagPose bindPose blendShape cluster clusterHandle ffd wire wrap deltaMush
    tension nonLinear deformBend deformTwist proximityWrap shrinkWrap polySphere polyCube polyCylinder
    polyPlane polyTorus polyCone polyPyramid polyPipe polyPrism polyDisc polyHelix polyPlatonicSolid
    polyTweak polyTweakUV polyExtrudeFace polyExtrudeEdge polyBevel polyBevel2 polyBevel3 polyMergeVert
    polyMergeEdge polySplit polySplitRing polySoftEdge polyNormal polyNormalPerVertex polyTriangulate
    polyQuad polyReduce polyRemesh polyRetopo polySmooth polySmoothFace polyUnite polySeparate
    polyChipOff polyCloseBorder polyDelEdge polyDelVert polyDelFacet deleteComponent polyBridgeEdge
    polyAppend polyAppendVertex polyCreateFace polyMapCut polyMapSew polyMapSewMove polyMapDel
    polyTweakUV polyAutoProj polyPlanarProj polyCylProj polySphProj polyLayoutUV polyFlipUV polyCopyUV
    polyMoveUV polyMoveFace polyMoveEdge polyMoveVertex polyMoveFacetUV polyCut polyCube polyBoolOp
    polyCBoolOp polyColorPerVertex polyCrease polySubdFace polySubdEdge polyDuplicateEdge polyMirror
    polySpinEdge polyPinUV polyUVRectangle transformGeometry makeNurbCircle makeNurbSphere makeNurbPlane
    makeNurbCube makeNurbCylinder revolve loft extrude nurbsTessellate rebuildCurve attachCurve
    detachCurve curveFromMeshEdge planarTrimSurface parentConstraint pointConstraint orientConstraint
    scaleConstraint aimConstraint poleVectorConstraint geometryConstraint normalConstraint
    tangentConstraint pointOnPolyConstraint motionPath follicle ikHandle ikEffector ikRPsolver
    ikSCsolver ikSplineSolver hikSolver multMatrix decomposeMatrix composeMatrix inverseMatrix
    wtAddMatrix fourByFourMatrix passMatrix holdMatrix lightLinker renderLayerManager displayLayer
    displayLayerManager shapeEditorManager poseInterpolatorManager partition time renderPartition
    nodeGraphEditorInfo hyperLayout hyperGraphInfo hyperView timeEditor timeEditorTracks timeEditorClip
    sequencer sequenceManager shot strokeGlobals opticalFX unknown unknownDag unknownTransform
    colorManagementGlobals lightItem lightEditor lightGroup lightsCollection lightsChildCollection
    lightsCollectionSelector standardSurface openPBRSurface hardwareRenderGlobals renderQuality
    hwRenderGlobals curveInfo arcLengthDimension distanceDimShape annotationShape nucleus nCloth nRigid
    dynamicConstraint hairSystem pfxHair stroke gravityField airField dragField turbulenceField
    vortexField uniformField rigidSolver rigidBody network container dagContainer hyperGraphLocation
    quatNormalize eulerToQuat quatToEuler quatProd angleBetween nearestPointOnCurve closestPointOnMesh
    closestPointOnSurface pointOnCurveInfo pointOnSurfaceInfo history aiAOVFilter instancer
    controller geoConnector particleSamplerInfo particleCloud envSphere envBall envCube envFog envSky
    lightFog displacementShader volumeShader useBackground hairTubeShader anisotropic rampShader
    stencil projection bulge snow rock leather granite stucco cloud solidFractal volumeNoise crater
    mandelbrot mandelbrot3D ocean fluidTexture2D fluidTexture3D singleShadingSwitch doubleShadingSwitch
    tripleShadingSwitch quadShadingSwitch shellTexture rmanDisplayChannel rmanDisplay d_openexr d_tiff
    cameraView renderTarget renderPass renderPassSet passContributionMap characterMap character clip
    clipLibrary clipScheduler trackInfoManager mute snapshot plane sketchPlane imageSource
    ikSystem hardwareRenderingGlobals defaultRenderUtilityList defaultShaderList postProcessList
"""
_OF_MAYA = frozenset(_TYPES_OF_MAYA.split())
"""Types of Maya's own that name no file: not looked into. A type that is missing here costs time only."""

NOT_SWEPT = _OF_MAYA | NO_FILES
"""Types in which no path is looked for. Others that ``WANTED`` lacks belong to plug-ins: they are swept."""


def wanted_attributes(plugins: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``WANTED`` and what the plug-ins of a scene add to Maya's own types."""
    present = tuple(plugins)
    merged = {
        kind: tuple(name for each in FILES[kind] for name in each.watched)
        for kind, start in MERGED_TYPES.items()
        if any(plugin.lower().startswith(start) for plugin in present)
    }
    return {**WANTED, **merged}
