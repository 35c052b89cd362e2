"""A farm without HTTP and without processes: the real database, blobs, operations and dispatcher.

``SimulatedNodes`` takes the place of nodes: it does what a test tells it to.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from renderbus_farm import farm_check
from renderbus_farm.accounts import Accounts
from renderbus_farm.analyses import Analyses
from renderbus_farm.api.handlers import Farm
from renderbus_farm.blobs.links import Links
from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.dispatcher import Dispatcher
from renderbus_farm.environments import Environments
from renderbus_farm.events import Events
from renderbus_farm.executors.analyser import AnalysisOrder
from renderbus_farm.executors.simulated import PICTURE as PICTURE
from renderbus_farm.executors.simulated import SimulatedNodes
from renderbus_farm.housekeeping import DAY_S
from renderbus_farm.keys import KeyBox
from renderbus_farm.labels import AccountLabels
from renderbus_farm.offers import Offers
from renderbus_farm.pieces import Pieces
from renderbus_farm.records import Records
from renderbus_farm.rules.analysis import Analysis
from renderbus_farm.rules.leases import LEASE_S, LONGEST_GAP_S
from renderbus_farm.rules.lifecycle import Counts, Wish, task_status
from renderbus_farm.rules.people import User
from renderbus_farm.rules.work import (
    ChunkId,
    Node,
)
from renderbus_farm.storage_check import Inspector
from renderbus_farm.store import counting, tables
from renderbus_farm.store import frames as frame_queries
from renderbus_farm.store.database import Database
from renderbus_farm.tasks.changes import TaskChanges
from renderbus_farm.tasks.commands import Tasks
from renderbus_farm.tasks.desk import Desk
from renderbus_farm.tasks.files import ResultTree
from renderbus_farm.tasks.frames import Frames
from renderbus_farm.tasks.lists import TaskLists
from renderbus_farm.tasks.results import Results
from renderbus_farm.transfers import Transfers
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import FileEntry, digest_of
from renderbus_model.scene_analysis import AnalysisAnswer
from renderbus_model.statuses import FrameStatus, TaskStatus
from renderbus_model.wire.frame import FrameItem, FrameQuery
from renderbus_model.wire.task import CreateTask, SubmitTask, TaskDocument, TaskItem
from renderbus_model.wire.transfer import BlobToSend, CommitFiles, MissingBlobsQuery

SCENE = "/home/artist/shot.blend"


def node(name: str, places: int = 2, cg_id: int = 2007, engines: Sequence[str] = ("CYCLES",)) -> Node:
    """A node that renders."""
    return Node(name, places, 64.0, {cg_id: "5.0.1"}, frozenset(engines))


class ScriptedAnalyser:
    """Reads scenes as a test says, two at once."""

    places = 2

    def __init__(self) -> None:
        self.orders: dict[int, AnalysisOrder] = {}
        self.given_up: list[int] = []
        self.answers: dict[int, AnalysisAnswer] = {}

    def begin(self, order: AnalysisOrder) -> None:
        self.orders[order.task_id] = order

    def give_up(self, task_id: int) -> None:
        self.given_up.append(task_id)
        self.orders.pop(task_id, None)

    def running(self) -> set[int]:
        return {*self.orders, *self.answers}

    def drain(self) -> dict[int, AnalysisAnswer]:
        answers, self.answers = self.answers, {}
        return answers

    def close(self) -> None:
        self.orders.clear()

    def answer(self, task_id: int, answer: AnalysisAnswer) -> None:
        """It has read the scene."""
        del self.orders[task_id]
        self.answers[task_id] = answer


class World:
    """A farm in a folder, its clock in the test's hand, and one user."""

    def __init__(
        self, folder: Path, nodes: Sequence[Node] = (node("w-01"),), user: User | None = None
    ) -> None:
        self.folder = folder
        self.now = 1_600_000_000.0
        self.database = Database.open(folder / "farm.sqlite3")
        self.key_box = KeyBox.at(folder / "farm.key")
        links = self.links = Links(self.key_box.derived("blob urls"))
        self.blobs = LocalBlobs(folder / "blobs", links)
        self.packs = LocalPacks(folder / "packs", links)
        self.executor = SimulatedNodes(nodes)
        self.analyser = ScriptedAnalyser()
        self.woken = 0
        self.steady = 0.0  # a clock that is never set
        self.is_sound = True  # a test that breaks it on purpose says so
        self.build()
        self.user = user or self.accounts.add("ada").user

    @classmethod
    def reopened(cls, folder: Path, nodes: Sequence[Node]) -> World:
        """The farm that another process left in this folder."""
        database = Database.open(folder / "farm.sqlite3")
        with database.reading() as db:
            row = db.execute(tables.account.select()).one()
        database.close()
        return cls(folder, nodes, User(row.id, row.name, row.access_id))

    def build(self) -> None:
        """Everything that holds nothing, made anew around the database and the executor."""
        self.accounts = Accounts(self.database, self.key_box, clock=self.clock)
        self.labels = AccountLabels(self.database, clock=self.clock)
        self.offers = Offers(self.database, nodes=lambda: self.executor.nodes())
        self.environments = Environments(self.database, refresh=self.offers.refresh)
        self.records = Records(self.database, clock=self.clock)
        pieces = Pieces(self.database, self.blobs, self.packs, kept_s=30 * DAY_S, clock=self.clock)
        self.transfers = Transfers(self.database, self.blobs, pieces, clock=self.clock)
        desk = Desk(
            self.database,
            self.blobs,
            nodes=lambda: self.executor.nodes(),
            wake=self._wake,
            clock=self.clock,
            log_so_far=lambda chunk: self.executor.log_so_far(chunk),
        )
        self.tasks = Tasks(desk)
        self.changes = TaskChanges(desk)
        self.lists = TaskLists(desk)
        self.of_frames = Frames(desk)
        self.results = Results(desk)
        self.files = ResultTree(desk)
        self.dispatcher = Dispatcher(
            self.database,
            self.executor,
            inspect=Inspector(self.blobs, self.packs).look,
            steady=lambda: self.steady,
        )
        self.events = Events(self.links, clock=self.clock)
        self.database.listeners[:] = [self.events.happened]
        self.analyses = Analyses(self.database, self.analyser, wake=self._wake)

    @property
    def farm(self) -> Farm:
        """What handlers act on."""
        return Farm(
            self.tasks,
            self.changes,
            self.lists,
            self.of_frames,
            self.results,
            self.files,
            self.transfers,
            self.accounts,
            self.labels,
            self.offers,
            self.environments,
            self.records,
            self.events,
        )

    def restart(self, *, nodes_outlive_farm: bool = False) -> None:
        """The farm was killed and a new one opens the same folder; its nodes may have died with it."""
        self.database.close()
        self.database = Database.open(self.folder / "farm.sqlite3")
        self.executor = SimulatedNodes(self.executor.all_nodes)
        self.executor.nodes_outlive_farm = nodes_outlive_farm
        self.analyser = ScriptedAnalyser()
        self.build()

    def close(self) -> None:
        self.database.close()

    def clock(self) -> float:
        return self.now

    def lose(self) -> None:
        """So much time passes that leases run out which nobody renews."""
        for _ in range(math.ceil(LEASE_S / LONGEST_GAP_S)):
            self.tick(LONGEST_GAP_S)

    def _wake(self) -> None:
        self.woken += 1

    def tick(self, after_s: float = 1.0) -> None:
        """Time passes, and the dispatcher looks once."""
        self.now += after_s
        self.steady += after_s
        self.dispatcher.tick(self.now)
        self.analyses.tick(self.now)

    def upload(self, files: Mapping[str, bytes], by: User | None = None, storage: str = "input") -> None:
        """As a client does: ask what is missing, send it, commit."""
        by = by or self.user
        entries = [FileEntry(FarmPath(path), digest_of(data), len(data)) for path, data in files.items()]
        asked = [BlobToSend(digest=entry.digest, size_bytes=entry.size_bytes) for entry in entries]
        missing = {
            grant.digest
            for grant in self.transfers.missing_blobs(MissingBlobsQuery(blobs=asked), by=by).missing
        }
        for data in files.values():
            if digest_of(data) in missing:
                self.put(data, by)
        self.transfers.commit_files(CommitFiles(storage=storage, files=entries), by=by)

    def put(self, data: bytes, by: User) -> None:
        """As the byte route does."""
        with self.blobs.arrival(digest_of(data)) as arrival:
            arrival.write(data)
            arrival.keep()
        self.transfers.blob_arrived(by.id, digest_of(data), len(data))

    def new_task(self, by: User | None = None) -> int:
        return self.tasks.create(CreateTask(), by=by or self.user).task_id_list[0]

    def documents(
        self,
        task_id: int,
        *,
        frames: str = "1-4[1]",
        layers: Sequence[str] = ("ViewLayer",),
        inputs: Sequence[str] = (SCENE,),
        by: User | None = None,
        **info: str,
    ) -> None:
        """Store task.json and upload.json of a task."""
        contents = {
            "task.json": task_document(frames, layers, **info),
            "upload.json": {"asset": [{"local": path, "server": path} for path in inputs]},
        }
        for name, content in contents.items():
            document = TaskDocument(task_id=task_id, file_name=name, content=json.dumps(content))
            self.tasks.store_document(document, by=by or self.user)

    def submitted(
        self,
        frames: str = "1-4[1]",
        *,
        by: User | None = None,
        layers: Sequence[str] = ("ViewLayer",),
        **info: str,
    ) -> int:
        """A task that was submitted."""
        by = by or self.user
        self.upload({SCENE: b"BLENDER"}, by)
        task_id = self.new_task(by)
        self.documents(task_id, frames=frames, layers=layers, by=by, **info)
        self.tasks.submit(SubmitTask(task_id=task_id), by=by)
        return task_id

    def task(self, task_id: int) -> TaskItem:
        return self.lists.info([task_id], by=self.user).items[0]

    def status(self, task_id: int) -> int:
        return self.task(task_id).task_status

    def frames(self, task_id: int, page: int = 1) -> list[FrameItem]:
        ask = FrameQuery(task_id=task_id, page_num=page, page_size=5000)
        return self.of_frames.page(ask, by=self.user).items

    def frame_statuses(self, task_id: int) -> list[int]:
        return [frame.frame_status for frame in self.frames(task_id)]

    def render_to_end(self, most_ticks: int = 10_000) -> None:
        """Every node finishes what it has, until nothing is left."""
        self.tick()  # cancels what is not wanted; its places are free at the next look
        for _ in range(most_ticks):
            self.tick()
            if not self.executor.orders and not self.executor.reports:
                break
            self.executor.finish_all()

    def picture(self, task_id: int) -> object:
        """All that the database says of a task and its frames."""
        with self.database.reading() as db:
            tasks = db.execute(tables.task.select().where(tables.task.c.id == task_id)).all()
            frames = db.execute(tables.frame.select().where(tables.frame.c.task_id == task_id)).all()
        return [*map(tuple, tasks), *map(tuple, frames)]

    def check(self) -> None:
        """What is true of a farm at every moment is true of this one, unless a test broke it on purpose."""
        if not self.is_sound:
            return
        assert farm_check.check_database(self.database) == []
        with self.database.reading() as db:
            mine = tables.task.c.account_id == self.user.id
            ids = db.execute(sa.select(tables.task.c.id).where(mine, ~tables.task.c.deleted)).scalars().all()
        for task_id in ids:
            task = self.task(task_id)
            if task.waiting_count:
                assert self.lists.explain(task_id, by=self.user).reasons, task

    def miscounted(self) -> list[object]:
        """Tasks whose counts or status are not those of their frames."""
        with self.database.reading() as db:
            tasks = [(row.id, row.wish, row) for row in db.execute(tables.task.select())]
            frames = [(row.task_id, FrameStatus(row.status)) for row in db.execute(tables.frame.select())]
            wrong: list[object] = list(counting.miscounted(db))
        for task_id, wish, row in tasks:
            counts = Counts.of(Counter(status for of_task, status in frames if of_task == task_id))
            kept = Counts(row.waiting, row.held, row.rendering, row.stopped, row.done, row.failed)
            # What waits for another stage, and what prepares, is told by more than the statuses.
            told = replace(
                counts,
                blocked=row.blocked,
                preparing=int(row.status == TaskStatus.PRE_RENDERING),
            )
            status = task_status(Wish(wish), told, Analysis(row.analysis))
            if not row.shell and (kept != counts or row.status != status):
                wrong.append((row, counts))
            if row.shell and (wrong_shell := self._wrong_shell(row.id, kept, tasks)):
                wrong.append(wrong_shell)
        return wrong

    @staticmethod
    def _wrong_shell(shell_id: int, kept: Counts, tasks: Sequence[tuple[int, str, Any]]) -> object:
        parts = [row for *_, row in tasks if row.parent_id == shell_id and not row.deleted]
        names = ("waiting", "held", "rendering", "stopped", "done", "failed")
        summed = Counts(**{name: sum(getattr(part, name) for part in parts) for name in names})
        return None if summed == kept else (shell_id, kept, summed)

    def outcomes(self, task_id: int) -> list[tuple[int, str | None]]:
        """What became of each attempt at the task's frames; None for one that may still render."""
        query = tables.attempt.join(tables.frame, tables.frame.c.id == tables.attempt.c.frame_id).select()
        with self.database.reading() as db:
            rows = db.execute(query.where(tables.frame.c.task_id == task_id)).all()
        return [(row.frame_id, row.outcome) for row in rows]

    def leases(self) -> dict[ChunkId, float]:
        """Until when each attempt that may still render is believed to."""
        with self.database.reading() as db:
            rows = db.execute(tables.attempt.select().where(tables.attempt.c.outcome.is_(None)))
            return {ChunkId(row.frame_id, row.number): row.lease_until for row in rows}

    def claimed(self) -> set[ChunkId]:
        with self.database.reading() as db:
            return set(frame_queries.rendering(db))


def task_document(frames: str, layers: Sequence[str], **info: str) -> dict[str, object]:
    """A task.json with these members of ``task_info``."""
    entries = {
        f"Scene/{layer}": {
            "renderable": "1",
            "common": {
                "scene_name": ["Scene"],
                "view_layers": [layer],
                "renderer": "CYCLES",
                "frames": frames,
                "image_file_prefix": "//shot_####",
                "render_camera": [],
            },
        }
        for layer in layers
    }
    return {
        "task_info": {"input_cg_file": SCENE, "cg_id": "2007", "task_stop_time": "0", **info},
        "software_config": {"cg_name": "Blender", "cg_version": "5.0"},
        "scene_info": entries,
        "scene_info_render": entries,
    }
