"""What a decode child takes away from itself before it sees a stranger's byte: files, network, processes, memory, time.

Nothing here needs a privilege, and each step that a machine doesn't offer is left out and missing from the answer.
"""

import contextlib
import ctypes
import math
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path

MEMORY = 1_500_000_000  # address space, bytes
CPU_SECONDS = 4  # a photo
OPEN_FILES = 16
_LONGEST_LIFE = 600  # CPU seconds of a child, whatever it decodes
_LIMITS = {
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: OPEN_FILES,
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_CPU: _LONGEST_LIFE,
}

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

# All that is left: memory, time, threads and one socket; no call that opens, connects or starts anything. Numbers as in
# the kernel's tables (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
_ALLOWED = {
    "x86_64": {
        "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11,
        "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25,
        "madvise": 28, "nanosleep": 35, "getpid": 39, "sendto": 44, "recvfrom": 45, "exit": 60, "gettimeofday": 96,
        "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "sigaltstack": 131, "gettid": 186, "futex": 202,
        "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228, "clock_nanosleep": 230,
        "exit_group": 231, "ppoll": 271, "set_robust_list": 273, "prlimit64": 302, "getrandom": 318, "membarrier": 324,
        "rseq": 334,
    },
    "aarch64": {
        "read": 63, "write": 64, "close": 57, "fstat": 80, "lseek": 62, "mmap": 222, "mprotect": 226, "munmap": 215,
        "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "sched_yield": 124, "mremap": 216,
        "madvise": 233, "nanosleep": 101, "getpid": 172, "sendto": 206, "recvfrom": 207, "exit": 93,
        "gettimeofday": 169, "getrlimit": 163, "getrusage": 165, "sysinfo": 179, "sigaltstack": 132, "gettid": 178,
        "futex": 98, "sched_getaffinity": 123, "restart_syscall": 128, "clock_gettime": 113, "clock_nanosleep": 115,
        "exit_group": 94, "ppoll": 73, "set_robust_list": 99, "prlimit64": 261, "getrandom": 278, "membarrier": 283,
        "rseq": 293,
    },
}  # fmt: skip
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_CLONE_THREAD = 0x00010000

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06  # BPF: ld [k]; jeq; jset; ret
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026


def enter(parent: int, *, system_calls: bool = True) -> list[str]:
    """Lock this process in, for good; the names of the guards that stand.

    Args:
        parent: the process id that started this one; the child ends when it does.
        system_calls: also allow only the system calls that decoding needs.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; its end is ours
    guards = ["limits"]
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # when memory runs out, the kernel ends this process first
            Path("/proc/self/oom_score_adj").write_text("1000")
        _prctl(_PR_SET_DUMPABLE, 0)
        guards += ["no new privileges"] if _prctl(_PR_SET_NO_NEW_PRIVS, 1) else []
        end_with(parent)
    for limit, value in _LIMITS.items():
        _, ceiling = resource.getrlimit(limit)
        value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(limit, (value, value))
    if sys.platform == "linux":
        if system_calls and _filter_system_calls():
            guards.append("system calls")
        elif _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            guards.append("no network")
            end_with(parent)  # a new user namespace clears the parent-death signal
    return guards


def allow_cpu() -> None:
    """Give the next photo its CPU seconds: the soft limit moves on, and SIGXCPU ends a child that passes it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + CPU_SECONDS  # the kernel counts whole seconds
    _, ceiling = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, ceiling), ceiling))


def end_with(parent: int) -> None:
    """Where the system can: this process is killed when its parent, or the parent's thread that made it, has gone."""
    if sys.platform != "linux":
        return
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the process that started this decode child has gone")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, argument: int, pointer: object = None) -> bool:
    return bool(_libc().prctl(option, ctypes.c_ulong(argument), pointer or ctypes.c_ulong(0), 0, 0) == 0)


def _filter_system_calls() -> bool:
    machine = platform.machine()
    if machine not in _ALLOWED:
        return False
    allowed = sorted(_ALLOWED[machine].values())
    program = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # the number of the system call
        (_EQUAL, 0, 3, _CLONE[machine]),
        (_LOAD, 0, 0, 16),  # its first argument: threads yes, processes no
        (_ANY_BIT, len(allowed) + 3, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _EPERM),
        (_EQUAL, len(allowed) + 2, 0, _CLONE3),  # its arguments can't be looked at; glibc falls back to clone
        *((_EQUAL, len(allowed) - place, 0, number) for place, number in enumerate(allowed)),
        (_RETURN, 0, 0, _EPERM),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ENOSYS),
    ]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code)
    filter_program = ctypes.create_string_buffer(struct.pack("HP", len(program), ctypes.addressof(buffer)))
    return _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_program)
