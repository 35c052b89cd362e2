"""One render, step by step, each done by the SDK: analyse, check, upload, submit, wait and download."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from renderbus_cli import events
from renderbus_cli.asking import log_in, one_task
from renderbus_cli.embedded import Joining, StillHere
from renderbus_cli.engines import check_engines
from renderbus_cli.fetching import Arrivals, Fetcher, free_folder, make_folder
from renderbus_cli.interrupt import Interrupt
from renderbus_cli.problems import Exit, Problem, problem_of
from renderbus_cli.reading import Reading
from renderbus_cli.sending import Told
from renderbus_cli.session import Account, OwnFarm
from renderbus_cli.show import Show
from renderbus_cli.watch import Watch, follow
from renderbus_cli.wish import Wish
from renderbus_model.wire.task import STOP_TASK, TaskIds

if TYPE_CHECKING:
    from rayvision_api import RayvisionAPI

STATUS_WORDS = {
    Exit.DONE: "done",
    Exit.TIMED_OUT: "timed out",
    Exit.FRAMES_FAILED: "failed",
    Exit.STOPPED: "stopped",
    Exit.SUSPENDED: "suspended",
    Exit.NO_WORKER: "no worker",
}


class Job:
    """Runs one wish to its end. What stops it leaves nothing half-written, and nothing rendering unasked.

    ``same_farm`` are the options that name the farm, for the commands that people are told to go on with.
    """

    def __init__(
        self,
        wish: Wish,
        farm: Account | OwnFarm,
        show: Show,
        interrupt: Interrupt,
        *,
        same_farm: str = "",
    ) -> None:
        self._wish, self._farm, self._show, self._interrupt = wish, farm, show, interrupt
        self._same_farm = same_farm
        self._began = time.monotonic()
        self._api: RayvisionAPI | None = None
        self._task_id = 0
        self._submitted = False
        self._watch: Watch | None = None
        self._fetcher: Fetcher | None = None
        self._arrivals: Arrivals | None = None
        self._place = wish.output

    def run(self) -> events.Finished:
        """Render, and tell how it ended.

        Raises:
            Exception: what kept it from ending as a render does; ``problem_of`` has the words.
        """
        from rayvision_api.exception import FarmNotReachable
        from rayvision_sync.exception import TransferCancelled

        with ExitStack() as stack:
            try:
                api = self._submit(stack)
                ended = self._wait(api)
            except (KeyboardInterrupt, TransferCancelled):
                self._interrupt.asked.set()
                ended = self._cancel()
            except FarmNotReachable as error:
                if not self._submitted:
                    raise
                later = self._command("download")
                goes_on = (
                    f"task {self._task_id} goes on when the farm runs again; then fetch it with: {later}"
                )
                raise Problem(f"{error.error}. {goes_on}", Exit.UNAVAILABLE) from error
        finished = self._finished(ended)
        self._show(finished)
        return finished

    def _submit(self, stack: ExitStack) -> RayvisionAPI:
        """Everything up to the moment when the farm has the task."""
        make_folder(self._wish.output)
        joining = Joining(self._farm.data) if isinstance(self._farm, OwnFarm) else None
        workspace = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renderbus-")))
        reading = Reading.of(self._wish, workspace)
        reading.choose(self._wish)
        self._show(reading.event())
        if reading.missing and not self._wish.allow_missing:
            raise reading.missing_problem()
        if joining:
            check_engines(reading.task)
        account = joining.result() if joining else self._farm
        assert isinstance(account, Account)  # an OwnFarm is always joined
        if joining:
            stack.callback(StillHere(account.url).close)
        self._show(events.Farm(url=account.url, embedded=joining is not None))
        api = self._api = stack.enter_context(log_in(account))
        self._task_id = reading.check(api)
        self._upload(api, reading)
        self._submitted = True  # from here on a cancel has something to stop
        api.submit(self._task_id)
        self._show(events.Submitted(task=self._task_id))
        return api

    def _upload(self, api: RayvisionAPI, reading: Reading) -> None:
        from rayvision_sync.engine import upload
        from rayvision_sync.ledgers import open_ledger

        told = Told(self._show)
        with self._interrupt.only_noted() as cancel, open_ledger(api) or nullcontext() as ledger:
            documents = [(path, f"/{self._task_id}/cfg/{path.name}") for path in reading.documents]
            upload(api, documents, "config", cancel=cancel)
            upload(api, reading.assets, "input", on_progress=told, ledger=ledger, cancel=cancel)
            told.end()

    def _wait(self, api: RayvisionAPI) -> Exit:
        from rayvision_sync.listening import TaskEvents

        self._watch = Watch(api.connect.call, self._task_id, self._show)
        task = one_task(api, self._task_id)
        folder = task.output_file_name or str(self._task_id)
        self._place = free_folder(self._wish.output / folder)
        self._arrivals = Arrivals(api, task, self._place, self._show, self._interrupt.asked, strip=folder)
        self._fetcher = Fetcher(self._arrivals.fetch)
        with TaskEvents(api, {self._task_id: ()}) as told:
            ended = follow(self._watch, self._fetcher, timeout_s=self._wish.timeout_s, wait=told.wait)
        if ended is Exit.NO_WORKER:
            api.connect.call(STOP_TASK, TaskIds(task_ids=[self._task_id]))
            self._say(f"task {self._task_id} is stopped: {' '.join(self._watch.reasons)}")
        self._fetcher.finish()
        if ended is Exit.TIMED_OUT:
            self._say(f"task {self._task_id} goes on; fetch its pictures with: {self._command('download')}")
        elif ended is Exit.SUSPENDED:
            self._say(f"task {self._task_id} is suspended; go on with: {self._command('task start')}")
        return ended

    def _cancel(self) -> Exit:
        """Stop the task if the farm has it; what was downloaded stays."""
        if not self._submitted or self._api is None:
            self._say("cancelled: nothing was submitted")
            return Exit.STOPPED
        try:
            self._api.connect.call(STOP_TASK, TaskIds(task_ids=[self._task_id]))
        except Exception as error:
            self._say(
                f"cancelled, but task {self._task_id} could not be stopped: {problem_of(error).message}"
            )
        else:
            again = self._command("task start")
            self._say(f"cancelled: task {self._task_id} is stopped; go on with: {again}")
        if self._fetcher is not None:
            self._fetcher.abandon()
        return Exit.STOPPED

    def _command(self, verb: str) -> str:
        return f"renderbus {verb} {self._task_id}{self._same_farm}"

    def _say(self, text: str) -> None:
        self._show(events.Said(text=text))

    def _finished(self, ended: Exit) -> events.Finished:
        task = self._watch.task if self._watch else None
        files = self._arrivals.known if self._arrivals else 0
        return events.Finished(
            exit=ended,
            status=STATUS_WORDS[ended],
            task=self._task_id,
            folder=str(self._place) if files else "",
            frames_done=task.done_frames if task else 0,
            frames_failed=task.failed_frames if task else 0,
            frames_total=task.total_frames if task else 0,
            unit=self._watch.unit if self._watch else "frame",
            files=files,
            seconds=round(time.monotonic() - self._began, 3),
        )
