#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run one campaign: run.py FUZZER COVERAGE --seconds N --corpus DIR --floor PERCENT --source FILE... SEED...

Starts from the seeds alone, with a fixed random seed unless --vary. COVERAGE is
the same program built for llvm-cov; it is given the corpus that the campaign
ends with. Fails if the fuzzer finds anything, or if it reached too little to
have meant anything: under --floor per cent of the branches of the fuzzed
sources, no accepted module, or under 30 reasons.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

MAX_BYTES = 32768


def gather(corpus, seeds):
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    count = 0
    for seed in seeds:
        for path in sorted(seed.glob("*.o")) if seed.is_dir() else [seed]:
            if path.stat().st_size <= MAX_BYTES:
                shutil.copy(path, corpus / f"{count:03}-{path.name}")
                count += 1
    return count


def campaign(arguments):
    command = [arguments.fuzzer, arguments.corpus, f"-max_total_time={arguments.seconds}",
               f"-max_len={MAX_BYTES}", "-print_final_stats=1", "-timeout=20", "-rss_limit_mb=1500",
               f"-seed={0 if arguments.vary else 1}", f"-artifact_prefix={arguments.corpus.parent}/found-"]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace")


def number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def coverage(program, corpus, sources):
    """Lines and branches of the sources that the corpus reaches, as (reached, all)."""
    raw, merged = corpus.parent / "profile.raw", corpus.parent / "profile"
    subprocess.run([program, "-runs=0", corpus], check=True, stderr=subprocess.DEVNULL,
                   env=os.environ | {"LLVM_PROFILE_FILE": str(raw)})
    subprocess.run(["llvm-profdata-19", "merge", "-sparse", raw, "-o", merged], check=True)
    told = subprocess.run(["llvm-cov-19", "export", "-summary-only", program, f"-instr-profile={merged}",
                           *sources],
                          check=True, capture_output=True, text=True)
    totals = json.loads(told.stdout)["data"][0]["totals"]
    return tuple((totals[what]["covered"], totals[what]["count"]) for what in ("lines", "branches"))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fuzzer", type=pathlib.Path)
    parser.add_argument("coverage", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--corpus", type=pathlib.Path, required=True)
    parser.add_argument("--floor", type=int, required=True)
    parser.add_argument("--source", type=pathlib.Path, action="append", required=True)
    parser.add_argument("--vary", action="store_true")
    parser.add_argument("seeds", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    seeds = gather(arguments.corpus, arguments.seeds)
    done = campaign(arguments)
    log = done.stderr
    if done.returncode != 0:
        sys.exit(f"the fuzzer ended with {done.returncode}:\n{log[-6000:]}")
    runs = number(r"stat::number_of_executed_units: *(\d+)", log)
    edges = number(r"cov: (\d+)", log)
    accepted = number(r"reached: .* accepted (\d+)", log)
    reasons = number(r"reached: .* reasons (\d+)", log)
    lines, branches = coverage(arguments.coverage, arguments.corpus, arguments.source)
    share = 100 * branches[0] // branches[1]
    print(f"{seeds} seeds, {runs} executions in {arguments.seconds} s, {accepted} accepted; nothing found")
    print(f"reached: {edges} edges, {lines[0]} of {lines[1]} lines, {branches[0]} of {branches[1]} branches "
          f"({share} %), {reasons} reasons")
    missing = re.findall(r"not reached: (\w+)", log)
    if missing:
        print("reasons not reached:", " ".join(missing))
    if share < arguments.floor or accepted == 0 or reasons < 30:
        sys.exit("that is too little to have meant anything")


if __name__ == "__main__":
    main()
