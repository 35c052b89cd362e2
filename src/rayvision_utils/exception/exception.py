"""The errors of an analysis, by their published names.

A finding about a scene is no error but a tip (``rayvision_utils.exception.tips``); an error ends
the analysis.
"""

from __future__ import annotations

from urllib.request import HTTPErrorProcessor, Request

from rayvision_api.exception import RayvisionAPIError, RayvisionError, RayvisonTaskIdError

__all__ = [
    "AnalyseFailError",
    "AnalyzeError",
    "CGExeNotExistError",
    "CGFileNameIllegalError",
    "CGFileNotExistsError",
    "CGFileZipFailError",
    "CompressionFailedError",
    "DecompressionFailedError",
    "FileNameContainsChineseError",
    "GetCGLocationError",
    "GetCGVersionError",
    "GetRendererError",
    "MaxDamageError",
    "MaxExeNotExistError",
    "MultiScatterAndVrayConfilictError",
    "ProjectMaxVersionError",
    "RayvisionAPIError",
    "RayvisionError",
    "RayvisionHTTPErrorProcessor",
    "RayvisonTaskIdError",
    "VersionNotMatchError",
]


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
