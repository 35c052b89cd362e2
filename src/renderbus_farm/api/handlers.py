"""``@handles(OPERATION)``: ties a function to its operation; and the ``Farm`` that each is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Generic, Protocol

from renderbus_farm.accounts import Accounts
from renderbus_farm.environments import Environments
from renderbus_farm.events import Events
from renderbus_farm.labels import AccountLabels
from renderbus_farm.offers import Offers
from renderbus_farm.records import Records
from renderbus_farm.rules.people import User
from renderbus_farm.tasks.changes import TaskChanges
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.files import ResultTree
from renderbus_farm.tasks.frames import Frames
from renderbus_farm.tasks.lists import TaskLists
from renderbus_farm.tasks.results import Results
from renderbus_farm.transfers import Transfers
from renderbus_model.wire.operation import Ask, Operation, Reply

QUICK_PAGE = 100
"""Items; what clients ask for unless somebody chose otherwise."""


@dataclass(frozen=True, slots=True)
class Farm:
    """What handlers act on; ``public_names`` are those under which clients reach the farm."""

    tasks: Tasks
    changes: TaskChanges
    lists: TaskLists
    frames: Frames
    results: Results
    files: ResultTree
    transfers: Transfers
    accounts: Accounts
    labels: AccountLabels
    offers: Offers
    environments: Environments
    records: Records
    events: Events
    public_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler(Generic[Ask, Reply]):
    """An operation and the function that answers it.

    Attributes:
        quick: whether this question is answered in less time than handing it to another thread takes. It is
            then answered by the thread that serves all connections, so it must neither write nor wait.
        large_body: its bodies carry documents or manifests.
    """

    operation: Operation[Ask, Reply]
    function: Callable[[Farm, User, Ask], Reply]
    quick: Callable[[Ask], bool]
    large_body: bool

    def read(self, body: Mapping[str, Any]) -> Ask:
        """The question in a body.

        Raises:
            BadAsk: the body does not answer to the operation.
        """
        return self.operation.read_ask(body)

    def answer(self, farm: Farm, caller: User, ask: Ask) -> Reply:
        """The reply to a question.

        Raises:
            Refusal: the farm says no.
        """
        return self.function(farm, caller, ask)


def never(ask: object) -> bool:  # noqa: ARG001 - the same whatever is asked
    """No question of the operation is quick."""
    return False


class PageQuery(Protocol):
    """A question for a page of a list."""

    @property
    def page_size(self) -> int: ...
    @property
    def search_keyword(self) -> str | None: ...


def is_quick_page(ask: PageQuery) -> bool:
    """A page of usual size, found by an index: a few ms, of which threads would make twice as many.

    SQLite's driver lets go of the interpreter at every row, so that two threads hand it to each other all the
    time. A search looks at every row and takes as long as it takes.
    """
    return ask.page_size <= QUICK_PAGE and not ask.search_keyword


def handles(
    operation: Operation[Ask, Reply], *, quick: Callable[[Ask], bool] = never, large_body: bool = False
) -> Callable[[Callable[[Farm, User, Ask], Reply]], Handler[Ask, Reply]]:
    """The decorated function answers ``operation``; the type checker holds it to question and reply."""

    def tie(function: Callable[[Farm, User, Ask], Reply]) -> Handler[Ask, Reply]:
        return Handler(operation, function, quick, large_body)

    return tie


def by_path(modules: Iterable[ModuleType]) -> dict[str, Handler[Any, Any]]:
    """The handlers that these modules hold, under every path their operations are known by."""
    return {
        path: handler
        for module in modules
        for handler in vars(module).values()
        if isinstance(handler, Handler)
        for path in handler.operation.paths
    }
