"""Threads that work together: whoever waits for them can be interrupted."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from steep.study.crew import Crew


def test_a_signal_that_another_thread_takes_interrupts_the_wait() -> None:
    waits, heard = threading.Event(), threading.Event()
    in_time: list[bool] = []

    def take_signal() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        waits.wait(20)
        os.kill(os.getpid(), signal.SIGINT)
        in_time.append(heard.wait(20))

    def wait() -> None:
        waits.set()
        crew.wait()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # the caller cannot take it
    crew = Crew(1, take_signal)
    try:
        crew.start()
        with pytest.raises(KeyboardInterrupt):
            wait()
        heard.set()
        assert crew.wait(20)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        signal.signal(signal.SIGINT, before)
    assert in_time == [True]


def test_a_wait_ends_at_its_time() -> None:
    ended = threading.Event()

    def work() -> None:
        ended.wait(60)

    crew = Crew(2, work)
    crew.start()
    assert not crew.wait(0.15)
    ended.set()
    assert crew.wait(30)
