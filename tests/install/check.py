#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Install libpatterns, move it elsewhere, and use it as its users do.

  check.py package BUILD        a project that says find_package(libpatterns)
  check.py pkg-config BUILD     a compiler called with what pkg-config says
  check.py subdirectory BUILD   a project that says add_subdirectory()
  check.py freestanding BUILD   a kernel that takes the sources alone: the port of docs/porting.md
"""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PRINTED = "1: OK\n2: FAULT\n3: OK\n"
HEADERS = sorted(path.relative_to(ROOT / "include") for path in ROOT.glob("include/sfp/**/*.h"))


class Wrong(Exception):
    """Something is not as it must be; carries what."""


def call(words, folder, **environment):
    """What the command printed; Wrong with all that it said if it failed."""
    clean = {name: value for name, value in os.environ.items() if name not in ("CFLAGS", "LDFLAGS", "DESTDIR")}
    done = subprocess.run([str(word) for word in words], check=False, cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**clean, **environment})
    if done.returncode:
        raise Wrong(f"{words}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def expect(said, expected, of):
    if said != expected:
        raise Wrong(f"{of} printed\n{said}instead of\n{expected}")


# ---- the installed tree -----------------------------------------------------------


def install(build, folder):
    """Installed for /opt/patterns by way of a staging folder, then moved to where nobody expected it."""
    call(["cmake", "--install", build, "--prefix", "/opt/patterns"], folder, DESTDIR=str(folder / "stage"))
    prefix = folder / "moved here"
    (folder / "stage/opt/patterns").rename(prefix)
    left = [path for path in (folder / "stage").rglob("*") if path.is_file()]
    if left:
        raise Wrong(f"installed outside of the prefix: {left}")
    return prefix


def check_tree(prefix, build):
    """Every public header is there; no text knows where it was built, or for which prefix."""
    for header in HEADERS:
        if not (prefix / "include" / header).is_file():
            raise Wrong(f"{header} was not installed")
    files = [path for path in prefix.rglob("*") if path.is_file() and path.suffix != ".a"]
    for path in files:
        text = path.read_text()
        for place in (str(ROOT), str(build), "/opt/patterns"):
            if place in text:
                raise Wrong(f"{path.relative_to(prefix)} names {place}")
    print(f"{len(files)} files installed, {len(HEADERS)} of them headers, none of which knows where it is")


def compiler_of(build):
    cache = (pathlib.Path(build) / "CMakeCache.txt").read_text()
    return re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", cache, re.MULTILINE).group(1)


def version_of(prefix):
    text = next(prefix.rglob("libpatterns.pc")).read_text()
    return re.search(r"^Version: (\S+)$", text, re.MULTILINE).group(1)


# ---- its users -----------------------------------------------------------------------


def build_project(source, folder, build, *settings):
    words = ["cmake", "-G", "Ninja", "-S", source, "-B", folder, f"-DCMAKE_C_COMPILER={compiler_of(build)}",
             "-DCMAKE_BUILD_TYPE=Debug", *settings]
    said = call(words, source) + call(["ninja", "-C", folder], source)
    if "warning" in said.lower():
        raise Wrong(f"it was not silent:\n{said}")


def check_package(build, folder):
    prefix = install(build, folder)
    check_tree(prefix, build)
    build_project(HERE / "user", folder / "user", build, f"-DCMAKE_PREFIX_PATH={prefix}",
                  f"-DWANTED={version_of(prefix)}", f"-DPOSIX_SOURCE={prefix}/share/libpatterns/posix/posix.c")
    for program in ("user", "user_core"):
        expect(call([folder / "user" / program], folder), PRINTED, program)
    print("find_package: the library and its sources were found, built with and run")


def check_pkg_config(build, folder):
    prefix = install(build, folder)
    where = str(next(prefix.rglob("libpatterns.pc")).parent)
    told = shlex.split(call(["pkg-config", "--cflags", "--libs", "libpatterns"], folder, PKG_CONFIG_PATH=where))
    for part in (word for word in told if word[:2] in ("-I", "-L")):
        if not pathlib.Path(part[2:]).resolve().is_relative_to(prefix):
            raise Wrong(f"pkg-config leads out of the installed tree: {part}")
    # As it is written in scripts and makefiles: what it says goes through a shell unquoted. A folder
    # with a blank in its name does not survive that, whatever the library.
    plain = folder / "plain"
    prefix.rename(plain)
    where = where.replace(str(prefix), str(plain))
    call(["sh", "-c", '"$0" -std=gnu99 -Wall -Wextra -Werror $(pkg-config --cflags libpatterns) -o user "$1" '
          "$(pkg-config --libs libpatterns)", compiler_of(build), HERE / "user/main.c"], folder, PKG_CONFIG_PATH=where)
    expect(call([folder / "user"], folder), PRINTED, "user")
    print("pkg-config: a program was built with its words and run")


def check_subdirectory(build, folder):
    build_project(HERE / "parent", folder / "parent", build, f"-DLIBPATTERNS={ROOT}")
    expect(call([folder / "parent/user"], folder), PRINTED, "user")
    call(["cmake", "--install", folder / "parent", "--prefix", folder / "out"], folder)
    installed = [path.name for path in (folder / "out").rglob("*") if path.is_file()]
    if installed != ["user"]:
        raise Wrong(f"the parent's installation has {installed}")
    print("add_subdirectory: a program was built and run; nothing else came along")


# ---- a kernel ---------------------------------------------------------------------------

KERNEL_FLAGS = ["-std=gnu11", "-O2", "-ffreestanding", "-nostdinc", "-mno-red-zone", "-mgeneral-regs-only",
                "-fcf-protection=none", "-fno-stack-protector", "-fno-pic", "-Wall", "-Wextra", "-Wshadow", "-Wundef",
                "-Wredundant-decls", "-Wmissing-prototypes", "-Wstrict-prototypes", "-Werror"]
LISTED = {"my_port.h", "my_port.c", "my_kernel.h", "my_kernel.c"}


def write_listings(folder):
    """The files that docs/porting.md shows, each in a block that begins with its name."""
    text = (ROOT / "docs/porting.md").read_text()
    found = re.findall(r"^```c\n(/\* (\w+\.[ch])\b.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if {name for _, name in found} != LISTED:
        raise Wrong(f"docs/porting.md shows {sorted(name for _, name in found)}, not {sorted(LISTED)}")
    for code, name in found:
        (folder / name).write_text(code)
    return [folder / name for name in sorted(LISTED) if name.endswith(".c")]


def kernel_flags(compiler, prefix, folder):
    """With the headers of the compiler, of Concurrency Kit and of the installed tree, and no others."""
    ck = folder / "ck"
    ck.mkdir()
    for header in pathlib.Path("/usr/include").glob("ck_*.h"):
        (ck / header.name).symlink_to(header)
    (ck / "gcc").symlink_to("/usr/include/gcc")
    own = call([compiler, "-print-file-name=include"], folder).strip()
    return [*KERNEL_FLAGS, "-isystem", own, "-isystem", ck, "-isystem", prefix / "include/sfp/port/freestanding",
            "-I", prefix / "include", "-I", folder, "-I", HERE / "machine",
            '-DSFP_PORT_HEADER="my_port.h"', "-DSFP_GATE_SAVES_FLAGS=1"]


def check_freestanding(build, folder):
    if os.uname().machine != "x86_64":
        print("the machine of this test is x86-64")
        return
    prefix = install(build, folder)
    compiler = compiler_of(build)
    core = sorted((prefix / "share/libpatterns/core").glob("*.c")) + [prefix / "share/libpatterns/core/gate.S"]
    sources = [*write_listings(folder), HERE / "machine/machine.c", *core]
    call([compiler, *kernel_flags(compiler, prefix, folder), "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none",
          "-Wl,-z,noexecstack", "-o", "kernel", *sources], folder)
    undefined = call(["nm", "--undefined-only", "kernel"], folder)
    if undefined:
        raise Wrong(f"undefined symbols are left:\n{undefined}")
    lines = call(["timeout", "60", folder / "kernel"], folder).splitlines()
    held = [line for line in lines if line.startswith("holds ")]
    other = [line for line in lines if not line.startswith("holds ")]
    if len(held) < 25 or len(other) != 1 or "host.thread" not in other[0]:
        raise Wrong("the self-test says\n" + "\n".join(lines))
    print(f"docs/porting.md: {len(sources)} sources without any library; {len(held)} checks of the self-test hold")


def main():
    checks = {"package": check_package, "pkg-config": check_pkg_config, "subdirectory": check_subdirectory,
              "freestanding": check_freestanding}
    with tempfile.TemporaryDirectory() as folder:
        try:
            checks[sys.argv[1]](sys.argv[2], pathlib.Path(folder).resolve())
        except Wrong as wrong:
            print(f"WRONG: {wrong}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
