"""First come, first served."""

import threading
import time

from catalog.decode.slots import Slots


def test_there_are_as_many_places_as_said() -> None:
    slots = Slots(2)
    assert [slots.take(0.01) for _ in range(3)] == [True, True, False]
    slots.give_back()
    assert slots.take(0.01)
    assert not slots.take(0.01)


def test_who_waits_longest_comes_first() -> None:
    slots, order = Slots(1), []
    assert slots.take(1)

    def wait(number: int) -> None:
        assert slots.take(10)
        order.append(number)
        slots.give_back()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=wait, args=[number]))
        threads[-1].start()
        while len(slots._queue) <= number:
            time.sleep(0.001)
    slots.give_back()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_greedy_sender_keeps_nobody_out() -> None:
    """It gives its place back and asks for it again at once, as a loop of uploads does."""
    slots, done = Slots(1), threading.Event()
    turns = 0

    def greedy() -> None:
        nonlocal turns
        while not done.is_set():
            assert slots.take(10)
            time.sleep(0.001)
            slots.give_back()
            turns += 1

    thread = threading.Thread(target=greedy)
    thread.start()
    while turns < 3:
        time.sleep(0.001)
    before = turns
    assert slots.take(10)
    assert turns - before <= 2
    slots.give_back()
    done.set()
    thread.join()


def test_who_gave_up_is_not_called() -> None:
    slots = Slots(1)
    assert slots.take(1)
    assert not slots.take(0.01)
    slots.give_back()
    assert slots.take(0.01)
