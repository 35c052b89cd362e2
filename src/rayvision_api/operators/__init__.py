"""What may be asked of a farm, by subject."""

from rayvision_api.operators.query import QueryOperator
from rayvision_api.operators.tag import TagOperator
from rayvision_api.operators.task import TaskOperator
from rayvision_api.operators.transmit import TransmitOperator
from rayvision_api.operators.user import UserOperator

__all__ = ["QueryOperator", "TagOperator", "TaskOperator", "TransmitOperator", "UserOperator"]
