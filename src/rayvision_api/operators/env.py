"""Render environments: an application in one version, with plug-ins, under a name of the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from rayvision_api.answers import RenderEnvItem, RenderEnvName
from rayvision_api.applications import cg_id_of
from rayvision_api.exception import TYPE_ERROR, RayvisionError
from rayvision_api.operators.operator import Operator, several
from renderbus_model.wire import plugin
from renderbus_model.wire.operation import Operation

ENV_MEMBERS = ("cgId", "cgName", "cgVersion", "renderLayerType", "editName", "renderSystem", "pluginIds")


class RenderEnvOperator(Operator):
    """Operations on render environments. The interface pages name the argument ``render_env``."""

    def add_render_env(
        self, data: Mapping[str, Any] | None = None, *, render_env: Mapping[str, Any] | None = None
    ) -> RenderEnvName:
        """Keep a render environment.

        Args:
            data: ``cgId`` of the application, its ``cgName`` and ``cgVersion``, the environment's
                ``editName``, ``renderLayerType`` (Maya's: 0 render layer, 1 render setup),
                ``renderSystem`` (0 Linux, 1 Windows) and ``pluginIds`` as ``query.supported_plugin`` lists
                them. Numbers may be given as text. ``projectPath`` is kept as it is.
            render_env: the same by its other published name.

        Returns:
            The name of the environment.

        Raises:
            RayvisionError: 1000003, a member is missing or of the wrong kind.
            RayvisionAPIError: the farm has no such application, version or plug-in.

        >>> maya = {"cgId": "2000", "cgName": "Maya", "cgVersion": "2020", "renderLayerType": 0,
        ...         "editName": "testRenderEnv", "renderSystem": "0", "pluginIds": []}
        >>> api.env.add_render_env(maya)
        {'editName': 'testRenderEnv'}
        """
        return cast(RenderEnvName, self._write(plugin.ADD_RENDER_ENV, data, render_env))

    def update_render_env(
        self, data: Mapping[str, Any] | None = None, *, render_env: Mapping[str, Any] | None = None
    ) -> Any:
        """Change the render environment that ``editName`` names.

        Args:
            data: as for ``add_render_env``.
            render_env: the same by its other published name.

        Returns:
            None.

        Raises:
            RayvisionError: 1000003, a member is missing or of the wrong kind.
            RayvisionAPIError: there is no such environment.

        >>> maya = {"cgId": 2000, "cgName": "Maya", "cgVersion": "2020", "renderLayerType": 0,
        ...         "editName": "testRenderEnv", "renderSystem": 0, "pluginIds": []}
        >>> made = api.env.add_render_env(render_env=maya)
        >>> api.env.update_render_env(render_env={**maya, "renderLayerType": 1})
        >>> api.env.get_render_env("maya")[0]["renderLayerType"]
        1
        """
        return self._write(plugin.UPDATE_RENDER_ENV, data, render_env)

    def delete_render_env(self, edit_name: str) -> Any:
        """Forget a render environment.

        Args:
            edit_name: its name.

        Returns:
            None.

        Raises:
            RayvisionAPIError: there is no such environment.

        >>> maya = {"cgId": 2000, "cgName": "Maya", "cgVersion": "2020", "renderLayerType": 0,
        ...         "editName": "testRenderEnv", "renderSystem": 0, "pluginIds": []}
        >>> made = api.env.add_render_env(maya)
        >>> api.env.delete_render_env("testRenderEnv")
        >>> api.env.get_render_env("maya")
        []
        """
        return self._ask(plugin.DELETE_RENDER_ENV, editName=edit_name)

    def set_default_render_env(self, edit_name: str) -> Any:
        """Take this render environment where a task names none.

        Args:
            edit_name: its name.

        Returns:
            None.

        Raises:
            RayvisionAPIError: there is no such environment.

        >>> maya = {"cgId": 2000, "cgName": "Maya", "cgVersion": "2020", "renderLayerType": 0,
        ...         "editName": "testRenderEnv", "renderSystem": 0, "pluginIds": []}
        >>> made = api.env.add_render_env(maya)
        >>> api.env.set_default_render_env("testRenderEnv")
        >>> api.env.get_render_env("maya")[0]["isDefault"]
        1
        """
        return self._ask(plugin.SET_DEFAULT_RENDER_ENV, editName=edit_name)

    def get_render_env(
        self,
        name: str | None = None,
        cg_names: Sequence[str] | None = None,
        os_name: int | None = None,
    ) -> list[RenderEnvItem]:
        """The caller's render environments.

        Args:
            name: only those of this application, e.g. ``maya``, ``houdini``, ``3dsmax``.
            cg_names: only those of these applications.
            os_name: only those for Linux (0) or Windows (1).

        Raises:
            RayvisionError: 1000000, no application has this name.

        >>> api.env.get_render_env("houdini")
        []
        """
        answer = self._ask(
            plugin.GET_RENDER_ENV,
            cgId=None if name is None else cg_id_of(name),
            cgIds=None if cg_names is None else [cg_id_of(one) for one in several(cg_names)],
            osName=os_name,
        )
        return cast("list[RenderEnvItem]", answer)

    def _write(
        self,
        operation: Operation[Any, Any],
        data: Mapping[str, Any] | None,
        render_env: Mapping[str, Any] | None,
    ) -> Any:
        given = data if render_env is None else render_env
        if not isinstance(given, Mapping):
            raise RayvisionError(
                TYPE_ERROR, f"{operation.path}: expected a render environment with {', '.join(ENV_MEMBERS)}"
            )
        return self._ask(operation, **{str(name): value for name, value in given.items()})


class RenderEnv(RenderEnvOperator):
    """The name of the first packages."""
