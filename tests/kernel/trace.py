#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What happens is in the trace: starts, interrupts, calls, faults with their whole records, and what
modules write, from interrupts too. Who reads too late is told. Its own faults lose none of it."""

import re

from vm import Vm, boots, check_all, expect, modules, run

FAULTS_MAX = 16     # of a module, then it is restarted
ROOM = 256
EVENT = re.compile(r"^ *(\d+\.\d{6}) (\d) (\S[\w -]{11}) (.*)$")


def events(vm, line="trace"):
    """What `trace` prints: (processor, module, words) an event."""
    rows = vm.command(line).rstrip("\n").split("\n")
    end = re.fullmatch(r"(\d+) events; (\d+) were overwritten meanwhile\.", rows[-1])
    found = [EVENT.match(row) for row in rows[1:-1]]
    expect(end and all(found) and len(found) == int(end[1]), f"{line}: {rows}")
    expect(int(end[2]) == 0, f"{line}: {end[0]}")
    # An interrupt comes between an event's time and its place; a fault is delivered later.
    if not any(row[4].startswith(("interrupt", "fault")) for row in found):
        times = [float(row[1]) for row in found]
        expect(times == sorted(times), f"{line}: the times fall: {rows}")
    return [(int(row[2]), row[3].strip(), row[4]) for row in found]


def starts(vm):
    seen = [(who, what) for _, who, what in events(vm, "trace 8")]
    wanted = [(who, "started") for who in ("trace", "interrupts", "serial", "console", "scribe", "shell")]
    expect(seen == wanted, f"the starts of the boot: {seen}")


def interrupts(vm):
    expect(vm.command("trace kinds") == "notes on, faults on, starts on, interrupts off, calls off, switches off\n",
           "the kinds at the boot")
    vm.command("trace on interrupts")
    vm.command("echo typed")
    seen = [event for event in events(vm) if event[2].startswith("interrupt at vector ")]
    expect("serial" in [event[1] for event in seen], f"a line was typed: {seen}")
    vm.command("trace off interrupts")
    before = events(vm)
    vm.command("echo typed")
    expect(events(vm) == before, "interrupts are recorded that are not wanted")


def calls(vm):
    vm.command("trace on calls")
    seen = [event[1:] for event in events(vm, "trace 6")]
    vm.command("trace off calls")
    expect(seen[-1] == ("shell", "calls trace_begin of trace"), f"the latest call: {seen}")
    expect(("console", "calls serial_write of serial") in seen, f"an echo is a call: {seen}")


def switches(vm):
    vm.command("trace on switches")
    vm.command("echo typed")
    seen = [event[2] for event in events(vm)]
    vm.command("trace off switches")
    for text in (r"thread \d+ leaves: idle", r"idle no more: thread \d+ comes"):
        expect(any(re.fullmatch(text, words) for words in seen), f"the prompt sleeps between two keys: {seen}")


def notes(vm):
    check_all(vm)
    seen = [event[1:] for event in events(vm, "trace 2000")]
    expect(len(seen) == ROOM, f"{len(seen)} events are there")
    expect(seen[-1] == ("scribe", "scribe is content 1"), f"scribe says {seen[-1]}")
    floods = [("scribe", f"flood {number}") for number in range(300 - ROOM + 1, 300)]
    expect(seen[:-1] == floods, f"the notes before: {seen[:3]} to {seen[-4:]}")


def faults(vm):
    said = vm.command("fault console")
    where = re.search(r" in (console:\w+\+0x0); contained$", said, re.M)[1]
    expect(events(vm)[-1][1:] == ("console", f"fault 1 (instruction) in {where}"), f"the fault: {events(vm)}")
    record = vm.command("trace faults")
    expect(record.startswith(f"fault 1: instruction, in {where}, contained\n") and
           "while console ran on processor 0; vector 6," in record, f"the record: {record}")
    for pattern in (r"\b(r[a-ds0-9][\w]? +[0-9a-f]{16})\b", r"^  called from (.*)$"):
        told, kept = (re.findall(pattern, text, re.M) for text in (said, record))
        expect(len(told) > 5 and set(told) == set(kept), f"{told} were told, {kept} are kept")
    expect(record.endswith("1 faults, 0 of them overwritten; 0 were lost before.\n"), f"the end: {record}")


def own_faults(vm):
    """The sink traps; the prompt goes on, and so does the trace."""
    vm.command("trace on interrupts")
    answer = vm.command("fault trace at on_event")
    expect("whoever does next traps there" in answer or "trapped" in answer, f"fault trace at on_event: {answer}")
    vm.command("echo typed")
    expect(modules(vm)["trace"][2] != "0", "the trace did not trap")
    before = events(vm, "trace 9")
    for _ in range(FAULTS_MAX):
        vm.command("fault trace")
    table = modules(vm)
    expect(table["trace"][0] == "started" and table["trace"][6] == "1", f"after {FAULTS_MAX} faults: {table['trace']}")
    expect("module trace: restarted after 16 faults: it took over its state" in vm.output, "it took over nothing")
    vm.command("trace off interrupts")  # else reading makes them, and they take the place of what is read
    seen = events(vm, "trace 2000")
    expect(set(before) <= set(seen), f"of {before} not all is in {seen}")
    expect((0, "trace", "restarted") in seen, f"it was restarted, and the trace says nothing of it: {seen}")
    after = seen[seen.index((0, "trace", "restarted")):]
    expect("serial" in [event[1] for event in after], f"interrupts are not recorded any more: {after}")


def wrong_use(vm):
    for line in ("trace on", "trace on nothing", "trace off 1", "trace -1", "trace 1 2 3", "trace 3000"):
        answer = vm.command(line)
        expect(answer == "Usage: trace [count | faults | kinds | on KIND | off KIND]\n", f"{line}: {answer}")
    expect(events(vm, "trace 0") == [], "trace 0")


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        vm.boot()
        starts(vm)
        interrupts(vm)
        calls(vm)
        switches(vm)
        notes(vm)
        faults(vm)
        own_faults(vm)
        wrong_use(vm)
        check_all(vm)
        vm.leave()
    print("starts, interrupts, calls, notes and faults are in the trace, whole, in order; a restart loses nothing")


if __name__ == "__main__":
    run(main)
