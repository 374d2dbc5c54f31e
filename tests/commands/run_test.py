#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""./run as a user meets it: with the reference kernel, and with one that does not build."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def run(*options, text="", tree=ROOT, seconds=200, **environment):
    return subprocess.run([str(tree / "run"), *options], input=text.encode(), check=False,
                          capture_output=True, timeout=seconds, env={**os.environ, **environment})


class Usage(unittest.TestCase):
    def test_help_needs_nothing_and_is_status_0(self):
        done = run("--help", PATH="/usr/bin:/bin")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"Usage: ./run", done.stdout)

    def test_wrong_usage_is_status_2_and_one_line(self):
        for words in (["--nonsense"], ["--smp"], ["--smp", "0"], ["--smp=x"], ["--timeout", "0"],
                      ["--timeout", "soon"], ["kernel"]):
            done = run(*words)
            self.assertEqual((words, done.returncode, done.stderr.count(b"\n")), (words, 2, 1))

    def test_a_failed_build_is_status_3_and_shows_the_first_error(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            shutil.copy(ROOT / "run", tree)
            shutil.copy(ROOT / "CMakePresets.json", tree)
            shutil.copytree(ROOT / "tools", tree / "tools")
            (tree / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(broken C)\n"
                                                 "add_executable(image bad.c)\n")
            (tree / "bad.c").write_text("int main(void) { return nowhere; }\n")
            done = run(tree=tree)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, rb"error: \S+nowhere\S+ undeclared")
        self.assertRegex(done.stderr, rb"\nrun: the build failed; the whole of it is in build/run.log\n$")


class Kernel(unittest.TestCase):
    def test_piped_commands_are_answered_and_end_with_status_0(self):
        done = run(text="help\nmodules\nqueues\nexit\n")
        self.assertEqual((done.returncode, done.stderr), (0, b""), done.stdout)
        for word in (b"help", b"keyboard", b"console", b"shell", b"depth"):
            self.assertIn(word, done.stdout)

    def test_an_exit_status_at_the_prompt_becomes_the_command_s(self):
        done = run(text="exit 5\n")
        self.assertEqual((done.returncode, done.stderr),
                         (21, b"run: the kernel ended with status 5\n"), done.stdout)

    def test_a_second_start_is_at_the_prompt_within_3_seconds(self):
        run()
        best = 99.0
        for _ in range(3):
            begun = time.monotonic()
            with subprocess.Popen(str(ROOT / "run"), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                seen = b""
                while not seen.endswith(b"refkernel> "):
                    data = process.stdout.read1(4096)
                    self.assertTrue(data, seen)
                    seen += data
                best = min(best, time.monotonic() - begun)
                process.stdin.write(b"exit\n")
                process.stdin.close()
                process.stdout.read()
        print(f"at the prompt after {best:.2f} s")
        self.assertLess(best, 3)


if __name__ == "__main__":
    unittest.main(verbosity=1)
