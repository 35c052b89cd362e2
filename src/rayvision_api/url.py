"""The names of the interface paths, where published packages keep them; see ``rayvision_api.api.url``."""

from rayvision_api.api.url import URL, ApiUrl, LaterApiUrl, assemble_api_url

__all__ = ["URL", "ApiUrl", "LaterApiUrl", "assemble_api_url"]
