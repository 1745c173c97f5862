"""Wake-ups through RQ's lists in Redis. Only a job's id travels, as JSON; what RQ could lose is written in SQL.

RQ's own workers are not used: measured, they lose or double jobs when processes are killed. A worker that is RQ's would
find a function that refuses to run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from app.core.errors import Unavailable
from app.core.ids import parse_id
from app.core.jobs.names import QUEUES

if TYPE_CHECKING:
    from redis import Redis
    from rq import Queue as RqList

T = TypeVar("T")

TIMEOUT_S = 1.0
DEAF_S = 1.0
"""After a failure nothing is tried for so long: a Redis that hangs must not make every request wait for it."""
KEPT_S = 60
"""How long a wake-up that nobody hears keeps a second one for the same job out."""
MARK = "galley:bells"
REFUSED = "app.adapters.queue_rq.refuse"


def refuse(job_id: str) -> None:
    """Refuse to be run by a worker of RQ's own: nothing would hold the job's lease.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError(f"job {job_id} is run by `python3 -m app worker`, not by rq")


class RqQueue:
    """One RQ list per queue."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._deaf_until_s = 0.0

    @cached_property
    def _redis(self) -> Redis:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return Redis.from_url(
            self._redis_url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
        )

    @cached_property
    def _patient(self) -> Redis:
        """A connection that may wait for a bell; its time-out is given with each wait."""
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return Redis.from_url(
            self._redis_url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=TIMEOUT_S, socket_timeout=10.0
        )

    def _list(self, queue: str) -> RqList:
        from rq import Queue as RqList
        from rq.serializers import JSONSerializer

        return RqList(queue, connection=self._redis, serializer=JSONSerializer)

    async def wake(self, job_ids: Sequence[UUID], *, queue: str, first: bool = False) -> None:
        await self._ask(lambda: self._ring(job_ids, queue, first))

    def _ring(self, job_ids: Sequence[UUID], queue: str, first: bool) -> None:
        from rq.exceptions import DuplicateJobError
        from rq.job import Job

        if first:  # a worker took it and died, perhaps before it could say so here
            self._redis.delete(*(Job.key_for(str(job_id)) for job_id in job_ids))
        waiting = self._list(queue)
        for job_id in map(str, job_ids):
            try:
                waiting.enqueue_call(REFUSED, args=(job_id,), job_id=job_id, ttl=KEPT_S, unique=True, at_front=first)
            except DuplicateJobError:  # it was rung for, and nobody has heard yet
                continue

    async def take(self, queues: Sequence[str], *, wait_s: float) -> UUID | None:
        return await self._ask(lambda: self._pop(queues, wait_s))

    def _pop(self, queues: Sequence[str], wait_s: float) -> UUID | None:
        from rq.exceptions import DequeueTimeout
        from rq.job import Job

        lists = [self._list(queue).key for queue in queues]
        try:
            # By several keys, also for one queue: by one key RQ keeps what was taken in another list.
            found = self._list(queues[0]).lpop(lists, wait_s, connection=self._patient)  # type: ignore[arg-type]
        except DequeueTimeout:
            return None
        job_id = str(found[1], "utf-8")
        self._redis.delete(Job.key_for(job_id))
        return parse_id(job_id)

    async def depth(self) -> Mapping[str, int]:
        return await self._ask(lambda: {queue: n for queue in QUEUES if (n := self._list(queue).count)})

    async def is_marked(self) -> bool:
        return await self._ask(lambda: bool(self._redis.exists(MARK)))

    async def mark(self) -> None:
        await self._ask(lambda: self._redis.set(MARK, 1))

    async def ping(self) -> None:
        """Return when Redis answers.

        Raises:
            Unavailable: it does not.
        """
        await self._ask(lambda: bool(self._redis.ping()))

    async def close(self) -> None:
        for name in ("_redis", "_patient"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()

    async def _ask(self, question: Callable[[], T]) -> T:
        from redis.exceptions import RedisError

        if time.monotonic() < self._deaf_until_s:
            raise Unavailable(code="queue.unavailable")
        try:
            return await asyncio.to_thread(question)
        except (RedisError, OSError) as error:
            self._deaf_until_s = time.monotonic() + DEAF_S
            raise Unavailable(code="queue.unavailable") from error
