#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is typed at the prompt is answered: every command, what is no command, and wrong arguments."""

import re

from vm import PROMPT, Vm, boots, check_all, expect, modules, queues, run

LINE_MAX = 4096
ANSWERS = [
    # typed, what the whole answer must match
    ("", r""),
    ("   ", r""),
    ("echo", r"\n"),
    ("echo one  two ", r"one  two \n"),
    ("echo  led by a blank", r" led by a blank\n"),
    ("  echo x", r"x\n"),
    ("nonsense", r'There is no command "nonsense"; help lists them\.\n'),
    ("ech", r'There is no command "ech".*\n'),
    ("echoes", r'There is no command "echoes".*\n'),
    ("help me", r"Usage: help\n"),
    ("modules 1", r"Usage: modules\n"),
    ("queues all", r"Usage: queues\n"),
    ("check it", r"Usage: check\n"),
    ("bench 1", r"Usage: bench\n"),
    ("bench", r"ticks: times, not instructions +least +median  of\n(an? [a-z ,-]+? +\d+ +\d+  \d+\n){6}"),
    ("reboot now", r"Usage: reboot\n"),
    ("fault", r"Usage: fault module \[at symbol\]\n"),
    ("fault a b c", r"Usage: fault module \[at symbol\]\n"),
    ("fault a at", r"Usage: fault module \[at symbol\]\n"),
    ("fault nobody", r"nobody: Nothing of that name exists\.\n"),
    ("fault console at nothing", r"console: Nothing of that name exists\.\n"),
    ("timers all", r"Usage: timers\n"),
    ("timers", r"0 timers are started\.\n"),
    ("sleep", r"Usage: sleep seconds\n"),
    ("sleep 1 2", r"Usage: sleep seconds\n"),
    ("sleep 86401", r"A time is a number of seconds from 0 to 86400\.\nUsage: sleep seconds\n"),
    ("sleep 0", r""),
    ("sleep 1", r""),
    ("timers", r"processor 0: 1 deadlines came, at most \d+ us late, by \d+ interrupts\n0 timers are started\.\n"),
    ("tasks all", r"Usage: tasks\n"),
    ("spin", r"Usage: spin count \[weight\] \| end\n"),
    ("spin 17", r"Usage: spin .*\n"),
    ("spin 1 1001", r"Usage: spin .*\n"),
    ("spin end", r"0 have ended\n"),
    ("spin 2 3", r"2 spin, with a weight of 3\n"),
    ("tasks", r"task name .*\n *- main  .*\n *1 spin +shell +3 +(ready|running) .*\n *2 spin +shell +3 .*\n"),
    ("spin 16", r"14 spin, with a weight of 1; then: A declared limit is reached\.\n"),
    ("spin end", r"16 have ended\n"),
    ("exit 101", r"A status is a number from 0 to 100\.\nUsage: exit \[status\]\n"),
    ("exit -1", r"A status is a number .*\nUsage: exit \[status\]\n"),
    ("exit 99999999999999999999", r"A status is a number .*\nUsage: exit \[status\]\n"),
    ("exit 1 2", r"Usage: exit \[status\]\n"),
]


def check_answers(vm):
    for line, pattern in ANSWERS:
        answer = vm.command(line)
        expect(re.fullmatch(pattern, answer), f"{line!r} was answered with {answer!r}, not {pattern!r}")


def check_help(vm):
    listed = re.findall(r"^  (\w+)", vm.command("help"), re.M)
    expect(listed == ["help", "modules", "ifaces", "queues", "echo", "state", "check", "spill", "memory",
                      "timers", "sleep", "trace", "bench", "tasks", "spin", "fault", "reboot", "exit"],
           f"help lists {listed}")


def check_modules(vm, uefi):
    table = modules(vm)
    phase = table["screen"][0]
    expect(phase == ("failed" if uefi else "started"), f"modules says of the screen: {table['screen']}")
    for name in ("interrupts", "serial", "keyboard", "console", "shell"):
        expect(name in table, f"modules does not list {name}")
        phase, _, faults, text, state = table[name][:5]
        expect(phase == "started" and faults == "0" and int(text) > 0 and int(state) > 0,
               f"modules says of {name}: {table[name]}")


def check_queues(vm):
    before = queues(vm)
    vm.command("echo twelve")
    after = queues(vm)
    typed = len("queues\r") + len("echo twelve\r")
    depth, delivered, attempts, failed, lost = after["console.input"]
    expect((depth, failed, lost) == (0, 0, 0), f"an idle queue shows {after}")
    expect(delivered == attempts == before["console.input"][1] + typed,
           f"{typed} characters between {before} and {after}")
    expect(after["from serial"][0] == delivered and after["from keyboard"][0] == 0, f"sources: {after}")


def check_failed_event_is_shown(vm):
    before = queues(vm)["console.input"]
    vm.send("\x02")     # means nothing to the editor
    after = queues(vm)["console.input"]
    expect(after[3] == before[3] + 1, f"an event that failed: {before}, then {after}")


def check_long_lines(vm):
    longest = "echo " + "y" * (LINE_MAX - 5)
    answer = vm.command(longest)
    expect(answer == longest[5:] + "\n", f"a line of {LINE_MAX} characters came back as {len(answer)}")
    answer = vm.command(longest + "zz")
    expect(answer == f"That line has {LINE_MAX + 2} characters; {LINE_MAX} is the most. Nothing was run.\n",
           f"a longer line was answered with {answer!r}")


def check_editing(vm):
    answer = vm.command("echo hxllo\x1b[D\x1b[D\x1b[D\x7fe\x05!")
    expect(answer == "hello!\n", f"editing inside the line gave {answer!r}")
    answer = vm.command("\x1b[A?")
    expect(answer == "hello!?\n", f"the line before, and a character, gave {answer!r}")
    vm.send("unfinished\x03")
    vm.until("^C\r\n" + PROMPT)


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        boot = vm.boot()
        expect(f"nano: {args.smp} processor" in boot, "the number of processors is not told")
        check_help(vm)
        check_modules(vm, args.uefi)
        check_queues(vm)
        check_failed_event_is_shown(vm)
        check_answers(vm)
        check_long_lines(vm)
        check_editing(vm)
        check_all(vm)
        vm.leave(42)
    print(f"{len(ANSWERS)} lines answered as they must, and 7 more questions; exit 42 came out as 42")


if __name__ == "__main__":
    run(main)
