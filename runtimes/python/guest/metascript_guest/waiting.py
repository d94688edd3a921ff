"""Waiting: `time.sleep` and an asyncio event loop that need neither sockets nor threads."""

import asyncio
import selectors
import time

from wit_world.imports import host

# The host's longest single wait, in milliseconds.
_LONGEST = 2**31


def sleep(seconds, /):
    """Takes the place of `time.sleep`: the user can interrupt it and the cell's deadline ends it."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    left = float(seconds) * 1000.0
    while True:
        piece = min(round(left), _LONGEST)
        if not host.sleep(piece):
            raise KeyboardInterrupt("interrupted")
        left -= piece
        if left < 1:
            return


class _Selector(selectors._BaseSelectorImpl):
    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("this waits for ever: no task is ready and no timer is set")
        if timeout > 0:
            sleep(timeout)
        return []


class Loop(asyncio.SelectorEventLoop):
    """asyncio's own loop, less the pipe that wakes it from other threads, of which there are none."""

    def __init__(self, selector=None):
        super().__init__(_Selector())

    def _make_self_pipe(self):
        pass

    def _close_self_pipe(self):
        pass

    def _write_to_self(self):
        pass


def install():
    """Makes both the defaults."""
    time.sleep = sleep
    asyncio.SelectorEventLoop = asyncio.EventLoop = Loop
    asyncio.DefaultEventLoopPolicy = None
    run = asyncio.run
    runner = asyncio.Runner

    def run_here(main, *, debug=None, loop_factory=None):
        return run(main, debug=debug, loop_factory=loop_factory or Loop)

    class Runner(runner):
        def __init__(self, *, debug=None, loop_factory=None):
            super().__init__(debug=debug, loop_factory=loop_factory or Loop)

    run_here.__doc__, run_here.__name__, run_here.__qualname__ = run.__doc__, "run", "run"
    Runner.__doc__, Runner.__qualname__ = runner.__doc__, "Runner"
    asyncio.run = asyncio.runners.run = run_here
    asyncio.Runner = asyncio.runners.Runner = Runner
    asyncio.new_event_loop = asyncio.events.new_event_loop = Loop
