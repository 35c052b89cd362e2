"""No operation tells one account anything about another's things, not even that they exist.

Every operation of the catalogue is asked by eve about things of ada's, and again about things that never
were. Both must be answered with the same words, and nothing of ada's may change.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.api.app import HANDLERS
from renderbus_farm.rules.people import User
from renderbus_farm.rules.refusals import NotFound, Refusal
from renderbus_farm.store import tables
from renderbus_farm.store.account_tables import hardware, plugin, software_version
from renderbus_model.pieces import Digest, digest_of
from renderbus_model.pieces.questions import packed_digests
from renderbus_model.wire.catalogue import OPERATIONS
from renderbus_model.wire.label import AddLabel
from renderbus_model.wire.operation import Operation
from renderbus_model.wire.plugin import RenderEnv

Body = dict[str, Any]
NEVER = 4711
SECRET = b"a secret picture"


@dataclass(frozen=True)
class Things:
    """What operations are asked about; ``mine`` and ``my_label`` are of the account that asks."""

    task: int
    unsubmitted: int
    frame: int
    label: int
    label_name: str
    env_name: str
    folder: str
    blob: Digest
    mine: int
    my_label: str


def by_tasks(**others: Any) -> Callable[[Things], Body]:
    return lambda things: {"taskIds": [things.task], **others}


def by_task(**others: Any) -> Callable[[Things], Body]:
    return lambda things: {"taskId": things.task, **others}


def nothing(things: Things) -> Body:
    """Operations about nothing but the caller; their answers must not hold anything of ada's."""
    return {}


def one_frame(things: Things, task_id: int) -> Body:
    return {"taskId": task_id, "selectAll": 0, "ids": [things.frame]}


def environment(things: Things) -> Body:
    return {"cgId": 2000, "cgName": "Maya", "cgVersion": "2020", "editName": things.env_name}


ABOUT: dict[str, Callable[[Things], Body]] = {
    "/api/render/user/queryUserProfile": nothing,
    "/api/render/user/queryUserSetting": nothing,
    "/api/render/task/getTransferBid": nothing,
    "/api/render/user/updateUserSetting": nothing,
    "/api/render/task/createTask": lambda things: {"cloneOriginalId": things.task},
    "/api/render/task/submitTask": lambda things: {"taskId": things.unsubmitted},
    "/api/render/task/taskJsonFile": by_task(fileName="task.json", content="{}"),
    "/api/render/task/stopTask": by_tasks(),
    "/api/render/task/startTask": by_tasks(),
    "/api/render/task/abortTask": by_tasks(),
    "/api/render/task/deleteTask": by_tasks(),
    "/api/render/task/fullSpeed": by_tasks(),
    "/api/render/task/getTaskList": lambda things: {"searchKeyword": str(things.task), "pageSize": 100},
    "/api/render/task/queryTaskInfo": by_tasks(),
    "/api/render/task/restartFailedFrames": by_tasks(),
    "/api/render/task/explainTask": by_task(),
    "/api/render/task/explainFrames": by_task(),
    "/api/rendering/task/renderingTask/updateTaskUserLevel": by_task(taskUserLevel=60),
    "/api/render/task/setOverTimeStop": by_tasks(overTime=3600),
    "/api/render/handle/updateTaskLimit": by_task(taskLimit=3),
    "/api/render/handle/editTaskHardwareConfig": by_tasks(hardwareConfigIds=[]),
    "/api/render/task/queryTaskFrames": by_task(),
    "/api/render/task/restartFrame": by_task(selectAll=1),
    "/api/render/task/loadingFrameThumbnail": lambda things: {"id": things.frame},
    "/api/render/task/frameLog": lambda things: {"frameId": things.frame},
    "/api/render/handle/stopTaskFrames": by_task(selectAll=1),
    "/api/render/task/queryAllFrameStats": nothing,
    "/api/render/task/loadTaskProcessImg": by_task(),
    "/api/render/handle/showLog": lambda things: {"id": things.frame},
    "/api/render/common/addLabel": lambda things: {"newName": things.label_name},
    "/api/render/common/getLabelList": nothing,
    "/api/render/common/deleteLabel": lambda things: {"delName": things.label_name},
    "/api/render/project/list": lambda _: {"flag": 2},
    "/api/render/task/addTaskLabel": by_tasks(label="of eve"),
    "/api/render/task/deleteTaskLabel": lambda things: {"labelIds": [things.label]},
    "/api/rendering/task/common/operateUserLabel": by_task(type=1, newName="of eve"),
    "/api/render/common/queryErrorDetail": lambda _: {"code": "15002"},
    "/api/render/common/queryPlatforms": nothing,
    "/api/render/common/querySupportedSoftware": nothing,
    "/api/render/common/querySupportedPlugin": lambda _: {"cgId": 2000},
    "/api/render/common/addRenderEnv": environment,
    "/api/render/common/updateRenderEnv": environment,
    "/api/render/common/deleteRenderEnv": lambda things: {"editName": things.env_name},
    "/api/render/common/setDefaultRenderEnv": lambda things: {"editName": things.env_name},
    "/api/render/common/getRenderEnv": lambda _: {"cgId": 2000},
    "/api/render/hardwareConfig/list": by_tasks(),
    "/api/render/submit/getUserPackNodeInfo": nothing,
    "/api/render/handle/operate/sdk/taskRecord": nothing,
    "/api/render/handle/operate/sdk/loginRecord": nothing,
    "/api/render/task/getTransferServerMsg": nothing,
    "/api/render/user/getRaySyncUserKey": nothing,
    "/api/render/task/getTransferConfig": nothing,
    "/api/render/file/operate/getOutputUserDirFile": by_task(),
    "/api/render/transfer/missingBlobs": lambda things: {
        "blobs": [{"digest": things.blob, "sizeBytes": len(SECRET)}]
    },
    "/api/render/transfer/missingPieces": lambda things: {"digests": packed_digests([things.blob])},
    "/api/render/event/openEvents": nothing,
    "/api/render/transfer/committed": lambda things: {"digest": "0" * 64},
    "/api/render/transfer/commitFiles": lambda things: {
        "storage": "input",
        "files": [{"path": "/a.blend", "digest": things.blob, "sizeBytes": len(SECRET)}],
    },
    "/api/render/transfer/listOutputs": by_task(),
}
"""What each operation is asked. One that is new needs an entry: say which ids it takes."""

MORE_WAYS: list[tuple[str, Callable[[Things], Body]]] = [
    ("/api/render/task/getTaskList", lambda things: {"searchKeyword": things.label_name}),
    ("/api/render/task/getTaskList", lambda _: {"recycleFlag": 1}),
    ("/api/render/task/restartFrame", lambda things: one_frame(things, things.task)),
    ("/api/render/task/restartFrame", lambda things: one_frame(things, things.mine)),
    ("/api/render/handle/stopTaskFrames", lambda things: one_frame(things, things.task)),
    ("/api/render/handle/stopTaskFrames", lambda things: one_frame(things, things.mine)),
    ("/api/render/task/deleteTaskLabel", lambda things: {"labelNames": [things.label_name]}),
    (
        "/api/render/task/deleteTaskLabel",
        lambda things: {"taskIds": [things.task], "labelNames": [things.my_label]},
    ),
    (
        "/api/rendering/task/common/operateUserLabel",
        lambda things: {"taskId": things.task, "type": 2, "delName": things.my_label},
    ),
    (
        "/api/rendering/task/common/operateUserLabel",
        lambda things: {"taskId": things.mine, "type": 2, "delName": things.label_name},
    ),
    ("/api/rendering/task/common/operateUserLabel", by_task()),
    ("/api/render/file/operate/getOutputUserDirFile", lambda things: {"treePath": f"/{things.folder}"}),
    ("/api/render/file/operate/getOutputUserDirFile", lambda _: {"treePath": "/"}),
    ("/api/render/transfer/listOutputs", lambda things: {"path": things.folder}),
    (
        "/api/render/transfer/commitFiles",
        lambda things: {
            "storage": "config",
            "files": [{"path": f"/{things.task}/cfg/task.json", "digest": digest_of(b"{}"), "sizeBytes": 2}],
        },
    ),
]
"""Operations that can be asked about things in several ways."""


def things_of(world: World) -> Things:
    """A rendered task with a label, another that is not submitted, and a render environment; all of ada's."""
    task_id = world.submitted("1-2")
    world.render_to_end()
    world.upload({"/secret.png": SECRET, "/document": b"{}"})
    unsubmitted = world.new_task()
    world.documents(unsubmitted)
    world.labels.add(AddLabel(new_name="secret label"), by=world.user)
    env = RenderEnv(cg_id=2000, cg_name="Maya", cg_version="2020", edit_name="secret env")
    world.environments.add(env, by=world.user)
    (label,) = world.labels.every(by=world.user).project_name_list
    world.records.note_login(by=world.user)
    return Things(
        task=task_id,
        unsubmitted=unsubmitted,
        frame=world.frames(task_id)[0].id,
        label=label.project_id,
        label_name=label.project_name,
        env_name=env.edit_name,
        folder=world.task(task_id).output_file_name or "",
        blob=digest_of(SECRET),
        mine=task_id,
        my_label=label.project_name,
    )


def own_task(world: World, user: User) -> int:
    """A task of the account that asks, its label, and the bytes of a document."""
    world.upload({"/document": b"{}"}, user)
    world.labels.add(AddLabel(new_name="my label"), by=user)
    return world.submitted("1-2", by=user)


def nobodys(theirs: Things) -> Things:
    """What never was, and what the account has that asks."""
    return replace(
        theirs,
        task=NEVER,
        unsubmitted=NEVER,
        frame=NEVER,
        label=NEVER,
        label_name="nobody's label",
        env_name="nobody's env",
        folder=f"{NEVER}_shot",
        blob=digest_of(b"nobody's"),
    )


def asked(world: World, path: str, body: Body, by: User, things: Things) -> tuple[str, str]:
    """Code and words of the answer; what was asked about is called by its place in ``Things``."""
    try:
        reply = HANDLERS[path].answer(world.farm, by, HANDLERS[path].read(body))
    except Refusal as refused:
        text = refused.message
        for field in fields(Things):
            value = str(getattr(things, field.name))
            text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", "…", text)
        return str(int(refused.code)), text
    text = msgspec.json.encode(reply).decode()
    for sent in (things.label_name, things.env_name, things.blob):
        text = text.replace(sent, "…")
    return "200", re.sub('/blobs/[^"]*', "/blobs/…", text)


def kept(world: World, eve: User) -> dict[str, list[tuple[object, ...]]]:
    """Every row but those of eve's account and tasks, and of the catalogue, which is everybody's."""
    eves = select(tables.task.c.id).where(tables.task.c.account_id == eve.id)
    frames = select(tables.frame.c.id).where(tables.frame.c.task_id.in_(eves))
    return everything(world, {"account_id": [eve.id], "task_id": eves, "frame_id": frames})


def everything(world: World, without: Mapping[str, Any] | None = None) -> dict[str, list[tuple[object, ...]]]:
    """Every row, but those whose column of a name is one of the values, and of the catalogue."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with world.database.reading() as db:
        for table in tables.metadata.sorted_tables:
            if table in (software_version, plugin, hardware):
                continue
            query = table.select()
            for name, values in (without or {}).items():
                if name in table.c:
                    query = query.where(table.c[name].not_in(values))
            found[table.name] = sorted((tuple(row) for row in db.execute(query)), key=str)
    return found


CASES = [*ABOUT.items(), *MORE_WAYS]
NAMES = [path.rpartition("/")[2] for path, _ in CASES]


def test_every_operation_is_in_the_table() -> None:
    assert sorted(ABOUT) == sorted(operation.path for operation in OPERATIONS)


@dataclass(frozen=True)
class Furnished:
    """A farm's folder in which ada and eve have things."""

    folder: Path
    ada: User
    eve: User
    adas: Things
    eves_view: Things


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, fresh_database: Path) -> Furnished:
    """Made once and copied for each test: rendering takes longer than asking."""
    folder = tmp_path_factory.mktemp("furnished")
    shutil.copy(fresh_database, folder)
    world = World(folder)
    eve = world.accounts.add("eve").user
    things = things_of(world)
    view = replace(things, mine=own_task(world, eve), my_label="my label")
    world.close()
    return Furnished(folder, world.user, eve, things, view)


@pytest.fixture
def farm(tmp_path: Path, furnished: Furnished) -> Iterator[World]:
    shutil.copytree(furnished.folder, tmp_path / "farm")
    world = World(tmp_path / "farm", user=furnished.ada)
    yield world
    world.close()


@pytest.mark.parametrize(("path", "about"), CASES, ids=NAMES)
def test_anothers_things_are_as_if_they_had_never_been(
    farm: World, furnished: Furnished, path: str, about: Callable[[Things], Body]
) -> None:
    theirs, eve = furnished.eves_view, furnished.eve
    before = kept(farm, eve)
    # What never was is asked first: an operation that changes eve's own things answers the second time anew.
    told = [asked(farm, path, about(things), eve, things) for things in (nobodys(theirs), theirs)]
    assert told[0] == told[1]
    assert kept(farm, eve) == before
    for secret in ("secret", "ada"):
        assert secret not in told[1][1]


@pytest.mark.parametrize(("path", "about"), CASES, ids=NAMES)
def test_their_owner_is_answered(
    farm: World, furnished: Furnished, path: str, about: Callable[[Things], Body]
) -> None:
    handler = HANDLERS[path]
    handler.answer(farm.farm, furnished.ada, handler.read(about(furnished.adas)))


@pytest.mark.parametrize(
    "operation",
    [each for each in OPERATIONS if "task_ids" in each.ask.__struct_fields__],
    ids=lambda operation: str(operation.path.rpartition("/")[2]),
)
def test_one_task_of_anothers_among_ones_own_refuses_the_whole_command(
    farm: World, furnished: Furnished, operation: Operation[Any, Any]
) -> None:
    theirs, eve = furnished.eves_view, furnished.eve
    before = everything(farm)
    body = {**ABOUT[operation.path](theirs), "taskIds": [theirs.mine, theirs.task]}
    body.pop("labelIds", None)
    if "label_names" in operation.ask.__struct_fields__:
        body["labelNames"] = [theirs.my_label]
    with pytest.raises(NotFound) as refused:
        HANDLERS[operation.path].answer(farm.farm, eve, operation.read_ask(body))
    assert refused.value.ids == (theirs.task,)
    assert everything(farm) == before
