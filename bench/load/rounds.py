"""The rounds of the load test: who comes, how often, and what is measured of it."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.load.client import Reply, Visitor, anew
from bench.load.house import LOGIN, House
from bench.load.memory import Watch, memory_of
from tests.faults.visitor import Form

_ITEM = "/admin/catalog/item"
SLOW_CLIENTS = 200
UPLOADS = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: whether what was measured keeps the target."""

    what: str
    target: str
    measured: str
    kept: bool


def percentile(share: float, times: Sequence[float]) -> float:
    return float(np.percentile(np.array(times or [float("inf")]), 100 * share))


async def logged_in(house: House) -> Visitor:
    visitor = Visitor(house.nginx.port)
    await visitor.get("/login/")
    reply = await visitor.post("/login/", {"username": LOGIN[0], "password": LOGIN[1]})
    assert reply.status == 302, reply.body[:500]
    return visitor


async def search(visitor: Visitor, photo: bytes) -> Reply:
    """Ask with a photo that nobody has asked with, and read the answer; the time of both."""
    asked = await visitor.post("/", {}, {"photos": anew(photo)})
    if asked.status != 302:
        return asked
    answer = await visitor.get(asked.headers["location"])
    return Reply(answer.status, answer.headers, answer.body, asked.seconds + answer.seconds)


async def closed(count: int, seconds: float, act: Callable[[], Awaitable[Reply]]) -> list[Reply]:
    """So many visitors, each of whom comes again as soon as he was answered."""
    until = time.monotonic() + seconds

    async def visit() -> list[Reply]:
        replies = []
        while time.monotonic() < until:
            replies.append(await act())
        return replies

    return [reply for replies in await asyncio.gather(*(visit() for _ in range(count))) for reply in replies]


async def open_loop(rate: float, seconds: float, act: Callable[[], Awaitable[Reply]], seed: int = 0) -> list[Reply]:
    """Visitors who come at random times, on average `rate` a second, whether or not others were answered."""
    dice, tasks = random.Random(seed), []  # noqa: S311 - guards nothing
    began, at = time.monotonic(), 0.0
    while (at := at + dice.expovariate(rate)) < seconds:
        await asyncio.sleep(max(0.0, began + at - time.monotonic()))
        tasks.append(asyncio.create_task(_late(act, began + at)))
    return list(await asyncio.gather(*tasks))


async def _late(act: Callable[[], Awaitable[Reply]], meant: float) -> Reply:
    """The time counts from when the visitor was to come: if we are late, so is the house for him."""
    reply = await act()
    return Reply(reply.status, reply.headers, reply.body, time.monotonic() - meant)


async def two_searches(house: House, photos: Sequence[bytes], seconds: float) -> Line:
    visitor, dice = await logged_in(house), random.Random(1)  # noqa: S311
    await search(visitor, photos[0])
    replies = await closed(2, seconds, lambda: search(visitor, dice.choice(photos)))
    times = [reply.seconds for reply in replies if reply.status == 200]
    p95 = percentile(0.95, times)
    return Line(
        "search by photo, 2 at a time",
        "p95 ≤ 1.0 s",
        f"p50 {percentile(0.5, times):.2f} s, p95 {p95:.2f} s, {len(times) / seconds:.1f} a second{_wrong(replies)}",
        p95 <= 1.0 and len(times) == len(replies),
    )


async def similar_items(house: House, seconds: float) -> list[Line]:
    """An item's page, with similar ones that were sold, and the whole answer to "more like this", with prices."""
    visitor = await logged_in(house)
    return [
        await _pages(visitor, house, seconds, "an item's page with twelve similar ones", "/items/{}/"),
        await _pages(visitor, house, seconds, 'the answer to "more like this"', "/like/{}/"),
    ]


async def _pages(visitor: Visitor, house: House, seconds: float, what: str, address: str) -> Line:
    dice = random.Random(2)  # noqa: S311

    async def look() -> Reply:
        return await visitor.get(address.format(dice.randint(1, house.photos // 2)))

    await open_loop(20, 10, look, seed=1)  # not counted: the house has just started, and so has its worker
    replies = await open_loop(20, seconds, look)
    times = [reply.seconds for reply in replies if reply.status == 200]
    p95 = percentile(0.95, times)
    return Line(
        f"{what}, 20 requests a second",
        "p95 ≤ 150 ms",
        f"p50 {1000 * percentile(0.5, times):.0f} ms, p95 {1000 * p95:.0f} ms{_wrong(replies)}",
        p95 <= 0.15 and len(times) == len(replies),
    )


async def upload(visitor: Visitor, item: int, photo: bytes) -> Reply:
    """One more photo for an item, as the admin's form sends it; the time of sending it alone."""
    address = f"{_ITEM}/{item}/change/"
    page = await visitor.get(address)
    if page.status != 200:
        return page
    form = Form(page.body.decode()).values | {"_continue": "1"}
    return await visitor.post(address, form, {"new_photos": anew(photo)})


async def one_upload_after_another(house: House, photos: Sequence[bytes], seconds: float) -> Line:
    visitor, items, dice = await logged_in(house), iter(range(1, 10_000)), random.Random(3)  # noqa: S311
    await upload(visitor, next(items), photos[0])
    replies = await closed(1, seconds, lambda: upload(visitor, next(items), dice.choice(photos)))
    times = [reply.seconds for reply in replies if reply.status == 302]
    p95 = percentile(0.95, times)
    return Line(
        "upload of 12 megapixels accepted",
        "p95 ≤ 400 ms",
        f"p50 {1000 * percentile(0.5, times):.0f} ms, p95 {1000 * p95:.0f} ms, {len(times)} uploads{_wrong(replies)}",
        p95 <= 0.4 and len(times) == len(replies),
    )


async def many_uploads_at_once(house: House, photos: Sequence[bytes]) -> list[Line]:
    visitor = await logged_in(house)
    assert house.web
    first = 20_000
    forms = [Form((await visitor.get(f"{_ITEM}/{first + n}/change/")).body.decode()).values for n in range(UPLOADS)]
    with Watch(house.web.pid) as watch:
        began = time.monotonic()
        replies = await asyncio.gather(
            *(
                visitor.post(
                    f"{_ITEM}/{first + number}/change/",
                    form | {"_continue": "1"},
                    {"new_photos": anew(photos[number % len(photos)])},
                )
                for number, form in enumerate(forms)
            )
        )
        took = time.monotonic() - began
    clean = [reply for reply in replies if reply.status == 302 or _sent_away(reply)]
    accepted = sum(reply.status == 302 for reply in replies)
    most = watch.most
    return [
        Line(
            f"{UPLOADS} uploads of 12 megapixels at once",
            "all answered ≤ 30 s",
            f"{accepted} accepted, {len(clean) - accepted} told to come back, {took:.1f} s{_wrong(replies, 302)}",
            took <= 30 and len(clean) == UPLOADS,
        ),
        Line(
            f"memory of web and decode meanwhile, {most.processes} processes",
            "≤ 1.5 GB",
            f"{most.share / 1000:.2f} GB (counting shared pages in each: {most.resident / 1000:.2f} GB)",
            most.share <= 1500,
        ),
    ]


async def overload(house: House, photos: Sequence[bytes], seconds: float) -> list[Line]:
    visitor, dice = await logged_in(house), random.Random(4)  # noqa: S311
    before = await closed(4, seconds / 2, lambda: search(visitor, dice.choice(photos)))
    capacity = sum(reply.status == 200 for reply in before) / (seconds / 2)
    replies = await open_loop(3 * capacity, seconds, lambda: search(visitor, dice.choice(photos)))
    over = time.monotonic()
    recovered = float("inf")
    while time.monotonic() - over < 60:
        reply = await search(visitor, dice.choice(photos))
        if reply.status == 200 and reply.seconds <= 1.5:
            recovered = time.monotonic() - over
            break
        await asyncio.sleep(0.5)
    times = [reply.seconds for reply in replies if reply.status == 200]
    away = [reply.seconds for reply in replies if _sent_away(reply)]
    others = len(replies) - len(times) - len(away)
    return [
        Line(
            f"three times overload: {3 * capacity:.1f} searches a second, where {capacity:.1f} are answered",
            "sheds by 503 with Retry-After",
            f"{len(times)} answered (p95 {percentile(0.95, times):.1f} s), {len(away)} sent away "
            f"(p95 {percentile(0.95, away):.1f} s), {others} others",
            others == 0 and bool(away) and bool(times),
        ),
        Line("after it: a search within 1.5 s", "≤ 10 s", f"after {recovered:.1f} s", recovered <= 10),
    ]


async def slow_clients(house: House) -> list[Line]:
    """Row 32: clients that send a byte a second."""
    visitor = await logged_in(house)

    async def ordinary(count: int) -> list[float]:
        times = []
        for _ in range(count):
            times.append((await visitor.get("/")).seconds)
            await asyncio.sleep(0.1)
        return times

    usual = percentile(0.95, await ordinary(60))
    began, lives = time.monotonic(), []
    drips = [asyncio.create_task(_drip(house.nginx.port, began)) for _ in range(SLOW_CLIENTS)]
    await asyncio.sleep(1)
    meanwhile = percentile(0.95, await ordinary(60))
    lives = await asyncio.gather(*drips)
    return [
        Line(
            f"a page while {SLOW_CLIENTS} clients send a byte a second",
            "p95 ≤ 2 × the usual",
            f"{1000 * meanwhile:.0f} ms, usually {1000 * usual:.0f} ms",
            meanwhile <= 2 * usual,
        ),
        Line("such a client's connection is cut", "≤ 30 s", f"after {max(lives):.0f} s at most", max(lives) <= 30),
    ]


async def _drip(port: int, began: float) -> float:
    """Until the house hangs up, and at most two minutes; seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(OSError):
        while time.monotonic() - began < 120:
            writer.write(b"G")
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    if await reader.read(100) == b"":
                        break
    writer.close()
    return time.monotonic() - began


async def soak(house: House, photos: Sequence[bytes], minutes: float) -> list[Line]:
    """Everything that the house does, at a third of what it can, for long: what it has in memory must not grow."""
    visitor, dice, items = await logged_in(house), random.Random(5), iter(range(30_000, 10**9))  # noqa: S311
    assert house.web
    seen: list[float] = []
    statuses: Counter[int] = Counter()

    async def act() -> Reply:
        what = dice.random()
        if what < 0.25:
            return await search(visitor, dice.choice(photos))
        if what < 0.3:
            return await upload(visitor, next(items), dice.choice(photos))
        if what < 0.9:
            return await visitor.get(f"/like/{dice.randint(1, house.photos // 2)}/")
        return await visitor.get("/")

    for minute in range(max(4, round(minutes))):
        replies = await open_loop(4, 60 * minutes / max(4, round(minutes)), act, seed=minute)
        statuses.update(reply.status for reply in replies)
        seen.append(memory_of(house.web.pid).share)
        print(f"  minute {minute + 1}: {seen[-1]:.0f} MB", flush=True)
    second, last = list(_quarters(seen))[1], list(_quarters(seen))[3]
    growth = float(np.mean(last) / np.mean(second) - 1)
    return [
        Line(
            f"soak of {minutes:g} min, 4 requests a second",
            "memory grows ≤ 5 % from the second quarter to the last",
            f"{np.mean(second):.0f} → {np.mean(last):.0f} MB ({growth:+.1%}); by status {dict(statuses)}",
            growth <= 0.05 and not any(status == 0 or (status >= 500 and status != 503) for status in statuses),
        )
    ]


def _quarters(values: Sequence[float]) -> Iterator[Sequence[float]]:
    for quarter in range(4):
        yield values[quarter * len(values) // 4 : (quarter + 1) * len(values) // 4]


def _sent_away(reply: Reply) -> bool:
    return reply.status == 503 and "retry-after" in reply.headers


def _wrong(replies: Sequence[Reply], right: int | None = None) -> str:
    """What else came back, by status."""
    fine = {200, 302} if right is None else {right}
    others = Counter(reply.status for reply in replies if reply.status not in fine)
    return f"; other answers: {dict(others)}" if others else ""
