"""Stages of tasks in the database: units wait while what they need is not done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy import Connection, delete, exists, func, select, update

from renderbus_farm.rules.stages import (
    NOT_BY_ITSELF,
    Needs,
    StagedSet,
    StageWait,
    blocked_sets,
    moves,
    waiting_status,
)
from renderbus_farm.rules.work import Stage
from renderbus_farm.store.dispatch_tables import frame_count, unsettled
from renderbus_farm.store.frames import AFRESH
from renderbus_farm.store.order_tables import tile_output
from renderbus_farm.store.prepared import Prepared, as_list, listed
from renderbus_farm.store.tables import attempt, frame, frame_set
from renderbus_model.statuses import FRAME_ENDED, FrameStatus, FrameType

OUTDATED = "OUTDATED"
"""Outcome of an attempt whose tiles are rendered anew."""

_HAS_NEEDS = select(frame_set.c.task_id).where(
    frame_set.c.needs_id.is_not(None), frame_set.c.task_id.in_(listed("ids"))
)
_SETS = Prepared(
    select(*(frame_set.c[name] for name in ("id", "task_id", "stage", "needs_id", "needs")))
    .where(frame_set.c.task_id.in_(_HAS_NEEDS))
    .order_by(frame_set.c.task_id, frame_set.c.position)
)
_LAYERS = select(frame_set.c.id, frame_set.c.layer)
_needed = frame.alias("needed")


def of_tasks(db: Connection, task_ids: Collection[int]) -> list[StagedSet]:
    """The sets of those tasks that have stages, each behind the one that it needs."""
    return [
        StagedSet(set_id, task_id, Stage(stage), needs_id or 0, Needs(needs))
        for set_id, task_id, stage, needs_id, needs in _SETS.rows(db, ids=as_list(task_ids))
    ]


def settle(db: Connection, sets: Collection[StagedSet], now: float) -> None:
    """Put every unit where what it needs says; ``sets`` as ``of_tasks`` gives them.

    A merge is looked at when it or a tile of it has moved: a task may have a million, and few move at once.
    """
    stages = {each.id: each.stage for each in sets}
    for each in sets:
        if each.needs is Needs.NOTHING:
            continue
        for met in (True, False):
            steps = moves(each.needs, waiting_status(stages[each.needs_id]), met=met)
            _move(db, _where_met(each, met=met), each, steps, now)
    by_frame = {each.task_id for each in sets if each.needs is Needs.SAME_FRAME}
    if by_frame:
        db.execute(delete(unsettled).where(unsettled.c.task_id.in_(by_frame)))


def _where_met(each: StagedSet, *, met: bool) -> sa.ColumnElement[bool]:
    open_ = [_needed.c.set_id == each.needs_id, _needed.c.status != FrameStatus.DONE]
    if each.needs is Needs.SAME_FRAME:
        open_.append(_needed.c.number == frame.c.number)
    something_open = exists().where(*open_).correlate(frame)
    condition = ~something_open if met else something_open
    if each.needs is not Needs.SAME_FRAME:
        return condition
    moved = select(unsettled.c.number).where(unsettled.c.task_id == each.task_id)
    return frame.c.number.in_(moved) & condition


def _move(
    db: Connection,
    condition: sa.ColumnElement[bool],
    each: StagedSet,
    steps: dict[FrameStatus, FrameStatus],
    now: float,
) -> None:
    by_frame = each.needs is Needs.SAME_FRAME
    wanted = (
        # "+ 0": those few are found by their numbers, not among all of the task.
        (frame.c.task_id + 0 if by_frame else frame.c.task_id) == each.task_id,
        frame.c.set_id == each.id,
        frame.c.status.in_([int(before) for before in steps]),
        condition,
    )
    if FrameStatus.RENDERING in steps:
        given_up = select(frame.c.id).where(*wanted, frame.c.status == FrameStatus.RENDERING)
        over = {"outcome": OUTDATED, "ended_at": now}
        db.execute(
            update(attempt).where(attempt.c.frame_id.in_(given_up), attempt.c.outcome.is_(None)).values(over)
        )
    status = sa.case({int(before): int(after) for before, after in steps.items()}, value=frame.c.status)
    again = frame.c.status.in_([int(before) for before in steps if before in FRAME_ENDED])
    restarts = frame.c.restarts + sa.case((again, 1), else_=0)
    # Its owner asked for what it needs, and so for it.
    afresh = {**AFRESH, "restarts": restarts} if steps.keys() & FRAME_ENDED else {}
    db.execute(update(frame).where(*wanted).values(status=status, **afresh))


def ask_for_lost_tiles(db: Connection, task_ids: Collection[int]) -> None:
    """Merges that wait again need the tiles again that were removed with their task's results."""
    merge, of_merge = frame.alias("merge"), frame_set.alias("of_merge")
    wanted = (
        exists()
        .where(
            of_merge.c.needs_id == frame.c.set_id,
            of_merge.c.needs == Needs.SAME_FRAME.value,
            merge.c.set_id == of_merge.c.id,
            merge.c.number == frame.c.number,
            merge.c.status == FrameStatus.WAITING,
        )
        .correlate(frame)
    )
    gone = ~exists().where(tile_output.c.frame_id == frame.c.id).correlate(frame)
    this = (frame.c.task_id.in_(task_ids), frame.c.status == FrameStatus.DONE, frame.c.tile > 0, gone, wanted)
    again = {**AFRESH, "restarts": frame.c.restarts + 1}
    db.execute(update(frame).where(*this).values(status=FrameStatus.WAITING, **again))


def blocked(db: Connection, sets: Collection[StagedSet]) -> dict[int, int]:
    """Units by task that wait for something that will not be done before its owner says something."""
    by_task: dict[int, list[StagedSet]] = defaultdict(list)
    for each in sets:
        by_task[each.task_id].append(each)
    return {task_id: _blocked_of(db, of_task) for task_id, of_task in by_task.items()}


def waits(db: Connection, task_id: int) -> list[StageWait]:
    """What units of the task wait for of an earlier stage."""
    sets = of_tasks(db, [task_id])
    stages = {each.id: each.stage for each in sets}
    blocked = _blocked_by_set(db, sets)
    layers = {row.id: row.layer for row in db.execute(_LAYERS.where(frame_set.c.task_id == task_id))}
    found: list[StageWait] = []
    for each in sets:
        if each.needs is not Needs.NOTHING:
            status = waiting_status(stages[each.needs_id])
            units = _count(db, each, status)
            if units:
                found.append(StageWait(layers[each.needs_id], status, units, blocked.get(each.id, 0)))
    return found


def _count(db: Connection, each: StagedSet, status: FrameStatus) -> int:
    counted = (frame_count.c.task_id == each.task_id, frame_count.c.set_id == each.id)
    query = select(func.coalesce(func.sum(frame_count.c.frames), 0))
    units: int = db.execute(query.where(*counted, frame_count.c.status == int(status))).scalar_one()
    return units


def _blocked_of(db: Connection, sets: Collection[StagedSet]) -> int:
    return sum(_blocked_by_set(db, sets).values())


def _blocked_by_set(db: Connection, sets: Collection[StagedSet]) -> dict[int, int]:
    statuses = _statuses(db, sets)
    stages = {each.id: each.stage for each in sets}
    whole = blocked_sets(sets, statuses)
    found: dict[int, int] = {}
    for each in sets:
        if each.needs is Needs.NOTHING:
            continue
        waits = waiting_status(stages[each.needs_id])
        if each.id not in whole and not NOT_BY_ITSELF & set(statuses.get(each.needs_id, ())):
            continue
        if waits not in statuses.get(each.id, ()):
            continue
        if each.id in whole:
            found[each.id] = _count(db, each, waits)
            continue
        found[each.id] = _blocked_by_frame(db, each, waits)
    return found


def _blocked_by_frame(db: Connection, each: StagedSet, waits: FrameStatus) -> int:
    """How many units of the set wait for one that stays as it is; found from those, which are few."""
    stays = select(_needed.c.number).where(
        _needed.c.task_id == each.task_id,
        _needed.c.set_id == each.needs_id,
        _needed.c.type.in_([int(kind) for kind in FrameType]),  # so that an index finds them
        _needed.c.status.in_([int(status) for status in NOT_BY_ITSELF]),
    )
    waiting = (frame.c.set_id == each.id, frame.c.number.in_(stays), frame.c.status == int(waits))
    units: int = db.execute(select(func.count()).select_from(frame).where(*waiting)).scalar_one()
    return units


def _statuses(db: Connection, sets: Iterable[StagedSet]) -> dict[int, set[FrameStatus]]:
    found: dict[int, set[FrameStatus]] = defaultdict(set)
    for each in sets:
        counted = (frame_count.c.task_id == each.task_id, frame_count.c.set_id == each.id)
        query = select(frame_count.c.status).where(*counted)
        found[each.id] = {FrameStatus(row.status) for row in db.execute(query.distinct())}
    return found
