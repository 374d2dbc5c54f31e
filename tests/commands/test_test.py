#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""./test in a small tree with tests of known outcome."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

TESTS = """
add_executable(fine fine.c)
add_executable(other other.c)
add_test(NAME unit/fine COMMAND fine)
add_test(NAME unit/other COMMAND other)
add_test(NAME unit/skipped COMMAND fine 77)
set_tests_properties(unit/skipped PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME unit/long COMMAND fine)
set_tests_properties(unit/long PROPERTIES LABELS full)
add_test(NAME kernel/boots COMMAND fine)
set_tests_properties(kernel/boots PROPERTIES LABELS kernel)
"""
FAILING = """
add_test(NAME unit/wrong COMMAND fine 1)
add_test(NAME unit/hangs COMMAND sleep 20)
set_tests_properties(unit/hangs PROPERTIES TIMEOUT 1)
"""
PROGRAM = "#include <stdlib.h>\n" \
          "int main(int count, char **words) { return count > 1 ? atoi(words[1]) : 0; }\n"


class Test(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        for name in ("test", "CMakeLists.txt", "CMakePresets.json", "tests/CMakeLists.txt"):
            (self.tree / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, self.tree / name)
        shutil.copytree(ROOT / "tools", self.tree / "tools")
        self.write("unit/CMakeLists.txt", TESTS)
        self.write("unit/fine.c", PROGRAM)
        self.write("unit/other.c", PROGRAM)

    def write(self, name, text):
        path = self.tree / "tests" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def run_it(self, *words):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CTEST_")}
        done = subprocess.run([str(self.tree / "test"), *words], check=False, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env=environment, timeout=100)
        return done.returncode, done.stdout.splitlines(), done.stderr

    def built(self, preset, name):
        return (self.tree / "build" / preset / "tests/unit" / name).exists()

    def test_all_presets_are_summed_up_in_the_last_line(self):
        status, lines, _ = self.run_it()
        self.assertEqual((status, lines[-1]), (0, "9 passed, 0 failed, 4 skipped"))
        self.assertEqual(sum(" passed, " in line for line in lines), 1)

    def test_failures_are_named_with_how_to_see_them_again(self):
        self.write("unit/CMakeLists.txt", TESTS + FAILING)
        status, lines, _ = self.run_it("--preset", "dev", "--preset", "clang")
        self.assertEqual((status, lines[-1]), (1, "5 passed, 4 failed, 2 skipped"))
        for preset, line in zip(("dev", "dev", "clang", "clang"), lines[-5:-1]):
            self.assertRegex(line, rf"^  {preset} +unit/(wrong|hangs) .*\./test '\^unit/(wrong|hangs)\$'$")

    def test_a_part_builds_and_runs_that_part(self):
        status, lines, _ = self.run_it("--preset", "dev", "unit/fine")
        self.assertEqual((status, lines[-1]), (0, "1 passed, 0 failed"))
        self.assertEqual((self.built("dev", "fine"), self.built("dev", "other")), (True, False))

    def test_a_part_that_is_empty_is_an_error(self):
        status, lines, said = self.run_it("--preset", "asan", "unit/nothing")
        self.assertEqual((status, lines, said), (2, [], "test: no test matches 'unit/nothing'\n"))

    def test_full_adds_the_long_ones(self):
        self.assertEqual(self.run_it("--preset", "dev", "unit/long")[0], 2)
        self.assertEqual(self.run_it("--preset", "dev", "--full", "unit/long")[1][-1], "1 passed, 0 failed")

    def test_list_names_them_and_runs_none(self):
        status, lines, _ = self.run_it("--list")
        self.assertEqual((status, lines), (0, ["kernel/boots  (dev)", "unit/fine  (dev clang asan tsan)",
                                               "unit/other  (dev clang asan tsan)",
                                               "unit/skipped  (dev clang asan tsan)"]))
        self.assertFalse(self.built("dev", "fine"))

    def test_a_preset_that_does_not_build_fails_and_the_others_run(self):
        self.write("unit/other.c", "#ifdef __clang__\n" + PROGRAM + "#else\n#error not with gcc\n#endif\n")
        status, lines, _ = self.run_it("--preset", "dev", "--preset", "clang")
        self.assertEqual((status, lines[-1]), (1, "2 passed, 1 failed, 1 skipped"))
        self.assertTrue(any("not with gcc" in line for line in lines), lines)
        self.assertIn("test: dev: the build FAILED", lines)

    def test_a_tree_that_does_not_configure_fails(self):
        self.write("unit/CMakeLists.txt", "no_such_command()\n")
        status, lines, _ = self.run_it("--preset", "dev")
        self.assertEqual((status, lines[-1]), (1, "0 passed, 1 failed"))

    def test_wrong_usage_is_status_2(self):
        for words in (["--nonsense"], ["(("], ["one", "two"], ["--preset", "none"]):
            self.assertEqual((words, self.run_it(*words)[0]), (words, 2))


if __name__ == "__main__":
    unittest.main(verbosity=1)
