#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Configure, build and test the presets; ./test installs what is missing and calls this."""

import argparse
import fcntl
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

PRESETS = ("dev", "clang", "asan", "tsan")
# Tests with these labels do not depend on the preset's compiler: the first preset runs them for all.
ONLY_FIRST = ("kernel", "once")
JOBS = str(len(os.sched_getaffinity(0)))
HEARTBEAT = 30  # seconds between signs of life where the output is no terminal
SHOWN_LINES = 40
SHOWN_COLUMNS = 200
ON_TERMINAL = sys.stdout.isatty()

RESULT_LINE = re.compile(r"\s*(\d+)/(\d+) Test +#\d+: (\S+) \.* *(.*)")
ADD_TEST_LINE = re.compile(r'^add_test\((?:\[=*\[)?([^\s\]]+)(?:\]=*\])? "([^"]+)"', re.MULTILINE)
ERROR_LINE = re.compile(r"(^|[^a-z])(fatal )?error:|CMake Error|^ninja: error|undefined reference|FAILED:")
NOISE_LINE = re.compile(r"/\S+ -|\[\d+/\d+\]|: && |\d+ errors? generated")
CAUSE_LINE = re.compile(r"FAILED|ERROR|WRONG|[Ee]rror:|[Aa]ssert|panic|WARNING: ThreadSanitizer")


class Failed(Exception):
    """A step of one preset failed; carries what to show."""


def say(text):
    clear_status()
    print(f"test: {text}", flush=True)


def status(text):
    """A line that the next output overwrites; only on a terminal."""
    if ON_TERMINAL:
        print(f"\r\033[Ktest: {text}", end="", flush=True)


def clear_status():
    if ON_TERMINAL:
        print("\r\033[K", end="", flush=True)


def call(words, log):
    """Run a step whose output goes to a log; Failed with the errors in it."""
    with open(log, "w", encoding="utf-8") as to:
        code = subprocess.call(words, stdout=to, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if code:
        raise Failed(first_errors(log))


def first_errors(log):
    with open(log, encoding="utf-8", errors="replace") as from_log:
        lines = from_log.read().splitlines()
    shown = []
    for at, line in enumerate(lines):
        if ERROR_LINE.search(line) and len(shown) < SHOWN_LINES:
            # After FAILED: comes the whole command, which nobody wants to read.
            few = lines[at:at + (1 if line.startswith("FAILED:") else 4)]
            shown += [each for each in few if each not in shown and not NOISE_LINE.match(each)]
    shown = shown or lines[-10:]
    return "\n".join("  " + line for line in shown) + f"\n  (all of it: {log})"


class Preset:
    def __init__(self, name, options):
        self.name = name
        self.options = options
        self.folder = f"build/{name}"
        self.log = f"build/test-{name}.log"
        self.tests = []

    def configure(self):
        ninja = f"{self.folder}/build.ninja"
        if not os.path.exists(ninja) or os.path.getmtime("CMakePresets.json") > os.path.getmtime(ninja):
            status(f"{self.name}: configuring")
            call(["cmake", "--preset", self.name], self.log)
        call(["ninja", "-C", self.folder, "build.ninja"], self.log)

    def excluded_labels(self):
        labels = [] if self.options.full else ["full"]
        if self.name != PRESETS[0]:
            labels += ONLY_FIRST
        return labels

    def selection(self):
        """ctest's arguments for the tests that are to run here."""
        words = ["--test-dir", self.folder]
        if self.options.regex:
            words += ["-R", self.options.regex]
        if self.excluded_labels():
            words += ["-LE", "^(" + "|".join(self.excluded_labels()) + ")$"]
        return words

    def select(self):
        listed = subprocess.run(["ctest", *self.selection(), "--show-only=json-v1"], check=False,
                                capture_output=True, text=True)
        if listed.returncode:
            raise Failed("  " + listed.stderr.strip())
        self.tests = json.loads(listed.stdout)["tests"]
        return self.tests

    def targets(self):
        """What to build: only what a part of the tests needs if each of them tells, else everything."""
        if not self.options.regex:
            return []
        listed = subprocess.run(["ninja", "-C", self.folder, "-t", "targets", "all"], check=True,
                                capture_output=True, text=True).stdout
        outputs = {line.rsplit(": ", 1)[0] for line in listed.splitlines()}
        programs = self.programs()
        goals = set()
        for test in self.tests:
            needed = self.needed(test, programs) & outputs
            if not needed:
                return []
            goals |= needed
        return sorted(goals)

    def needed(self, test, programs):
        """The files that a test runs or declares, as ninja may name them."""
        files = programs.get(test["name"], [])[:]
        for entry in test.get("properties", []):
            if entry["name"] == "REQUIRED_FILES":
                files += entry["value"]
        return {os.path.relpath(file, self.folder) for file in files if os.path.isabs(file)}

    def programs(self):
        """Each test's program. ctest itself does not tell of those that are not built yet."""
        found = {}
        for file in pathlib.Path(self.folder).rglob("CTestTestfile.cmake"):
            for name, program in ADD_TEST_LINE.findall(file.read_text(encoding="utf-8")):
                found[name] = [program]
        return found

    def build(self):
        status(f"{self.name}: building")
        call(["ninja", "-C", self.folder, "-j", JOBS, "-k", "20", *self.targets()], self.log)

    def run(self):
        """Run the selected tests; their results as (name, outcome, output)."""
        report = os.path.abspath(f"{self.folder}/results.xml")
        if os.path.exists(report):
            os.remove(report)
        words = ["ctest", *self.selection(), "-j", JOBS, "--output-junit", report]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", stdin=subprocess.DEVNULL) as ctest:
            output = self.follow(ctest.stdout)
        if not os.path.exists(report):
            raise Failed("\n".join("  " + line for line in output[-10:]))
        return results(report)

    def follow(self, lines):
        shown_at = time.monotonic()
        kept = []
        for line in lines:
            kept.append(line.rstrip())
            match = RESULT_LINE.match(line)
            if not match:
                continue
            done, total, name, outcome = match.groups()
            status(f"{self.name}: {done}/{total} {name}")
            if "Passed" not in outcome and "Skipped" not in outcome:
                say(f"{self.name}: {name} FAILED")
            elif not ON_TERMINAL and time.monotonic() - shown_at > HEARTBEAT:
                say(f"{self.name}: {done}/{total}")
                shown_at = time.monotonic()
        return kept


def results(report):
    found = []
    for case in xml.parse(report).getroot().iter("testcase"):
        outcome = {"run": "passed", "fail": "failed"}.get(case.get("status"), "skipped")
        skipped = case.find("skipped")
        # A test that could not be started at all is no skipped one.
        if skipped is not None and not skipped.get("message", "").startswith("SKIP_"):
            outcome = "failed"
        if case.get("status") == "disabled":
            outcome = "skipped"
        output = case.findtext("system-out") or ""
        failure = case.find("failure")
        if failure is not None and failure.get("message"):
            output += f"\n({failure.get('message')} after {float(case.get('time') or 0):.1f} s)"
        found.append((case.get("name"), outcome, output))
    return found


class Tally:
    def __init__(self):
        self.count = {"passed": 0, "failed": 0, "skipped": 0}
        self.failures = []  # (preset, what, how to see it again)

    def fail(self, preset, what, again):
        self.count["failed"] += 1
        self.failures.append((preset, what, again))

    def take(self, preset, found, verbose):
        for name, outcome, output in found:
            if outcome == "failed":
                self.fail(preset, name, f"./test '^{name}$'")
            else:
                self.count[outcome] += 1
            if outcome != "passed" or verbose:
                show(preset, name, outcome, output)

    def close(self):
        clear_status()
        if self.failures:
            print("failed:")
            for preset, what, again in self.failures:
                print(f"  {preset:6} {what:32} again: {again}")
        line = f"{self.count['passed']} passed, {self.count['failed']} failed"
        if self.count["skipped"]:
            line += f", {self.count['skipped']} skipped"
        print(line)
        return 1 if self.failures else 0


def show(preset, name, outcome, output):
    clear_status()
    print(f"---- {preset}: {name}: {outcome}")
    for line in excerpt(output.strip().splitlines()):
        print(f"     {line if len(line) <= SHOWN_COLUMNS else line[:SHOWN_COLUMNS] + ' ...'}")


def excerpt(lines):
    """All of a short text; of a long one its end, and before it what looks like the cause."""
    if len(lines) <= SHOWN_LINES:
        return lines
    causes = [at for at, line in enumerate(lines) if CAUSE_LINE.search(line)][:8]
    kept = {near for at in causes for near in range(at - 2, at + 3) if 0 <= near < len(lines)}
    kept |= set(range(len(lines) - SHOWN_LINES // 2, len(lines)))
    shown = []
    for at in sorted(kept):
        if at - 1 not in kept and at > 0:
            shown.append("...")
        shown.append(lines[at])
    return shown


def test_preset(preset, tally):
    """Build and run one preset; the number of its tests that were selected."""
    begun = time.monotonic()
    try:
        preset.configure()
        if not preset.select():
            return 0
        preset.build()
        if not preset.select():  # the build may have generated tests
            return 0
        built = time.monotonic()
        found = preset.run()
        tally.take(preset.name, found, preset.options.verbose)
        say(f"{preset.name}: {len(found)} tests, {built - begun:.0f} s to build, "
            f"{time.monotonic() - built:.0f} s to run")
    except Failed as failure:
        say(f"{preset.name}: the build FAILED")
        print(failure)
        tally.fail(preset.name, "(build)", f"ninja -C {preset.folder}")
    return max(len(preset.tests), 1)


def list_tests(presets):
    where = {}
    for preset in presets:
        preset.configure()
        for test in preset.select():
            where.setdefault(test["name"], []).append(preset.name)
    clear_status()
    for name in sorted(where):
        print(f"{name}  ({' '.join(where[name])})")
    return len(where)


def environment():
    symbolizer = "/usr/bin/llvm-symbolizer-19"
    os.environ.setdefault("ASAN_SYMBOLIZER_PATH", symbolizer)
    os.environ.setdefault("UBSAN_OPTIONS", f"print_stacktrace=1:external_symbolizer_path={symbolizer}")
    os.environ.setdefault("TSAN_OPTIONS", f"halt_on_error=1:external_symbolizer_path={symbolizer}")
    os.environ["CTEST_OUTPUT_ON_FAILURE"] = "0"


def only_one_at_a_time():
    """Two of these in one tree would build into each other's folders."""
    os.makedirs("build", exist_ok=True)
    lock = open("build/test.lock", "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("another ./test runs in this tree; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def main():
    parser = argparse.ArgumentParser(prog="./test")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--preset", action="append", choices=PRESETS)
    parser.add_argument("regex", nargs="?")
    options = parser.parse_args()
    try:
        re.compile(options.regex or "")
    except re.error as wrong:
        print(f"test: '{options.regex}' is no regular expression: {wrong}", file=sys.stderr)
        return 2
    lock = only_one_at_a_time()
    environment()
    presets = [Preset(name, options) for name in PRESETS if name in (options.preset or PRESETS)]
    nothing = f"test: no test matches '{options.regex}'" if options.regex else "test: there are no tests"
    try:
        if options.list:
            selected = list_tests(presets)
        else:
            tally = Tally()
            selected = sum([test_preset(preset, tally) for preset in presets])
    except Failed as failure:
        say(f"cannot list the tests: the configuration failed\n{failure}")
        return 1
    if not selected:
        clear_status()
        print(nothing, file=sys.stderr)
        return 2
    lock.close()
    return 0 if options.list else tally.close()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
