# SPDX-License-Identifier: BSD-2-Clause
"""The virtual machine that the reference kernel runs on: how QEMU is called,
and what its exit status means. Shared by ./run and the kernel's tests."""

import ctypes
import os
import signal
import subprocess

PROMPT = b"refkernel> "
FIRMWARE = "/usr/share/ovmf/OVMF.fd"

# isa-debug-exit: QEMU's status is (value << 1) | 1. The kernel writes 0x10 plus its
# exit status, or 0x7e when it panics.
EXIT_PORT = 0xF4
EXIT_BASE = 0x10
PANIC_VALUE = 0x7E

CLEAN = (EXIT_BASE << 1) | 1
PANIC = (PANIC_VALUE << 1) | 1


def command(image, *, smp=1, uefi=False, kvm=False, display="none", gdb=False, memory=256,
            serial="stdio", monitor=None, extra=()):
    """QEMU's command line. `serial` is a -serial argument; `monitor` the path of a
    UNIX socket for QMP, on which keys can be pressed; `extra` goes at the end."""
    words = [
        "qemu-system-x86_64", "-machine", "q35", "-m", str(memory), "-smp", str(smp),
        "-accel", "kvm" if kvm else "tcg", "-display", display, "-nic", "none", "-nodefaults",
        "-vga", "std", "-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=0x04",
        "-cdrom", os.fspath(image), "-boot", "d",
    ]
    words += {"stdio": ["-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial"],
              "terminal": ["-chardev", "stdio,id=serial,signal=off,mux=on", "-serial", "chardev:serial",
                           "-mon", "chardev=serial"],
              }.get(serial, ["-serial", serial])
    if uefi:
        words += ["-bios", FIRMWARE]
    if monitor:
        words += ["-qmp", f"unix:{monitor},server=on,wait=off"]
    if gdb:
        words += ["-S", "-gdb", "tcp:127.0.0.1:1234"]
    return words + list(extra)


def outcome(status):
    """What a QEMU status means: ("exit", n), ("panic", 0), ("quit", 0), ("died", n)."""
    if status == PANIC:
        return "panic", 0
    if status >= CLEAN and status & 1:
        return "exit", (status >> 1) - EXIT_BASE
    if status == 0:
        return "quit", 0
    return "died", status


def start(words, **how):
    """Run QEMU so that it cannot outlive us, however we end. `how` is for Popen."""
    libc = ctypes.CDLL(None)
    pr_set_pdeathsig = 1
    return subprocess.Popen(words, preexec_fn=lambda: libc.prctl(pr_set_pdeathsig, signal.SIGKILL), **how)
