"""What a node's last report comes to, whatever it says."""

from __future__ import annotations

import math

import pytest

from renderbus_farm.rules.reports import LONGEST_ERROR, judged
from renderbus_farm.rules.work import ChunkId, Failed, Fault, Finished, Output
from renderbus_model.pieces import Digest, digest_of

CHUNK = ChunkId(7, 1)
PICTURE = digest_of(b"picture")


def test_stored_pictures_are_a_rendered_frame() -> None:
    verdict = judged(Finished(CHUNK, (Output("a/shot_0001.png", PICTURE, 7),), 1.5))
    assert (verdict.fault, verdict.error, verdict.seconds) == (None, "", 1.5)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (Output("../a.png", PICTURE, 7), "holds '..'"),
        (Output("/a.png", PICTURE, 7), "not in its one spelling"),
        (Output("a//b.png", PICTURE, 7), "not in its one spelling"),
        (Output("a.png", Digest("../farm.key"), 7), "64 lower-case"),
        (Output("a.png", PICTURE, -1), "has -1 bytes"),
        (Output("a.png", PICTURE, 2**63), "has 9223372036854775808 bytes"),
    ],
)
def test_a_picture_that_cannot_be_kept_fails_its_frame_and_nothing_else(made: Output, why: str) -> None:
    verdict = judged(Finished(CHUNK, (Output("good.png", PICTURE, 7), made), 1.0))
    assert verdict.fault is Fault.PICTURE
    assert why in verdict.error


def test_no_picture_is_a_failure() -> None:
    assert judged(Finished(CHUNK, (), 1.0)).error == "the renderer ended without a picture"


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf, 1e300])
def test_a_time_of_no_sense_counts_as_none(seconds: float) -> None:
    assert judged(Failed(CHUNK, "no camera", seconds=seconds)).seconds == 0.0


def test_a_long_error_is_cut() -> None:
    assert len(judged(Failed(CHUNK, "x" * 100_000)).error) == LONGEST_ERROR + 1
