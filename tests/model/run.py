#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check the models of dfq with Spin: run.py safety|liveness|memory|seeded|full|huge

Each run is exhaustive within the bounds that it prints, or the test fails: a search
that was cut short (depth, memory, time) is no result. Status 77: spin is not there.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CC = os.environ.get("CC", "gcc")
# The verifier waits for memory: -O0 is as fast as -O2 and compiles in a tenth of the time.
# Hash-compact: a state is remembered by 64 bits of hash, see README.md. Exact for liveness.
SAFETY_FLAGS = ["-DSAFETY", "-DNOFAIR", "-DHC4"]
LIVENESS_FLAGS = ["-DNFAIR=2"]
CUT_SHORT = re.compile(r"max search depth too small|not completed|out of memory|MEMLIM|truncated|aborted", re.I)
WHOLE = re.compile(r"(Full statespace|Hash-Compact \d) search for")
RULE = re.compile(r"pan:\d+: (?:assertion violated\s+!\((?P<rule>\w+)\)|(?P<cycle>acceptance cycle)|(?P<other>.*))")


class Instance:
    """One model with its bounds."""

    def __init__(self, name, model, says, **bounds):
        self.name, self.model, self.says, self.bounds = name, model, says, bounds

    def defines(self):
        return [f"-D{key}={value}" for key, value in self.bounds.items()]

    @property
    def live(self):
        return self.model == "liveness"


def safety(name, says, items=(1, 1), uses=(1, 1), **more):
    bounds = dict(FIRST_ITEMS=items[0], SECOND_ITEMS=items[1], FIRST_USES=uses[0], SECOND_USES=uses[1],
                  CRASHES=0, STOPS=0, CLOSE=0, SLEEP=0, CHAIN=0, LIMIT=0, FINE=0)
    bounds.update(more)
    return Instance(name, "safety", says, **bounds)


def liveness(name, says, items=(1, 1), **more):
    bounds = dict(FIRST_ITEMS=items[0], SECOND_ITEMS=items[1], CRASHES=0, STOPS=0, RESTART=0, SLEEP=1, WATCH=1)
    bounds.update(more)
    return Instance(name, "liveness", says, **bounds)


def memory(name, says, **more):
    bounds = dict(PSO=1, EARLY=0, SECOND=0, FIRST_USES=1, CRASHES=0, STOPS=0)
    bounds.update(more)
    return Instance(name, "memory", says, **bounds)


SAFETY = [
    safety("reuse", "each producer enqueues its item twice; 2 crashes", uses=(2, 2), CRASHES=2),
    safety("order", "2 + 1 items, singly or as a chain; 1 crash", items=(2, 1), uses=(2, 1), CRASHES=1, CHAIN=1),
    safety("restart", "producer 1 stops and is restarted; 1 crash", CRASHES=1, STOPS=1),
    safety("marker", "producer 1 stops twice, also while it marks", uses=(2, 0), STOPS=2),
    safety("close", "closed at any time; 1 crash; an item is used again", uses=(2, 1), CRASHES=1, CLOSE=1),
    safety("sleep", "sleep and hook; 1 crash; an item is used again", uses=(2, 1), CRASHES=1, SLEEP=1),
    safety("poison", "2 attempts an item; 2 crashes", CRASHES=2, LIMIT=2),
    safety("together", "1 attempt, close, sleep; 1 crash", CRASHES=1, CLOSE=1, SLEEP=1, LIMIT=1),
    safety("asleep", "producer 1 stops and is restarted; sleep", STOPS=1, SLEEP=1),
    safety("fine", "every access is a step; 1 crash", CRASHES=1, FINE=1),
    safety("fine-order", "every access is a step; 2 + 1 items", items=(2, 1), uses=(2, 1), FINE=1),
]
LIVENESS = [
    liveness("sleep", "sleep and hook"),
    liveness("crash", "sleep and hook; 1 crash", CRASHES=1),
    liveness("restart", "producer 1 stops and is restarted; polling", STOPS=1, RESTART=1, SLEEP=0),
    liveness("stop", "producer 1 stops for ever; sleep; about producer 2", STOPS=1, WATCH=2),
    liveness("budget", "2 + 1 items, so links are made in several calls; polling", items=(2, 1), SLEEP=0),
]
MEMORY = [
    memory("tso", "TSO, 2 producers, 1 crash", PSO=0, SECOND=1, CRASHES=1),
    memory("pso", "PSO, 2 producers, 1 crash", SECOND=1, CRASHES=1),
    memory("early", "PSO and early loads, an item used twice, 1 crash", EARLY=1, FIRST_USES=2, CRASHES=1),
    memory("restart", "PSO, producer 1 stops and is restarted, 1 crash", CRASHES=1, STOPS=1),
    memory("early-restart", "PSO and early loads, producer 1 restarted", EARLY=1, STOPS=1),
]
FULL = [
    safety("order-2", "2 + 1 items, 2 crashes", items=(2, 1), uses=(2, 1), CRASHES=2),
    safety("restart-2", "producer 1 restarted, its item used twice, 1 crash", uses=(2, 1), CRASHES=1, STOPS=1),
    safety("restart-close", "producer 1 restarted, 1 crash, close", CRASHES=1, STOPS=1, CLOSE=1),
    safety("restart-sleep", "producer 1 restarted, 1 crash, sleep", CRASHES=1, STOPS=1, SLEEP=1),
    safety("restart-asleep", "producer 1 restarted, close and sleep", STOPS=1, CLOSE=1, SLEEP=1),
    safety("restart-order", "producer 1 restarted over 2 items", items=(2, 1), uses=(2, 1), STOPS=1),
    safety("fine-reuse", "every access is a step; 1 crash, items used twice", uses=(2, 2), CRASHES=1, FINE=1),
    safety("fine-restart", "every access is a step; restart, 1 crash", CRASHES=1, STOPS=1, FINE=1),
    liveness("sleep-2", "2 + 1 items, sleep and hook", items=(2, 1)),
    liveness("restart-sleep", "producer 1 restarted; sleep and hook", STOPS=1, RESTART=1),
    memory("pso-2", "PSO, 2 producers, an item used twice, 1 crash", SECOND=1, FIRST_USES=2, CRASHES=1),
    memory("early-2", "PSO and early loads, 2 producers", SECOND=1, EARLY=1),
    memory("early-restart-2", "PSO and early loads, restart, 1 crash", EARLY=1, FIRST_USES=2, CRASHES=1, STOPS=1),
]

HUGE = [  # some 6 GB and, alone on a fast machine, a few minutes
    safety("everything", "restart, 1 crash, close, sleep, 1 attempt", CRASHES=1, STOPS=1, CLOSE=1, SLEEP=1, LIMIT=1),
]

# What is broken; where it is caught; by which rules (ghosts.pml), one of them.
BUGS = [
    ("BUG_UNLINKED_BEFORE_A", "B before A", "safety/order", ["lost"]),
    ("BUG_RELEASED_AT_A", "RELEASED with the outcome, not after unlinking", "safety/order", ["reachable", "reused"]),
    ("BUG_RELEASED_BY_RECOVERY", "the takeover releases what it is about to unlink", "safety/reuse", ["reachable", "reused"]),
    ("BUG_PENDING_RELEASED_AT_ONCE", "a newest item is released before it can be unlinked", "safety/order", ["reachable", "reused"]),
    ("BUG_PUBLISHED_FIRST", "the incarnation is published before the takeover", "safety/reuse", ["reachable", "reused"]),
    ("BUG_INCARNATION_FIRST_AND_UNEQUAL", "reclaim loads the incarnation first and compares by !=", "safety/reuse", ["reachable", "reused"]),
    ("BUG_ATTACH_TRUSTS_LINKS", "attach goes on with the dead one's links", "safety/reuse", ["reachable", "reused", "not_its_own", "settled_twice"]),
    ("BUG_WALK_KEEPS_TERMINAL", "the takeover does not unlink what is settled", "safety/reuse", ["not_its_own", "reachable", "settled_twice"]),
    ("BUG_HEAD_NOT_TRIMMED", "the takeover leaves a settled newest item", "safety/reuse", ["not_its_own", "reachable", "settled_twice"]),
    ("BUG_NEWEST_WITHOUT_SWAP", "the newest item is taken out by a plain store of head", "safety/reuse", ["lost"]),
    ("BUG_NEWER_OF_THE_NEWEST", "the back link of the newest linked item is believed", "safety/order", ["reused", "not_its_own", "settled_twice"]),
    ("BUG_CLOSED_IS_A_FLAG", "closed is a flag beside head", "safety/close", ["false_report", "left_behind"]),
    ("BUG_CLOSE_TAKES_THE_LIST", "close exchanges head", "safety/close", ["lost"]),
    ("BUG_WAIT_UNCHECKED", "wait sets WAITING without comparing head", "safety/sleep", ["overslept"]),
    ("BUG_PUSH_DROPS_WAITING", "the producer clears WAITING", "safety/asleep", ["overslept"]),
    ("BUG_NO_LINKED_MARK", "the walk leaves no LINKED mark", "safety/restart", ["false_idle"]),
    ("BUG_SETTLE_UNPROVED", "settle without a marker passed", "safety/restart", ["false_idle"]),
    ("BUG_SETTLE_LOOKS_FIRST", "settle loads the item before the marker", "safety/restart", ["false_idle"]),
    ("BUG_OLD_MARKER", "a second successor trusts the first one's marker", "safety/marker", ["false_idle"]),
    ("BUG_ATTEMPT_NOT_COUNTED", "an attempt is not counted when it begins", "safety/poison", ["too_often"]),
    ("BUG_HOOK_NOT_CALLED", "the hook is not called", "liveness/sleep", ["cycle"]),
    ("BUG_WAIT_UNCHECKED", "wait sets WAITING without comparing head", "liveness/sleep", ["cycle"]),
    ("BUG_PENDING_NEVER_RELEASED", "an item unlinked late is never released", "liveness/sleep", ["cycle"]),
    ("BUG_NEVER_PUBLISHED", "the takeover publishes no incarnation", "liveness/crash", ["cycle"]),
    ("BUG_PAUSE_FORGETS", "linking begins anew in each call", "liveness/budget", ["cycle"]),
    ("BUG_PUSH_DROPS_WAITING", "the producer clears WAITING, and stops before its hook", "liveness/stop", ["cycle"]),
]
# An order that is weakened; what then goes wrong.
FENCES = [
    ("RELAXED_PUSH", "release of push's swap", "memory/pso", ["not_its_own", "reused", "bad_payload"]),
    ("RELAXED_HEAD", "acquire of head in link_begin", "memory/early", ["bad_payload", "refused"]),
    ("RELAXED_A", "release of A", "memory/pso", ["bad_result"]),
    ("RELAXED_STATE", "acquire of state", "memory/early", ["bad_result"]),
    ("RELAXED_WORD", "acquire of reclaim, the word", "memory/early", ["bad_result"]),
    ("RELAXED_PUSH", "release of push's swap, seen by settle", "memory/restart", ["false_idle"]),
    ("RELAXED_EMPTY", "acquire of head in settle", "memory/early-restart", ["false_idle"]),
    ("BUG_RELEASED_AT_A", "release of C: it overtakes older loads (by hand)", "memory/pso", ["reused", "landed_late"]),
    ("BUG_PUBLISHED_FIRST", "release of the incarnation: it overtakes (by hand)", "memory/early", ["reused", "landed_late"]),
]
# In TSO (x86) every store and load has these orders for nothing.
FREE_ON_TSO = ["RELAXED_PUSH", "RELAXED_A", "RELAXED_C"]
# Weakened, and nothing goes wrong in these memories: README.md says why each stays.
NOT_SHOWN = ["RELAXED_C", "RELAXED_NEWEST", "RELAXED_TRIM", "RELAXED_PUBLISH", "RELAXED_INCARNATION", "RELAXED_MARKER"]


class Result:
    def __init__(self):
        self.states = self.depth = 0
        self.seconds = 0.0
        self.broken = None     # the rule, "cycle", or what pan said
        self.failure = None    # no result at all


def command(words, cwd, limit):
    return subprocess.run(words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=limit, check=False)


def build(instance, define, folder):
    """The verifier's command line, or what went wrong as text."""
    model = os.path.join(HERE, instance.model + ".pml")
    defines = instance.defines() + ([f"-D{define}"] if define else [])
    spun = command(["spin", *defines, "-a", model], folder, 120)
    if spun.returncode or "Error" in spun.stdout or not os.path.exists(os.path.join(folder, "pan.c")):
        return None, f"spin: {spun.stdout.strip()[-400:]}"
    flags = LIVENESS_FLAGS if instance.live else SAFETY_FLAGS
    compiled = command([CC, "-O0", "-w", f"-DMEMLIM={OPTIONS.memory}", *flags, "-o", "pan", "pan.c"], folder, 300)
    if compiled.returncode:
        return None, f"{CC}: {compiled.stdout.strip()[-400:]}"
    return ["./pan", "-n", "-w22", *(["-a", "-f", "-m3000000"] if instance.live else ["-m200000"])], None


def number(pattern, text):
    found = re.search(pattern, text)
    return int(float(found.group(1))) if found else 0   # pan writes 1.29e+08


def judge(output, result):
    found = RULE.search(output)
    result.states = number(r"([\d.e+]+) states, stored", output)
    result.depth = number(r"depth reached (\d+)", output)
    if found:
        result.broken = found.group("rule") or ("cycle" if found.group("cycle") else found.group("other"))
        if CUT_SHORT.search(result.broken):
            result.failure = result.broken
    elif CUT_SHORT.search(output):
        result.failure = "cut short: " + CUT_SHORT.search(output).group(0)
    elif "errors: 0" not in output or not WHOLE.search(output) or not result.states:
        result.failure = "no result: " + output.strip()[-300:]
    return result


def check(instance, define=None):
    result = Result()
    folder = tempfile.mkdtemp(prefix="dfq-model-", dir=OPTIONS.work)
    try:
        begun = time.monotonic()
        words, result.failure = build(instance, define, folder)
        if words:
            judge(command(words, folder, OPTIONS.limit).stdout, result)
        result.seconds = time.monotonic() - begun
    except subprocess.TimeoutExpired as late:
        result.failure = f"cut short after {late.timeout} s"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def in_parallel(jobs):
    """Results of jobs (a function and its arguments), in their order, each as soon as it is there."""
    with concurrent.futures.ThreadPoolExecutor(OPTIONS.jobs) as pool:
        for future in [pool.submit(*job) for job in jobs]:
            yield future.result()


def verify(instances):
    """Correct models: no rule is broken."""
    failed = total = 0
    print(f"{'instance':24} {'states':>12} {'depth':>8} {'s':>6}  bounds")
    for instance, result in zip(instances, in_parallel([(check, each) for each in instances])):
        total += result.states
        verdict = ""
        if result.failure or result.broken:
            failed += 1
            verdict = f"  FAILED: {result.failure or 'rule broken: ' + result.broken}"
        print(f"{instance.model + '/' + instance.name:24} {result.states:12,} {result.depth:8,} "
              f"{result.seconds:6.1f}  {instance.says}{verdict}", flush=True)
    print(f"{len(instances) - failed} of {len(instances)} instances searched whole without a broken rule, "
          f"{total:,} states")
    return failed


def must_break(cases):
    """Wrong models: each must break a rule that its fault can break."""
    places = {f"{each.model}/{each.name}": each for each in SAFETY + LIVENESS + MEMORY}
    failed = 0
    width = max(len(what) for _, what, _, _ in cases)
    results = in_parallel([(check, places[place], define) for define, _, place, _ in cases])
    for (define, what, place, rules), result in zip(cases, results):
        caught = not result.failure and result.broken in rules
        failed += not caught
        verdict = f"caught by {result.broken}" if caught else \
            f"FAILED: {result.failure or 'broke ' + str(result.broken) + ', not ' + ' or '.join(rules)}"
        print(f"{define:34} {what:{width}}  {place:21} {verdict} ({result.states:,} states)", flush=True)
    print(f"{len(cases) - failed} of {len(cases)} seeded faults caught")
    return failed


def must_hold(defines, places, why):
    """Orders whose removal these memories cannot show: said as a result, so that a change is seen."""
    jobs = [(define, place) for define in defines for place in places]
    failed = 0
    for (define, place), result in zip(jobs, in_parallel([(check, place, define) for define, place in jobs])):
        held = not result.failure and not result.broken
        failed += not held
        print(f"{define:34} {place.model + '/' + place.name:21} {why if held else 'FAILED: ' + str(result.failure or result.broken)} "
              f"({result.states:,} states)", flush=True)
    return failed


def of_memory(*names):
    return [each for each in MEMORY if each.name in names]


def full():
    reuse = [each for each in SAFETY if each.name == "reuse"]
    return (verify(FULL) + must_hold(NOT_SHOWN, MEMORY, "breaks nothing here") +
            must_hold(["VARIANT_INCARNATION_FIRST"], reuse, "breaks nothing here"))


TESTS = {
    "safety": lambda: verify(SAFETY),
    "liveness": lambda: verify(LIVENESS),
    "memory": lambda: verify(MEMORY) + must_break(FENCES) + must_hold(FREE_ON_TSO, of_memory("tso"), "is free in TSO"),
    "seeded": lambda: must_break(BUGS),
    "full": full,
    "huge": lambda: verify(HUGE),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("test", choices=TESTS)
    parser.add_argument("--jobs", type=int, default=min(2, len(os.sched_getaffinity(0))))
    parser.add_argument("--work", default=None, help="where to build the verifiers")
    parser.add_argument("--memory", type=int, default=4000, help="MB a verifier may use")
    parser.add_argument("--limit", type=int, default=1500, help="seconds a verifier may run")
    return parser.parse_args()


OPTIONS = arguments()

if __name__ == "__main__":
    if not shutil.which("spin"):
        print("spin is not installed (Debian: spin)")
        sys.exit(77)
    sys.exit(1 if TESTS[OPTIONS.test]() else 0)
