#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tools/setup on machines that are made up: a folder of programs that say they are
dpkg-query, apt-get, sudo and id, and write down how they were called."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGES = """
# a comment
run alpha       # the first letter
run beta        # the second
test gamma      # the third
test beta       # again
"""

# What a machine with apt has. $INSTALLED: names; apt-get adds to it unless $BROKEN.
PROGRAMS = {
    "dpkg-query": 'for p in $(cat $STATE/installed); do printf "have\\t%s\\tinstalled\\n" $p; done\n'
                  'printf "have\\tremoved\\tconfig-files\\n"',
    "apt-cache": 'shift; for p in "$@"; do printf "%s:\\n  Candidate: 1.0\\n" $p; done',
    "apt-get": 'echo "apt-get $DEBIAN_FRONTEND $*" >>$STATE/calls\n'
               'case "$*" in install*) [ ! -e $STATE/broken ] || { echo "E: no such luck" >&2; exit 100; }\n'
               'echo "$*" | tr " " "\\n" >>$STATE/installed;; esac',
    "id": "cat $STATE/uid",
}
SUDO = 'if [ "$1" = -n ]; then [ -e $STATE/passwordless ] || exit 1; shift; fi; [ "$1" = true ] || exec "$@"'
ORDINARY = ["bash", "awk", "sed", "grep", "cut", "tr", "cat", "mkdir", "dirname", "sort", "tail", "wc", "env",
            "sh", "head", "rm"]


class Machine:
    def __init__(self, test, installed=(), uid=0, apt=True, sudo=False):
        self.folder = tempfile.TemporaryDirectory()
        test.addCleanup(self.folder.cleanup)
        self.top = pathlib.Path(self.folder.name)
        for name in ("bin", "state", "tree/tools"):
            (self.top / name).mkdir(parents=True)
        shutil.copy(ROOT / "tools/setup", self.top / "tree/tools/setup")
        self.write("tree/tools/packages.txt", PACKAGES)
        self.write("state/installed", "\n".join(installed) + "\n")
        self.write("state/uid", str(uid))
        for program in ORDINARY:
            (self.top / "bin" / program).symlink_to(shutil.which(program))
        for program, text in {**(PROGRAMS if apt else {}), **({"sudo": SUDO} if sudo else {})}.items():
            self.write(f"bin/{program}", "#!/bin/bash\n" + text + "\n")
            (self.top / "bin" / program).chmod(0o755)

    def write(self, name, text):
        (self.top / name).write_text(text)

    def setup(self, *words, **environment):
        path = {"PATH": str(self.top / "bin"), "STATE": str(self.top / "state"), **environment}
        return subprocess.run([str(self.top / "bin/bash"), str(self.top / "tree/tools/setup"), *words],
                              env=path, check=False, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=20)

    def calls(self):
        file = self.top / "state/calls"
        return file.read_text() if file.exists() else ""


class Setup(unittest.TestCase):
    def test_nothing_is_done_or_said_when_nothing_is_missing(self):
        machine = Machine(self, installed=["alpha", "beta", "gamma"])
        done = machine.setup("run", "test")
        self.assertEqual((done.returncode, done.stdout + done.stderr, machine.calls()), (0, "", ""))

    def test_root_gets_what_is_missing_without_questions_or_recommendations(self):
        machine = Machine(self, installed=["beta"])
        done = machine.setup("run", "test")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("apt-get noninteractive install -y -q --no-install-recommends alpha gamma\n",
                      machine.calls())
        self.assertIn("the first letter", done.stderr)
        self.assertNotIn("beta", done.stderr)

    def test_only_the_named_sets_are_installed(self):
        machine = Machine(self)
        machine.setup("run")
        self.assertNotIn("gamma", machine.calls())

    def test_a_removed_package_whose_configuration_stays_is_missing(self):
        machine = Machine(self, installed=["alpha", "beta"])
        machine.write("tree/tools/packages.txt", "run removed  # gone\n")
        self.assertEqual(machine.setup("--list", "run").stdout, "removed\n")

    def test_sudo_without_password_is_used(self):
        machine = Machine(self, uid=1000, sudo=True)
        machine.write("state/passwordless", "")
        self.assertEqual(machine.setup("run").returncode, 0)
        self.assertIn("install", machine.calls())

    def test_sudo_with_password_and_nobody_to_ask_is_an_error_that_lists_the_packages(self):
        machine = Machine(self, uid=1000, sudo=True)
        done = machine.setup("run")
        self.assertEqual((done.returncode, machine.calls()), (7, ""))
        self.assertIn("alpha beta", done.stderr)

    def test_neither_root_nor_sudo_is_an_error_that_lists_the_packages(self):
        done = Machine(self, uid=1000).setup("run")
        self.assertEqual(done.returncode, 7)
        self.assertIn("alpha beta", done.stderr)

    def test_without_apt_the_packages_are_listed_and_it_is_an_error(self):
        done = Machine(self, apt=False).setup("run", "test")
        self.assertEqual(done.returncode, 7)
        self.assertIn("alpha beta gamma", done.stderr)

    def test_whoever_has_no_apt_can_go_on_with_what_is_there(self):
        self.assertEqual(Machine(self, apt=False).setup("run", SFP_SETUP="skip").returncode, 0)

    def test_a_failing_apt_is_tried_anew_with_fresh_lists_and_then_told(self):
        machine = Machine(self)
        machine.write("state/broken", "")
        done = machine.setup("run")
        self.assertEqual(done.returncode, 7)
        self.assertIn("E: no such luck", done.stderr)
        self.assertIn("update", machine.calls())

    def test_an_unknown_set_is_wrong_usage(self):
        self.assertEqual(Machine(self).setup("nonsense").returncode, 2)


class HereAndNow(unittest.TestCase):
    @unittest.skipUnless(shutil.which("dpkg-query"), "no dpkg here")
    def test_a_look_at_what_is_installed_takes_no_time(self):
        best = 9.9
        for _ in range(5):
            begun = time.monotonic()
            subprocess.run([str(ROOT / "tools/setup"), "--list", "run", "test"], check=True,
                           capture_output=True)
            best = min(best, time.monotonic() - begun)
        print(f"{best * 1000:.0f} ms")
        self.assertLess(best, 0.2)

    def test_every_package_has_a_known_set_and_a_reason(self):
        for line in (ROOT / "tools/packages.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                self.assertRegex(line, r"^(run|uefi|display|test|full|bench|docs) [a-z0-9][a-z0-9+.-]+ +# \S")


if __name__ == "__main__":
    os.environ.pop("SFP_SETUP", None)
    unittest.main(verbosity=1)
