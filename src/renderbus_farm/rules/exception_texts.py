"""What the codes of refusals and of the client's own errors mean, and what to do, in English and Chinese.

Source: the published table of codes, with its names; the texts are ours. A farm of ours sends few of them:
accounts, phones and payments are none of its business, but a client may ask about any code.
"""

from __future__ import annotations

from typing import Final

Text = tuple[str, str]
"""Meaning and what to do."""

Both = tuple[Text, Text]
"""The same in English and in Chinese."""

_AGAIN = ("Try again; if it goes on, ask the farm's owner.", "请重试;若持续出现,请联系管理员。")
_VALUE = ("Correct what the message names and ask again.", "请按提示更正后重试。")
_OWNER = ("Ask the farm's owner.", "请联系管理员。")
_NONE = ("Nothing has to be done.", "无需处理。")
_LOGIN = ("Check name and password, or use an access key.", "请检查用户名和密码,或使用访问密钥。")
_PHONE = ("Ask for a new code and enter it again.", "请重新获取并输入验证码。")
_OTHER = ("Choose another one.", "请更换后重试。")
_CLIENT = ("Read the error's own text; it names the value.", "请查看错误信息中的具体内容。")
_FILE = ("Check the path and that the file can be read.", "请检查路径及文件读取权限。")
_LOG_IN_OTHERWISE = ("Log in with name and password.", "请使用用户名和密码登录。")

# fmt: off
_TABLE: Final = (
    ("100", "failed", "操作失败", _AGAIN),
    ("200", "success", "操作成功", _NONE),
    ("301", "the farm is at another address", "服务地址已变更", _OWNER),
    ("400", "bad request", "请求错误", _VALUE),
    ("403", "not allowed", "没有权限", _OWNER),
    ("404", "there is no such thing in this account", "资源不存在",
        ("Check the id, and that it belongs to this account.", "请检查编号及其所属账号。")),
    ("500", "the farm failed to answer", "服务器内部错误", _AGAIN),
    ("513", "the user's data was not found", "用户数据不存在", _OWNER),
    ("600", "a value makes no sense", "参数不合法", _VALUE),
    ("601", "a value is missing", "缺少必填参数", _VALUE),
    ("602", "nobody has this access id", "需要登录", ("Check the access id.", "请检查 accessId。")),
    ("603", "not a request of this interface", "非法请求", _VALUE),
    ("604", "wrong code from the phone", "手机验证码错误", _PHONE),
    ("605", "not enough rights", "权限不足", _OWNER),
    ("606", "wrong verification code", "验证码错误", _PHONE),
    ("607", "the code could not be sent", "验证码发送失败", _AGAIN),
    ("608", "the account belongs to another region", "账号所属区域不匹配",
        ("Use the address of the account's region.", "请使用账号所属区域的地址。")),
    ("610", "the signature has expired", "签名已过期",
        ("Set this machine's clock and try again.", "请校准本机时间后重试。")),
    ("611", "the signature is not valid", "签名无效",
        ("Check the access key and the farm's address.", "请检查访问密钥和服务地址。")),
    ("700", "there are no more records", "没有更多记录", _NONE),
    ("800", "there is no such account", "账号不存在", _LOGIN),
    ("801", "the device is not bound to an account", "设备未绑定", _LOG_IN_OTHERWISE),
    ("802", "the account could not be bound", "绑定失败", _AGAIN),
    ("804", "the account is switched off", "账号已被禁用", _OWNER),
    ("805", "wrong name or password", "用户名或密码错误", _LOGIN),
    ("806", "no account is bound to this login", "第三方账号未绑定用户", _LOG_IN_OTHERWISE),
    ("807", "the phone is bound to no such login", "手机号未绑定第三方账号", _LOG_IN_OTHERWISE),
    ("808", "the phone is bound to another user", "手机号已绑定其他用户", _OTHER),
    ("809", "login by WeChat failed", "微信登录失败", _LOG_IN_OTHERWISE),
    ("810", "login by Weibo failed", "微博登录失败", _LOG_IN_OTHERWISE),
    ("811", "the logout failed", "退出登录失败", _AGAIN),
    ("812", "logins from this address are not allowed", "当前地址不允许登录", _OWNER),
    ("813", "login by QQ failed", "QQ 登录失败", _LOG_IN_OTHERWISE),
    ("814", "the software was chosen already", "软件已选择", _NONE),
    ("815", "the login is bound already", "第三方账号已存在", _OTHER),
    ("900", "the phone number is in use", "手机号已存在", _OTHER),
    ("901", "the mail address is in use", "邮箱已存在", _OTHER),
    ("902", "the user name is in use", "用户名已存在", _OTHER),
    ("903", "the mail address is bound to no account", "邮箱未绑定账号", _OTHER),
    ("904", "the currency is not accepted", "不支持该币种", _OTHER),
    ("905", "the agent is not accepted", "不支持该代理", _OTHER),
    ("906", "the amount is not accepted", "不支持该金额", _OTHER),
    ("908", "the coupon is not accepted", "优惠券不可用", _OTHER),
    ("909", "the way of payment is not accepted", "不支持该支付方式", _OTHER),
    ("910", "there is no order to invoice", "没有可开票的订单", _VALUE),
    ("911", "the invoice has no address", "缺少发票地址", _VALUE),
    ("912", "the sub account still has tasks", "子账号仍有任务",
        ("Delete its tasks or wait for their end.", "请删除任务或等待任务结束。")),
    ("913", "the sub account is in arrears", "子账号欠费", ("Settle what it owes.", "请先结清欠费。")),
    ("914", "the sub account still has a balance", "子账号仍有余额", ("Move its balance.", "请先转移余额。")),
    ("915", "the invoice has no data", "缺少发票信息", _VALUE),
    ("916", "the kind of invoice does not fit", "发票类型不匹配", _OTHER),
    ("920", "this client is the newest", "已是最新版本", _NONE),
    ("1000", "the farm's cache failed", "缓存异常", _AGAIN),
    ("2000", "the task's data is empty, or its id is no number", "任务信息为空或任务编号不是整数", _CLIENT),
    ("20003", "the path of tips.json is not defined", "未定义 tips.json 路径", _CLIENT),
    ("20004", "a document could not be uploaded, several times", "配置文件多次上传失败",
        ("Check the network and submit again.", "请检查网络后重新提交。")),
    ("20020", "the login failed", "登录失败", _LOGIN),
    ("200001", "a file to be cut is missing", "要切分的文件不存在", _FILE),
    ("200024", "the transmitter was started with wrong arguments", "传输程序参数错误", _CLIENT),
    ("200025", "a file cannot be uploaded", "文件无法上传", _FILE),
    ("1000000", "an error in the scene or in the call", "场景或调用出错", _CLIENT),
    ("1000001", "the hardware does not render this version", "该硬件不支持此软件版本",
        ("Choose other hardware or another version.", "请选择其他硬件或版本。")),
    ("1000002", "a member of task.json is missing, or there twice", "task.json 缺少字段或字段重复", _CLIENT),
    ("1000003", "a value has the wrong type", "参数类型错误", _CLIENT),
    ("1000004", "a file was not found", "文件不存在", _FILE),
    ("1000005", "a file cannot be read", "文件无法读取", _FILE),
    ("1000006", "a path to upload was not found", "上传路径不存在", _FILE),
)
# fmt: on

EXCEPTION_TEXTS: Final[dict[str, Both]] = {
    code: ((english, solution[0]), (chinese, solution[1])) for code, english, chinese, solution in _TABLE
}
