"""Uploads that take hours, beside a clean-up that never rests: what a commit names is there, and right."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from tests.unit.renderbus_farm.heart.test_pieces import commit, missing, scene_of, send
from tests.unit.renderbus_farm.heart.test_upkeep import content
from tests.unit.renderbus_farm.heart.world import World

from renderbus_farm.cleanup import DAY_S, Cleanup
from renderbus_farm.pieces import KEPT_BEFORE_COMMIT_S
from renderbus_farm.repacking import EVERY_S, Repacking

STEPS = 60
PARTS = 24
FILES = 6
LONGEST_UPLOAD_S = KEPT_BEFORE_COMMIT_S / 2 - 1
"""How long an upload may count on what it was told: as long as the URLs that came with the answer hold."""


@dataclass
class Upload:
    """An upload under way: what it will commit, and what it was told is there already."""

    path: str
    parts: tuple[bytes, ...]
    lacking: tuple[bytes, ...]
    is_known: bool
    until: float


class Uploads:
    """One account's uploads; ``files`` are those that were committed."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance
        self.pool = [chance.randbytes(chance.randrange(50, 3000)) for _ in range(PARTS)]
        self.under_way: list[Upload] = []
        self.files: dict[str, bytes] = {}

    def begin(self) -> None:
        """Ask what is missing of a file's next version, as clients do: whole, then piece by piece."""
        chance, world = self.chance, self.world
        parts = tuple(chance.sample(self.pool, chance.randrange(1, 6)))
        is_known = missing(world, b"".join(parts)) == [False]
        asked = missing(world, *parts) if not is_known else [False] * len(parts)
        lacking = tuple(part for part, absent in zip(parts, asked, strict=True) if absent)
        until = world.now + chance.uniform(0, LONGEST_UPLOAD_S)
        self.under_way.append(Upload(f"/file{chance.randrange(FILES)}", parts, lacking, is_known, until))

    def end(self) -> None:
        """Those whose time has come send what they were told is missing, and commit."""
        for upload in [one for one in self.under_way if one.until <= self.world.now]:
            self.under_way.remove(upload)
            if upload.lacking:
                send(self.world, *upload.lacking)
            commit(self.world, scene_of(*upload.parts, path=upload.path))
            self.files[upload.path] = b"".join(upload.parts)


@pytest.mark.parametrize("seed", range(3))
def test_no_upload_misses_what_it_was_told_of_and_no_file_is_lost(world: World, seed: int) -> None:
    chance = random.Random(seed)
    uploads = Uploads(world, chance)
    repacking = Repacking(world.database, world.packs)
    cleanup = Cleanup(world.database, world.blobs, world.packs, kept_s=30 * DAY_S, results_kept_s=30 * DAY_S)
    rewritten = 0
    for _ in range(STEPS):
        if chance.random() < 0.5:
            uploads.begin()
        world.now += max(EVERY_S + 1, chance.uniform(0, 8 * 3600))
        before = {name for name, _ in world.packs.names()}
        repacking.tick(world.now)
        rewritten += len({name for name, _ in world.packs.names()} - before)
        uploads.end()
        cleanup.tick(world.now)
        for path, expected in uploads.files.items():
            assert content(world, path) == expected
        if chance.random() < 0.2:  # every file is found unchanged once more, and so is kept for longer
            for path, whole in uploads.files.items():
                commit(world, scene_of(whole, path=path))
    assert uploads.files
    assert rewritten
