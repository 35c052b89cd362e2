"""Why each unit of a task waits, for its owner."""

from __future__ import annotations

from renderbus_farm.rules import checks
from renderbus_farm.rules.items import page_of
from renderbus_farm.rules.people import User
from renderbus_farm.rules.shares import Division
from renderbus_farm.rules.standing import trusted
from renderbus_farm.rules.waiting import OfFarm, OfTask, why
from renderbus_farm.store import queue, shares, standings, task_lists, waiting
from renderbus_farm.store.database import Connection
from renderbus_farm.store.waiting import Standing
from renderbus_farm.tasks.desk import Desk, own
from renderbus_model.frames import format_frames
from renderbus_model.wire.frame import WaitingFrames, WhyQuery
from renderbus_model.wire.page import Page

LONGEST_FRAMES = 2000
"""Characters of the frames of one group."""


def why_frames(desk: Desk, ask: WhyQuery, by: User) -> Page[WaitingFrames]:
    """A page of what waits in the task, with the reason; with a frame number, all units with that frame.

    Of a shell it is what waits in its parts.
    """
    checks.check_page(ask.page_num, ask.page_size)
    ids = checks.checked_ids("task", [ask.task_id])
    number, size, names = ask.page_num, ask.page_size, list(desk.limits)
    with desk.database.reading() as db:
        task = own(db, ids, by)[0]
        task_ids = [each.id for each in task_lists.parts(db, [task]).get(task.id, [task])]
        if ask.frame is None:
            total = waiting.count(db, task_ids)
            found = waiting.page(db, task_ids, names, number=number, size=size)
        else:
            every = waiting.of_frame(db, task_ids, ask.frame, names)
            total, found = len(every), every[(number - 1) * size : number * size]
        farm = farm_now(desk, db)
        of_tasks = {task_id: waiting.of_task(db, task_id) for task_id in {_task_of(each) for each in found}}
    items = [_item(each, of_tasks[_task_of(each)], farm) for each in found]
    return page_of(items, total=total, number=number, size=size)


def _task_of(found: Standing) -> int:
    return found.group.head.task_id


def farm_now(desk: Desk, db: Connection) -> OfFarm:
    """What holds for the whole farm now."""
    now = desk.clock()
    aside = standings.aside(db, now)
    return OfFarm(
        nodes=trusted(desk.nodes(), aside),
        running=list(queue.running(db, desk.limits).values()),
        now=now,
        division=Division(shares.all_of(db), desk.limits),
        aside=aside,
        gives_up_after_s=desk.gives_up_after_s,
    )


def _item(found: Standing, task: OfTask, farm: OfFarm) -> WaitingFrames:
    numbers = [number for first, last, step in found.frames for number in range(first, last + 1, step)]
    frames = format_frames(numbers)
    if len(frames) > LONGEST_FRAMES or len(found.frames) < found.units:
        frames = f"{frames[:LONGEST_FRAMES]}…"
    return WaitingFrames(
        task_id=task.id,
        layer=found.layer or None,
        camera=found.camera or None,
        frame_type=found.group.head.unit_type,
        frame_status=int(found.group.status),
        units=found.units,
        frames=frames,
        reason=why(found.group, task, farm),
    )
