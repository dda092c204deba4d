"""Entries that behave and misbehave, for the executor suite; loaded inside worker processes."""

import ctypes
import os
import signal
import sys
import threading
import time

from manufold.model.errors import InputFault


def double(request: object) -> object:
    assert isinstance(request, int)
    return 2 * request


def refuse(request: object) -> object:
    raise InputFault("part.not_a_part", file=str(request))


def stumble(request: object) -> object:
    raise KeyError(f"no {request}")


def segfault(request: object) -> object:
    ctypes.string_at(0)
    return request


def leave(request: object) -> object:
    sys.stderr.write("the last words\n")
    sys.stderr.flush()
    os._exit(7)


def nap(request: object) -> object:
    assert isinstance(request, float)
    time.sleep(request)
    return "rested"


def never(request: object) -> object:
    """Answer nothing until somebody ends this process."""
    return threading.Event().wait()


def hang_in_native_code(request: object) -> object:
    """Hold the interpreter's lock for ever, as a CAD kernel does."""
    return ctypes.PyDLL(None).sleep(int(str(request)))


def grow(request: object) -> object:
    hoard = []
    while True:
        hoard.append(bytearray(os.urandom(2**20)) * 8)


def leap(request: object) -> object:
    """Ask for far more than the limit at once."""
    return len(bytearray(2**36))


def chatter(request: object) -> object:
    os.write(1, b"noise of a kernel\n")
    print("noise of python", flush=True)
    return "quiet"


def pid(request: object) -> object:
    return os.getpid()


def linger(request: object) -> object:
    """Answer at once, and leave a thread behind."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return os.getpid()


def unpicklable(request: object) -> object:
    return lambda: request


def kill_self(request: object) -> object:
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def has(request: object) -> object:
    """Say whether a module is loaded here."""
    return str(request) in sys.modules
