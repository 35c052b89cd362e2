"""What may be asked of a farm, by subject; the shorter names are those of the first packages."""

from rayvision_api.operators.env import RenderEnv, RenderEnvOperator
from rayvision_api.operators.query import Query, QueryOperator
from rayvision_api.operators.tag import Tag, TagOperator
from rayvision_api.operators.task import Task, TaskOperator
from rayvision_api.operators.transmit import TransmitOperator
from rayvision_api.operators.user import User, UserOperator

__all__ = [
    "Query",
    "QueryOperator",
    "RenderEnv",
    "RenderEnvOperator",
    "Tag",
    "TagOperator",
    "Task",
    "TaskOperator",
    "TransmitOperator",
    "User",
    "UserOperator",
]
