"""What the farm offers: platforms, software, plug-ins, hardware, environments, and the texts of tip codes."""

from __future__ import annotations

from typing import TypedDict


class CodeInfo(TypedDict):
    """What a tip code means and what to do about it.

    ``type`` is 0 for a warning and 1 for an error that stops the check. The two ``…Cn`` members carry the
    text of the language that was asked for.
    """

    id: int
    code: str
    type: int
    languageFlag: int
    desDescriptionCn: str
    desSolutionCn: str
    solutionPath: str
    isRepair: int
    isOpen: int
    isDelete: int
    updateTime: int
    lastModifyAdmin: str


class Platform(TypedDict):
    """An area of a farm. A farm of ours is one area under each number that published clients may name."""

    platform: int
    name: str


class Software(TypedDict):
    """An application that a farm knows. ``cgType`` lists suffixes: ``ma;mb``; flags are 0 or 1."""

    cgId: int
    cgName: str
    cgType: str
    iconPath: str
    isNeedProjectPath: int
    isNeedAnalyse: int
    isSupportLinux: int


class SoftwareList(TypedDict):
    """``isAutoCommit`` repeats the caller's setting: 1 tasks wait for a start, 2 they render at once."""

    isAutoCommit: int
    defaultCgId: int
    renderInfoList: list[Software]


class PluginVersion(TypedDict):
    """``pluginVersion`` is name and version: ``zblur 2.02.019``."""

    pluginId: int
    pluginName: str
    pluginVersion: str


class Plugin(TypedDict):
    """A plug-in for the version of the application whose id is ``cvId``."""

    cvId: int
    pluginName: str
    pluginVersions: list[PluginVersion]


class SoftwareVersion(TypedDict):
    """A version of an application, written as users write it: ``2018``, ``17.5.293``."""

    id: int
    cgId: int
    cgName: str
    cgVersion: str


class SoftwareDetail(TypedDict):
    """What there is of one application."""

    cgPlugin: list[Plugin]
    cgVersion: list[SoftwareVersion]


class RenderEnvName(TypedDict):
    """The name of a render environment of the caller."""

    editName: str


class RenderEnvItem(TypedDict):
    """A render environment as it is kept."""

    cgId: int
    editName: str
    cgName: str
    cgVersion: str
    osName: int
    renderLayerType: int
    isDefault: int
    respUserPluginInfoVos: list[PluginVersion]
    projectPath: str
    isMainUserId: int


class NotSupportedVersion(TypedDict):
    """A version that this hardware does not render."""

    cgId: int
    cgVersionName: str


class HardwareConfig(TypedDict):
    """A kind of node. ``type``: 1 CPU, 2 GPU; ``ram`` as ``64GB``; ``status``: 1 can be chosen.

    ``gpuNum`` is text or none; ``current`` marks what the asked tasks chose. Clients read every
    ``notSupport…`` member.
    """

    id: int
    type: int
    model: str
    ram: str
    platform: int
    gpuNum: str | None
    current: bool
    status: int
    notSupportCgId: list[int]
    notSupportCode: list[str]
    notSupportCgVersions: list[NotSupportedVersion]
    notSupportPluginList: list[str]


class PackNode(TypedDict):
    """Nodes rented as a package."""

    packNodeId: int
    packName: str
