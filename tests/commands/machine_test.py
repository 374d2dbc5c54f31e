#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tools/boot.py with a kernel that does what it is told (echo-kernel.c): exit statuses,
time limits, piped input that comes neither too early nor too late, and the terminal."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from terminal import Terminal

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BOOT = [sys.executable, str(ROOT / "tools/boot.py")]
IMAGE = None


def setUpModule():
    global IMAGE
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    IMAGE = os.path.join(folder.name, "echo.iso")
    grub = pathlib.Path(folder.name, "tree/boot/grub")
    grub.mkdir(parents=True)
    (grub / "grub.cfg").write_text("multiboot2 /boot/kernel\nboot\n")
    (grub.parent / "kernel").write_bytes(pathlib.Path(os.environ["ECHO_KERNEL"]).read_bytes())
    subprocess.run(["grub-mkrescue", f"--output={IMAGE}", "--fonts=", "--themes=", "--locales=",
                    folder.name + "/tree"], check=True, capture_output=True)


def boot(text, *options, seconds=90):
    return subprocess.run([*BOOT, *options, IMAGE], input=text.encode(), check=False, capture_output=True,
                          timeout=seconds)


def answers(done):
    lines = done.stdout.split(b"\r\n")
    return [line.removeprefix(b"said: ").decode() for line in lines if line.startswith(b"said: ")]


class Piped(unittest.TestCase):
    def test_lines_are_answered_in_order_and_exit_is_status_0(self):
        done = boot("one\ntwo\nexit\n")
        self.assertEqual((answers(done), done.returncode, done.stderr), (["one", "two"], 0, b""))

    def test_50_lines_of_200_characters_arrive_whole(self):
        source = random.Random(7)
        lines = ["".join(source.choices("abcdefgh ", k=200)) for _ in range(50)]
        done = boot("\n".join(lines) + "\nexit\n")
        self.assertEqual(answers(done), lines)

    def test_the_end_of_the_input_without_exit_is_status_0_after_the_answer(self):
        done = boot("one\ntwo")
        self.assertEqual((answers(done), done.returncode), (["one", "two"], 0))

    def test_no_input_boots_and_is_status_0(self):
        done = boot("")
        self.assertEqual((done.returncode, done.stdout.endswith(b"refkernel> \n")), (0, True))

    def test_input_from_a_file_arrives(self):
        with tempfile.TemporaryFile() as file:
            file.write(b"from a file\nexit\n")
            file.seek(0)
            done = subprocess.run([*BOOT, IMAGE], stdin=file, check=False, capture_output=True, timeout=60)
        self.assertEqual((answers(done), done.returncode), (["from a file"], 0))

    def test_input_that_comes_bit_by_bit_arrives(self):
        with subprocess.Popen([*BOOT, IMAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for piece in (b"on", b"e\nt", b"wo", b"\nexit\n"):
                time.sleep(0.7)
                process.stdin.write(piece)
                process.stdin.flush()
            output = process.stdout.read()
        self.assertIn(b"said: one\r\n", output)
        self.assertIn(b"said: two\r\n", output)
        self.assertEqual(process.returncode, 0)

    def test_a_status_of_the_kernel_is_told(self):
        done = boot("exit 3\n")
        self.assertEqual((done.returncode, done.stderr), (19, b"run: the kernel ended with status 3\n"))

    def test_a_panic_has_a_status_and_a_line_of_its_own(self):
        done = boot("panic\n")
        self.assertEqual((done.returncode, done.stderr),
                         (4, b"run: the kernel panicked; its report is above\n"))

    def test_a_hang_past_the_time_limit_has_a_status_and_a_line_of_its_own(self):
        done = boot("hang\n", "--timeout", "4")
        self.assertEqual(done.returncode, 5)
        self.assertRegex(done.stderr, rb"^run: the time limit of 4 s is over[^\n]*\n$")

    def test_a_machine_that_cannot_start_has_a_status_of_its_own(self):
        done = subprocess.run([*BOOT, "/nonexistent.iso"], input=b"", check=False,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 6)

    def test_four_processors_and_uefi_boot_as_well(self):
        done = boot("one\nexit\n", "--smp", "4", "--uefi")
        self.assertEqual((answers(done), done.returncode), (["one"], 0))

    def test_no_machine_outlives_its_killed_runner(self):
        with subprocess.Popen([*BOOT, IMAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.read(1)
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            process.send_signal(signal.SIGKILL)
        self.assertEqual(len(children), 1)
        end = time.monotonic() + 5
        while running(children[0]) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertFalse(running(children[0]))


def running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


class OnATerminal(unittest.TestCase):
    def sit_down(self, *options):
        terminal = Terminal([*BOOT, *options, IMAGE])
        self.assertTrue(terminal.wait_for(b"Ctrl-A X"), "nobody says how to leave")
        self.assertTrue(terminal.wait_for(b"refkernel> "))
        return terminal

    def test_a_line_is_answered_and_exit_leaves(self):
        terminal = self.sit_down()
        terminal.type(b"hello\r")
        self.assertTrue(terminal.wait_for(b"said: hello"))
        self.assertTrue(terminal.wait_for(b"refkernel> "))
        terminal.type(b"exit\r")
        self.assertEqual(terminal.finish(), 0)

    def test_control_c_goes_to_the_kernel(self):
        terminal = self.sit_down()
        terminal.type(b"a\x03b\r")
        self.assertTrue(terminal.wait_for(b"said: a\x03b"))
        self.assertTrue(terminal.wait_for(b"refkernel> "))
        terminal.type(b"exit\r")
        self.assertEqual(terminal.finish(), 0)

    def test_control_a_x_leaves(self):
        terminal = self.sit_down()
        terminal.type(b"\x01x")
        self.assertEqual(terminal.finish(), 0)

    def test_the_terminal_is_as_it_was_after_the_time_limit(self):
        terminal = self.sit_down("--timeout", "4")
        self.assertNotEqual(terminal.attributes(), terminal.before)
        self.assertTrue(terminal.wait_for(b"time limit of 4 s"))
        self.assertEqual(terminal.attributes(), terminal.before)
        self.assertEqual(terminal.finish(), 5)


if __name__ == "__main__":
    unittest.main(verbosity=1)
