"""Who asks, and what each account has chosen for all of its tasks."""

from __future__ import annotations

from dataclasses import dataclass, field

API_CHANNEL = 4
"""``channel`` of requests that come from the API or the SDK."""

DEFAULT_PLATFORM = 2


@dataclass(frozen=True, slots=True)
class Visit:
    """How a request came to the farm.

    Attributes:
        host: the name, with port where needed, under which the sender reached the farm; not to be trusted.
        user_agent: the program that asks, as it calls itself.
        channel: 1 web with local analysis, 2 with cloud analysis, 3 rendering plug-in, 4 API or SDK, 8
            animation plug-in.
        platform: the number of the farm's area that the sender named.
    """

    host: str = ""
    user_agent: str = ""
    channel: int = API_CHANNEL
    platform: int = DEFAULT_PLATFORM


@dataclass(frozen=True, slots=True)
class User:
    """An account of the farm, as operations see it: everything but its key.

    Attributes:
        id: ``userId`` on the wire.
        access_id: the public half of its credentials.
        allow_scripts: Python inside its scenes may run on the farm's machines.
        visit: how the request came that it asks with; an account is the same whatever it says.
    """

    id: int
    name: str
    access_id: str
    allow_scripts: bool = False
    visit: Visit = field(default=Visit(), compare=False)

    def on(self, visit: Visit) -> User:
        """The same account on this visit; ``replace`` would take longer than checking the signature."""
        return User(self.id, self.name, self.access_id, self.allow_scripts, visit)


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What an account has chosen for all of its tasks; an account that chose nothing has these values.

    Attributes:
        task_over_time_s: a task that renders longer is reported as over time, in seconds.
        auto_commit: submitted tasks render at once (``autoCommit`` 2); otherwise they wait for a start (1).
        single_node_render_frames: frames that one node renders in one go where the task says nothing.
        max_ignore_map_flag: 3ds Max scenes render although textures are missing.
        manually_start_analysis: tasks that the farm would analyse wait until they are started by hand.
        download_disable: results are shown but cannot be fetched.
        use_level_directory: every layer's results lie in a folder of their own.
        sub_delete_task: sub accounts may delete tasks.
    """

    task_over_time_s: int = 43200
    auto_commit: bool = True
    single_node_render_frames: int = 1
    max_ignore_map_flag: bool = True
    manually_start_analysis: bool = False
    download_disable: bool = False
    use_level_directory: bool = False
    sub_delete_task: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """A sub account's place below its main account.

    Attributes:
        share_main_capital: it uses the main account's input storage.
        use_main_balance: its tasks are paid by the main account.
    """

    main_account_id: int
    share_main_capital: bool
    use_main_balance: bool


CONFIG_BID, INPUT_BID, OUTPUT_BID = "30201", "10201", "20201"
"""Ids of the three storages. They are the same for everybody: whose files they are is told by the user id."""
