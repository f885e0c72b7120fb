"""Others are asked at once and then on a schedule; who does not answer is asked less often and holds nobody up."""

import asyncio
import logging
import random
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nubem_jupyter.catalog.watching import Poller, PollTiming

WAIT_S = 20.0
OFTEN = PollTiming(every_s=0.01, longest_s=0.02, spread=0.0)
SELDOM = PollTiming(every_s=600.0)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_wait_doubles_up_to_the_longest(failures, chance):
    timing = PollTiming()
    wait_s = timing.wait_s(failures, chance)
    assert timing.every_s * 0.9 <= wait_s <= timing.longest_s * 1.1
    assert timing.wait_s(failures + 1, chance) >= wait_s


def test_one_that_is_asked_seldom_is_not_asked_more_often_for_being_away():
    assert PollTiming(every_s=100.0, longest_s=10.0, spread=0.0).wait_s(5, 0.5) == 100.0


class Asked:
    """Somebody who is asked, and may raise, refuse or never answer."""

    def __init__(self, answer=True):
        self.answer = answer
        self.times = 0
        self.cancelled = threading.Event()
        self.news = threading.Condition()

    async def __call__(self):
        with self.news:
            self.times += 1
            self.news.notify_all()
        if self.answer == "never":
            try:
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def wait_for(self, times):
        with self.news:
            assert self.news.wait_for(lambda: self.times >= times, WAIT_S)


@pytest.fixture
def poll():
    begun = []

    def begin(timing, **asked):
        answers = []
        poller = Poller(asked, lambda: answers.append(1), rng=random.Random(7), timing=timing)
        begun.append(poller)
        poller.start()
        poller.start()
        return poller, answers

    yield begin
    for poller in begun:
        poller.stop()


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "nubem-poller"]


def test_everybody_is_asked_at_once_and_again_and_each_answer_is_told(poll):
    one, other = Asked(), Asked(answer=False)
    _, answers = poll(OFTEN, one=one, other=other)
    one.wait_for(5)
    other.wait_for(5)
    assert len(answers) >= 8


def test_one_that_never_answers_and_one_that_breaks_keep_nobody_waiting(poll, caplog):
    silent, broken, well = Asked(answer="never"), Asked(answer=RuntimeError("odd")), Asked()
    with caplog.at_level(logging.ERROR):
        poll(OFTEN, silent=silent, broken=broken, well=well)
        well.wait_for(5)
        broken.wait_for(2)
    assert silent.times == 1
    assert "'broken' could not be asked" in caplog.text


def test_a_stop_ends_the_thread_also_in_the_middle_of_a_question(poll):
    silent = Asked(answer="never")
    poller, _ = poll(SELDOM, silent=silent)
    silent.wait_for(1)
    poller.stop()
    poller.stop()
    assert silent.cancelled.is_set()
    assert not threads()


def test_it_waits_between_two_questions_and_begins_no_thread_without_anybody_to_ask(poll):
    asked = Asked()
    poll(SELDOM, asked=asked)
    asked.wait_for(1)
    time.sleep(0.05)
    assert asked.times == 1
    before = threads()
    poll(SELDOM)
    assert threads() == before


def test_after_a_stop_nothing_begins(poll):
    asked = Asked()
    poller = Poller({"asked": asked}, lambda: None, rng=random.Random(7))
    poller.stop()
    poller.start()
    assert asked.times == 0
    assert not threads()


def test_its_own_thread_may_stop_it(poll):
    asked = Asked()
    stopped = threading.Event()

    def stop():
        poller.stop()
        stopped.set()

    poller = Poller({"asked": asked}, stop, rng=random.Random(7), timing=OFTEN)
    poller.start()
    assert stopped.wait(WAIT_S)
    poller.stop()
    assert not threads()
