"""Fault injection: a child process that is killed at the n-th call of a named system call."""

from __future__ import annotations

import signal
import subprocess
import sys

_PRELUDE = """
import os, signal

def kill_at(name, number, prefix):
    real, calls = getattr(os, name), []

    def counted(*arguments, **options):
        if prefix in str(arguments[0]):
            calls.append(name)
            if len(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)

    setattr(os, name, counted)
"""


def killed(script: str, call: str, number: int, *arguments: str, path: str = "") -> bool:
    """Run a script in a child process that is killed in place of the `number`-th call of `os.call`; whether it was.

    Only calls whose first argument contains `path` are counted. False: the script ended well before that call.
    """
    program = f"{_PRELUDE}\nkill_at({call!r}, {number}, {path!r})\n{script}"
    ended = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    if ended.returncode == -signal.SIGKILL:
        return True
    assert ended.returncode == 0, ended.stderr
    return False
