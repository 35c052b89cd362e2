"""Handlers of the operations on labels, which are also the projects of task.json."""

from __future__ import annotations

from renderbus_farm.api.handlers import Farm, handles
from renderbus_farm.rules.people import User
from renderbus_model.wire.label import ADD_LABEL, GET_LABEL_LIST, AddLabel, Labels
from renderbus_model.wire.operation import Nothing


@handles(ADD_LABEL)
def add_label(farm: Farm, caller: User, ask: AddLabel) -> None:
    """A label that is there already is left as it is."""
    farm.accounts.add_label(ask, by=caller)


@handles(GET_LABEL_LIST)
def get_label_list(farm: Farm, caller: User, ask: Nothing) -> Labels:  # noqa: ARG001 - asks nothing
    """All labels of the caller."""
    return farm.accounts.labels(by=caller)
