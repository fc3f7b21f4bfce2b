"""What a file may do to the process that reads it; called in workers, so in a module that they can import."""

from __future__ import annotations

import os
import sys
import time

from kb.errors import LockedDocument


def double(number: int) -> int:
    """Do what is asked."""
    return 2 * number


def process_id() -> int:
    """The process that this runs in."""
    return os.getpid()


def compute_for_ever() -> None:
    """Use all the processor time there is."""
    while True:
        pass


def wait_for_ever() -> None:
    """Use no processor time and do not end."""
    time.sleep(3600)


def fill_memory() -> None:
    """Ask for more memory than there is."""
    held = []
    while True:
        held.append(bytearray(16 * 2**20))


def crash() -> None:
    """End as a library in C does."""
    os.abort()


def leave() -> None:
    """End without an answer."""
    os._exit(3)


def fail() -> None:
    """Show a defect of ours."""
    raise IndexError("a defect")


def refuse() -> None:
    """Refuse a file."""
    raise LockedDocument("office-password", filename="a.pdf")


def talk() -> str:
    """Write where the answers go."""
    sys.stdout.write("noise")
    sys.stdout.flush()
    os.write(1, b"noise")
    return "answer"


def return_bytes(count: int) -> bytes:
    """A result of so many bytes."""
    return bytes(count)


def limits() -> dict[str, int]:
    """The limits of this process, by name."""
    import resource

    names = ("RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CORE")
    return {name: resource.getrlimit(getattr(resource, name))[0] for name in names}
