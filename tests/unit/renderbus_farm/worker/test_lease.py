"""A worker that reaches its farm no more ends what it renders, by itself."""

from __future__ import annotations

import threading
import time

from tests.unit.renderbus_farm.render.bench import wait_until

from renderbus_farm.rules.work import ChunkId, Renewed
from renderbus_farm.worker_lease import Lease

HAS = (ChunkId(1, 1), ChunkId(2, 1))


class Busy:
    """Something that renders, and what it was told."""

    def __init__(self) -> None:
        self.told_anew = threading.Event()
        self.given_up: list[tuple[str, float]] = []
        self.sent: list[Renewed] = []
        self.began = time.monotonic()

    def renewal(self, number: int) -> Renewed:
        return Renewed(number, HAS)

    def give_up(self, why: str) -> None:
        self.given_up.append((why, time.monotonic() - self.began))


def test_a_lease_is_renewed_for_as_long_as_the_farm_answers() -> None:
    worker = Busy()

    def send(renewed: Renewed) -> None:
        worker.sent.append(renewed)
        threading.Timer(0.01, lambda: lease.answered(renewed.number)).start()

    lease = Lease(worker, send, lease_s=0.6, renew_s=0.1)
    wait_until(lambda: len(worker.sent) > 15)
    lease.close()
    assert [renewed.number for renewed in worker.sent[:5]] == [1, 2, 3, 4, 5]
    assert worker.sent[0].chunks == HAS
    assert worker.given_up == []


def test_without_an_answer_everything_is_given_up_when_the_lease_runs_out() -> None:
    worker = Busy()
    lease = Lease(worker, worker.sent.append, lease_s=0.4, renew_s=0.1)
    wait_until(lambda: worker.given_up)
    lease.close()
    why, after_s = worker.given_up[0]
    assert why == "its node could not reach the farm for 0.4 s"
    assert 0.4 <= after_s < 2.0


def test_an_answer_counts_from_when_the_renewal_was_sent() -> None:
    worker = Busy()
    lease = Lease(worker, worker.sent.append, lease_s=0.6, renew_s=10.0)
    wait_until(lambda: worker.sent)
    time_left = threading.Event()
    assert not time_left.wait(0.4)
    lease.answered(1)
    wait_until(lambda: worker.given_up)
    lease.close()
    assert worker.given_up[0][1] < 0.95


def test_a_farm_that_reads_no_more_does_not_stop_the_clock() -> None:
    worker = Busy()
    reads_again = threading.Event()

    def send(_: Renewed) -> None:
        reads_again.wait()

    lease = Lease(worker, send, lease_s=0.3, renew_s=0.1)
    wait_until(lambda: worker.given_up)
    lease.close()
    reads_again.set()


def test_what_is_new_is_told_at_once() -> None:
    worker = Busy()
    lease = Lease(worker, worker.sent.append, lease_s=60.0, renew_s=30.0)
    wait_until(lambda: worker.sent)
    worker.told_anew.set()
    wait_until(lambda: len(worker.sent) == 2)
    lease.close()
