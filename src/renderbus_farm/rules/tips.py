"""What the codes of an analysis and of errors mean, and what to do about each, in English and Chinese.

Source: the tip codes and their names are published (``rayvision_utils.exception.tips_code``), the texts and
most of the types are not; these are ours. 60001 and above are codes of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from renderbus_farm.rules.exception_texts import EXCEPTION_TEXTS, Both
from renderbus_model.tip_codes import ERROR_CODES

CHINESE, ENGLISH = "0", "1"


@dataclass(frozen=True, slots=True)
class TipText:
    """A code in one language. ``is_error`` stops the check; otherwise it is a warning."""

    code: str
    is_error: bool
    description: str
    solution: str


def tip_text(code: str, language: str) -> TipText:
    """The text of a code; ``language`` other than ``ENGLISH`` is Chinese, as published.

    A code that nobody knows is a warning, so that a newer client is not stopped by an older farm.
    """
    english, chinese = _TEXTS.get(code) or EXCEPTION_TEXTS.get(code, _UNKNOWN)
    description, solution = english if language == ENGLISH else chinese
    return TipText(code, code in ERROR_CODES, description, solution)


def known_codes() -> tuple[str, ...]:
    """Every code that has a text of its own."""
    return (*_TEXTS, *EXCEPTION_TEXTS)


def _missing(english: str, chinese: str) -> Both:
    return (
        (f"{english} missing", "Put the files back or correct their paths in the scene, and analyse again."),
        (f"缺少{chinese}", "请补齐文件或在场景中修正路径,然后重新分析。"),
    )


def _unsupported(english: str, chinese: str) -> Both:
    return (
        (f"{english} cannot be rendered here", "Turn it off or replace it in the scene, and analyse again."),
        (f"不支持{chinese}", "请在场景中关闭或替换后重新分析。"),
    )


def _check(english: str, chinese: str, solution: str, chinese_solution: str) -> Both:
    return (english, solution), (chinese, chinese_solution)


_UNKNOWN = _check(
    "unknown tip", "未知提示", "Read the tip's own text in tips.json.", "请查看 tips.json 中的说明。"
)

# fmt: off
_TEXTS: dict[str, Both] = {
    "999": _check("unknown error", "未知错误",
        "Read the tip's own text in tips.json.", "请查看 tips.json 中的说明。"),
    "10010": _check("bad material", "材质异常", "Repair or replace the material.", "请修复或替换该材质。"),
    "10011": _missing("FumeFX cache", "FumeFX 缓存"),
    "10012": _missing("file used by the scene", "场景引用的文件"),
    "10013": _check("gamma is on", "启用了伽马", "Check that this is meant.", "请确认是否需要。"),
    "10014": _unsupported("the add-to-composition map", "添加到合成的贴图"),
    "10015": _unsupported("several frames at once", "多帧渲染"),
    "10016": _unsupported("PPT", "PPT"),
    "10017": _check("VRImg file is not defined", "未定义 VRImg 文件", "Name the file.", "请指定文件。"),
    "10018": _missing("Alembic cache", "Alembic 缓存"),
    "10019": _missing("Krakatoa cache", "Krakatoa 缓存"),
    "10020": _missing("XMesh cache", "XMesh 缓存"),
    "10021": _missing("RealFlow cache", "RealFlow 缓存"),
    "10022": _missing("PhoenixFD cache", "PhoenixFD 缓存"),
    "10023": _missing("V-Ray irradiance map", "V-Ray 发光贴图"),
    "10024": _missing("V-Ray light map", "V-Ray 灯光缓存"),
    "10025": _missing("referenced file or library", "外部引用文件"),
    "10026": _missing("referenced object", "外部引用对象"),
    "10027": _missing("frame of an image sequence", "序列贴图"),
    "10028": _missing("OpenVDB volume", "VDB 文件"),
    "10030": _missing("V-Ray proxy", "VRMesh 代理"),
    "10032": _missing("hair cache", "毛发缓存"),
    "10033": _check("3ds Max is not the English one", "非英文版 Max",
        "Use the English version.", "请使用英文版。"),
    "15000": _check("the application does not start or hangs", "启动软件失败或卡死",
        "Open the scene in the application once, then analyse again.", "请先手动打开场景,然后重新分析。"),
    "15002": _check("the scene cannot be read", "读取场景信息失败",
        "Open and save the scene in its application; a cut-off download must be fetched again.",
        "请在软件中打开并重新保存场景;若文件下载不完整请重新下载。"),
    "15004": _unsupported("this renderer", "该渲染器"),
    "15005": _missing("renderer", "渲染器"),
    "15006": _check("the scene has no camera to render", "场景没有可渲染的相机",
        "Set the scene's camera, or choose one, and analyse again.", "请设置或选择相机后重新分析。"),
    "15009": _check("the scene could not be compressed", "压缩场景失败",
        "Check free disk space and try again.", "请检查磁盘空间后重试。"),
    "15010": _check("a proxy is on", "启用了代理", "Check that this is meant.", "请确认是否需要。"),
    "15011": _check("the task's folder could not be made", "创建任务目录失败",
        "Check the workspace folder.", "请检查工作目录。"),
    "15012": _check("the task could not be created", "创建任务失败", "Try again.", "请重试。"),
    "15013": _check("the scene was saved by another version than was chosen", "场景版本与所选版本不一致",
        "Choose the version that saved the scene, or check the pictures.",
        "请选择一致的版本或检查渲染结果。"),
    "15015": _check("two cameras have one name", "相机重名", "Rename one of them.", "请重命名。"),
    "15016": _check("two render elements have one name", "渲染元素重名", "Rename one of them.", "请重命名。"),
    "15017": _check("channel file is not defined", "未定义通道文件", "Name the file.", "请指定文件。"),
    "15018": _check("a proxy names no file", "代理文件路径为空", "Name the file.", "请指定文件。"),
    "15019": _check("the application is not installed", "未安装软件", "Install it.", "请安装软件。"),
    "15020": _check("V-Ray's version does not fit", "VRay 版本不匹配",
        "Choose the version that saved the scene.", "请选择匹配的版本。"),
    "15021": _check("MultiScatter and V-Ray do not fit", "MultiScatter 与 VRay 冲突",
        "Choose versions that fit each other.", "请选择兼容的版本。"),
    "15022": _check("RealFlow's version does not fit", "RealFlow 版本不匹配",
        "Choose the version that saved the scene.", "请选择匹配的版本。"),
    "15023": _check("two textures have one name", "贴图重名", "Rename one of them.", "请重命名。"),
    "15024": _missing("scene file", "场景文件"),
    "15028": _check("the project file cannot be opened", "无法打开工程文件",
        "Check the file and its rights.", "请检查文件及权限。"),
    "15029": _check("the project file has wrong content", "工程文件内容错误",
        "Save it again in its application.", "请在软件中重新保存。"),
    "15030": _check("3ds Max runs with too many rights", "Max 权限过高",
        "Start it as an ordinary user.", "请以普通用户启动。"),
    "15031": _check("the task could not be read", "获取任务失败", "Try again.", "请重试。"),
    "15032": _check("a material's path is too long", "材质路径过长",
        "Move it to a shorter path.", "请缩短路径。"),
    "15033": _check("the scene's name is not allowed", "场景名称不合法",
        "Rename the file: letters, digits, - and _.", "请重命名文件,仅用字母、数字、- 和 _。"),
    "20001": _UNKNOWN,
    "20012": _UNKNOWN,
    "25009": _missing("referenced file", "引用文件"),
    "50001": _missing("files of the Houdini scene", "Houdini 场景文件"),
    "50002": _missing("cameras of the Houdini scene", "Houdini 相机"),
    "50003": _check("a camera differs", "相机不一致", "Check the camera.", "请检查相机。"),
    "50007": _unsupported("this kind of slice", "该切片类型"),
    "50008": _check("more than 16 slices", "切片超过 16 个", "Use 16 at most.", "请不要超过 16 个。"),
    "60001": _check("drivers of the scene need Python, which does not run for this account",
        "场景的驱动器需要 Python,该账号未开放脚本",
        "Ask the farm's owner to allow scripts, or bake the drivers; until then their values stay as saved.",
        "请联系管理员开放脚本或烘焙驱动器;否则其数值保持保存时的状态。"),
    "60002": _check("the scene writes a movie; its frames are rendered as PNG pictures",
        "场景输出为视频,将渲染为 PNG 序列",
        "Make the movie from the pictures, or choose a picture format.", "请用序列合成视频,或选择图片格式。"),
    "60004": _check("the scene's frame range ends before it starts", "帧范围的结束早于开始",
        "Correct the range, or choose frames.", "请更正帧范围,或指定要渲染的帧。"),
    "60005": _check("no view layer of the scene is on for rendering", "没有启用任何视图层",
        "Switch a view layer on, or choose one.", "请启用或指定一个视图层。"),
    "60006": _check("a library is packed into the scene, and the files that it names are not looked for",
        "场景内打包了链接库,其引用的文件未检查",
        "Unpack the library (File > External Data > Unpack Linked Libraries), save, and analyse again.",
        "请解包链接库(文件 > 外部数据 > 解包链接库),保存后重新分析。"),
    "60007": _check("the scene was saved on a big-endian machine, and Blender 5 refuses such files",
        "场景由大端序机器保存,Blender 5 无法打开",
        "Open it in Blender 2.80 to 4.x and save it again.", "请用 Blender 2.80 至 4.x 打开并重新保存。"),
    "60010": _check("the scene may be cut off: it has no closing comment", "场景可能不完整,缺少结尾注释",
        "Open the scene in Maya and save it again.", "请在 Maya 中打开并重新保存场景。"),
    "60011": _check("a script of the scene runs when it is opened or rendered", "场景打开或渲染时会运行脚本",
        "Check that the script runs without you and without files of yours.",
        "请确认脚本可在无人值守的机器上运行。"),
    "60012": _check("a reference of the scene is not loaded", "场景中有未加载的引用",
        "Load it if it should render, save the scene, and analyse again.",
        "如需渲染请加载该引用,保存后重新分析。"),
    "60030": _check("a file is not where the scene says, and was found elsewhere",
        "文件不在场景所写的路径,已在别处找到",
        "Correct the path in the scene: the farm looks where the scene says.", "请在场景中修正路径。"),
    "60031": _check("nothing in the scene is set to render", "场景中没有可渲染的节点",
        "Make a ROP or an image for what is to be rendered, or choose simulations.",
        "请添加渲染节点或图像,或选择要解算的节点。"),
    "60032": _check("the scene was saved with a limited licence", "场景由受限许可证保存",
        "It renders only where Houdini has a licence of the same class (Indie or Apprentice).",
        "仅能在同类许可证(Indie 或 Apprentice)的 Houdini 中渲染。"),
    "60033": _check("a value that names a file is known to the application only", "文件路径需由软件计算",
        "Check that the file goes along; add it to upload.json if need be.",
        "请确认该文件会一同上传,必要时加入 upload.json。"),
    "60034": _check("a variable in a path has no value here", "路径中的变量没有值",
        "Set the variable in the environment, or write the path out.", "请设置该环境变量或写完整路径。"),
    "60035": _check("a driver is of a type that is not known", "未知的驱动节点类型",
        "It is left out; check whether something must be rendered by it.",
        "该节点已忽略,请确认是否需要渲染。"),
    "60036": _check("the scene uses a plug-in that was not chosen", "场景使用了未选择的插件",
        "Name it in plugin_config with its version.", "请在 plugin_config 中填写插件及版本。"),
    "60037": _check("references lead in a circle", "引用形成循环",
        "Take one of them out; what was read before it is there.", "请移除其中一个引用。"),
    "60038": _check("a file that names further files could not be looked into", "无法读取引用其他文件的文件",
        "Install usd-core for binary USD layers, or add what is needed to upload.json.",
        "请安装 usd-core,或将所需文件加入 upload.json。"),
}
# fmt: on
