"""The errors of the client and of an analysis, by their published names.

Names, arguments, attributes and texts are the published ones; ``FarmNotReachable`` is ours. A finding about a
scene is no error but a tip (``rayvision_utils.exception.tips``); an error ends the analysis.
"""

from __future__ import annotations

from typing import Any
from urllib.request import HTTPErrorProcessor, Request

PYTHON_ERROR = 1000000
"""The published code of an error that the client itself raises."""

KEY_ERROR = 1000002
"""The published code of a key that task.json lacks, or has already."""

TYPE_ERROR = 1000003
"""The published code of an argument of a wrong type."""

NOT_FOUND = 1000004
"""The published code of a file that is not there."""

TASK_ID_ERROR = 2000
"""The published code of a task number that is missing or no number."""


FARM_ADVICE = "check the address and the network, and that the farm is running"


class RayvisionError(Exception):
    """Something went wrong: ``error_code`` says what kind, ``error`` in words."""

    def __init__(self, error_code: int | str, error: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(error_code, error, *args)
        self.error_code = error_code
        self.error = error
        # Published callers may pass further facts by name; they become attributes and nothing else.
        self.__dict__.update(kwargs)

    def __str__(self) -> str:
        return f"RayvisionError: {self.error_code}: {self.error}"


class RayvisionAPIError(RayvisionError):
    """The farm said no: its code, its words, and ``request``, the address that was asked."""

    def __init__(self, error_code: int | str, error: str, request: str) -> None:
        super().__init__(error_code, error, request)
        self.request = request

    def __str__(self) -> str:
        return f"Error code: {self.error_code}, Error message: {self.error}, URL: {self.request}"


class RayvisonTaskIdError(RayvisionError):
    """A task number is missing or is no whole number; ``error_code`` is always 2000.

    Published with two argument lists, ``(error)`` and ``(error_code, error)``; both are understood, by
    position and by name, and whatever code is given has no effect.
    """

    def __init__(self, *code_and_error: Any, error_code: Any = None, error: Any = "no task id") -> None:  # noqa: ARG002 published
        super().__init__(TASK_ID_ERROR, str(code_and_error[-1] if code_and_error else error))

    def __str__(self) -> str:
        return f"Error code: {self.error_code}, Error message: {self.error}"


class FarmNotReachable(RayvisionError):
    """No answer of a farm came from ``url``; ``reason`` says why, in the words of the network.

    The request was tried again where that is harmless; it may or may not have arrived. ``advice`` says what
    to do about it.
    """

    def __init__(
        self,
        url: str,
        reason: str,
        advice: str = FARM_ADVICE,
    ) -> None:
        super().__init__(PYTHON_ERROR, f"no farm answers at {url}: {reason}; {advice}")
        self.args = (url, reason, advice)  # what a copy in another process is made from
        self.url = url
        self.reason = reason
        self.advice = advice


class CannotUse(RayvisionError):
    """Something was asked for that is not to be had; published without arguments, or with code and words."""

    def __init__(self, error_code: int | str = PYTHON_ERROR, error: str = "") -> None:
        super().__init__(error_code, error or str(type(self).__doc__))


class UploadFileNotSupportError(CannotUse):
    """A file of this name is no document of a task."""


class HardwareConfigIdError(CannotUse):
    """The farm has no such hardware, or it does not render this version."""


class NotSupportPluginError(CannotUse):
    """The hardware does not render with a plug-in of the scene."""


class NotSupportCGSoftwareError(CannotUse):
    """The hardware does not render this application."""


class NotSupportHardwareCodeError(CannotUse):
    """The hardware does not render scenes with a finding that this one has."""


class AnalyzeError(Exception):
    """An analysis could not be made."""


class MaxDamageError(AnalyzeError):
    """The 3ds Max scene is damaged."""


class MaxExeNotExistError(AnalyzeError):
    """3ds Max is not on this machine."""


class CGExeNotExistError(AnalyzeError):
    """The application is not on this machine."""


class ProjectMaxVersionError(AnalyzeError):
    """The project's version of 3ds Max cannot be used."""


class GetCGVersionError(AnalyzeError):
    """The scene does not say which version saved it."""


class GetRendererError(AnalyzeError):
    """The scene does not say which renderer it uses."""


class GetCGLocationError(AnalyzeError):
    """Where the application is installed could not be found out."""


class MultiScatterAndVrayConfilictError(AnalyzeError):
    """MultiScatter and V-Ray exclude each other."""


class VersionNotMatchError(AnalyzeError):
    """The scene's version and the chosen one differ."""


class CGFileNotExistsError(AnalyzeError):
    """There is no such scene, or no such folder to work in."""


class CGFileZipFailError(AnalyzeError):
    """The scene could not be compressed."""


class CGFileNameIllegalError(AnalyzeError):
    """The scene's name or path cannot be kept by a farm."""


class AnalyseFailError(AnalyzeError):
    """The scene could not be read; tips.json says the same under its code."""


class FileNameContainsChineseError(AnalyzeError):
    """The scene's name holds Chinese characters where the application takes none."""


class CompressionFailedError(Exception):
    """Something could not be compressed."""


class DecompressionFailedError(Exception):
    """Something could not be unpacked."""


class RayvisionHTTPErrorProcessor(HTTPErrorProcessor):
    """Passes answers of success and of code 400 on as they are; all others go to the error handlers."""

    def http_response(self, request: Request, response):  # type: ignore[no-untyped-def]  # as in its base
        """The answer, or what the handlers make of it."""
        code = response.code
        if 200 <= code < 300 or code == 400:
            return response
        return self.parent.error("http", request, response, code, response.msg, response.info())

    https_response = http_response
