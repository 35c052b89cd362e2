"""What the check step asks of the farm and of an analysis."""

from __future__ import annotations

from typing import Any, Protocol


class _Numbers(Protocol):
    @property
    def task_id(self) -> int: ...


class _Texts(Protocol):
    def error_detail(self, code: str | int, language: str = ...) -> Any: ...

    def supported_plugin(self, name: str | int) -> Any: ...


class _Kinds(Protocol):
    def get_hardware_config(self) -> Any: ...


class _Address(Protocol):
    domain: str


class Api(Protocol):
    """What the check asks of a ``RayvisionAPI``."""

    @property
    def task(self) -> _Numbers: ...

    @property
    def query(self) -> _Texts: ...

    @property
    def user(self) -> _Kinds: ...

    @property
    def connect(self) -> _Address: ...

    platform: str

    def get_user_id(self) -> int: ...

    def check_and_add_project_name(self, project_name: str) -> str: ...


class Analyzed(Protocol):
    """What the check reads of an ``Analyze…`` object."""

    task_json: str
    tips_json: str
    asset_json: str
    upload_json: str

    @property
    def tips_info(self) -> dict[str, Any]: ...
