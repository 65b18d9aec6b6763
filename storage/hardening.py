"""What the vault process gives up before it holds a key: core files, tracing, the network.

Decides only what this process may no longer do, and says what could not be given up here. Linux. Never
undone. What it does not do: memory may still be swapped (the guide for operators says what to set), and
root on the same machine reads everything.

    core files   RLIMIT_CORE 0: the kernel writes none
    tracing      PR_SET_DUMPABLE 0: no other process of this account reads the memory or attaches
    network      a seccomp filter: socket(2) other than AF_UNIX, and io_uring, fail with EPERM
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import socket
import struct

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 4, 38, 22
_FILTER_MODE = 2
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_IO_URING_SETUP = 425
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""AUDIT_ARCH value and the number of socket(2), by machine (linux/audit.h, asm/unistd.h)."""


def harden() -> tuple[str, ...]:
    """Give up all three; the names of those that this system did not take away: `tracing`, `network`."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    left = []
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        left.append("tracing")
    if not _cut_network(libc):
        left.append("network")
    return tuple(left)


class _Program(ctypes.Structure):
    """struct sock_fprog (linux/filter.h)."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _cut_network(libc: ctypes.CDLL) -> bool:
    known = _MACHINES.get(os.uname().machine)
    if known is None or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    code = _filter(*known)
    program = _Program(len(code) // 8, code)
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)


def _filter(machine: int, socket_call: int) -> bytes:
    """Classic BPF over struct seccomp_data: nr at 0, arch at 4, the first argument at 16."""
    load, equal, result = 0x20, 0x15, 0x06

    def step(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    return b"".join(
        (
            step(load, 0, 0, 4),
            step(equal, 1, 0, machine),
            step(result, 0, 0, _KILL),
            step(load, 0, 0, 0),
            step(equal, 4, 0, _IO_URING_SETUP),
            step(equal, 0, 2, socket_call),
            step(load, 0, 0, 16),
            step(equal, 0, 1, socket.AF_UNIX),
            step(result, 0, 0, _ALLOW),
            step(result, 0, 0, _FAIL),
        )
    )
