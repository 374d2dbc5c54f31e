#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compile things that must compile in silence, and things that must not compile.

  check.py headers COMPILER STD PORT   every header of include/sfp alone, and all together
  check.py fail CASE.c                 a case of fail/: it must fail as it says, its twin must not
  check.py readme                      the README's examples
  check.py page PAGE.md                the usage on a page of the documentation
  check.py step STEP.c                 a step of the guide, and its page
  check.py selftest                    does this program see what it should?
"""

import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
INCLUDE = ROOT / "include"
CK = "/usr/include"

COMPILERS = {"gcc": "gcc", "clang": "clang-19", "aarch64": "aarch64-linux-gnu-gcc"}
PORTS = {"posix": "sfp/port/posix.h", "freestanding": "sfp/port/freestanding.h", "nano": "nano/port.h"}
LIBRARY = os.environ.get("SFP_LIBRARY", str(ROOT / "build/dev/libpatterns/libpatterns.a"))
WARNINGS = os.environ.get("SFP_WARNING_FLAGS", "-Wall -Wextra -Werror").split()



def compiler_headers(compiler):
    """The directory of the compiler's own freestanding headers."""
    if compiler == "clang":
        words = [COMPILERS[compiler], "-print-resource-dir"]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip() + "/include"
    words = [COMPILERS[compiler], "-print-file-name=include"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def ck_alone(folder):
    """A directory that has Concurrency Kit's headers and nothing else of /usr/include."""
    links = pathlib.Path(folder) / "ck"
    links.mkdir()
    for header in pathlib.Path(CK).glob("ck_*.h"):
        (links / header.name).symlink_to(header)
    (links / "gcc").mkdir()
    for entry in pathlib.Path(CK, "gcc").iterdir():
        if entry.name.startswith("ck_") or entry.is_dir():
            (links / "gcc" / entry.name).symlink_to(entry)
    return links


def flags(compiler, std, port, folder):
    words = [COMPILERS[compiler], f"-std={std}", "-O2", *WARNINGS]
    if port in PORTS:
        words.append(f'-DSFP_PORT_HEADER="{PORTS[port]}"')
    if port == "freestanding":
        words += ["-ffreestanding", "-nostdinc", "-isystem", compiler_headers(compiler),
                  "-isystem", str(ck_alone(folder)), "-isystem", str(INCLUDE / "sfp/port/freestanding")]
    if port == "nano":
        words += ["-ffreestanding", "-I", str(ROOT / "refkernel")]
    return words + ["-I", str(INCLUDE)]


def compile_file(words, source, folder):
    """(did it compile, what the compiler said)"""
    done = subprocess.run([*words, "-c", "-o", os.path.join(folder, "out.o"), str(source)], check=False,
                          capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    return done.returncode == 0, done.stderr


def compile_text(words, text, folder):
    source = pathlib.Path(folder) / "text.c"
    source.write_text(text)
    return compile_file(words, source, folder)


# ---- headers -----------------------------------------------------------------


def headers(port):
    """The headers of the patterns, and the one of the port in question."""
    found = sorted(header.relative_to(INCLUDE).as_posix() for header in INCLUDE.glob("sfp/*.h"))
    return found + [PORTS[port]]


def check_headers(compiler, std, port):
    names = headers(port)
    if len(names) < 5:
        return [f"only {len(names)} headers found in {INCLUDE}"]
    # Alone (twice, for the include guard), all in both orders, and every macro once.
    texts = {name: f"#include <{name}>\n" * 2 for name in names}
    texts["all of them"] = "".join(texts[name] for name in names)
    texts["all of them, backwards"] = "".join(texts[name] for name in reversed(names))
    texts["every macro, unused"] = (HERE / "every-macro.c").read_text()
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        words = flags(compiler, std, port, folder)
        for name, text in texts.items():
            fine, said = compile_text(words, text, folder)
            if not fine or said:
                wrong.append(f"{name}: {said}")
    print(f"{len(names)} headers alone and together: {COMPILERS[compiler]}, {std}, {port} port")
    return wrong


# ---- what must not compile -----------------------------------------------------


def settings(text):
    """The `// key: value` lines at the top of a case."""
    return dict(re.findall(r"^// ([a-z-]+): (.*)$", text, re.MULTILINE))


def check_case(path):
    text = pathlib.Path(path).read_text()
    case = settings(text)
    wrong = []
    if "expect" not in case:
        return ["the case has no line `// expect: REGEX`"]
    compilers = case.get("compilers", "gcc clang").split()
    for compiler in compilers:
        with tempfile.TemporaryDirectory() as folder:
            words = flags(compiler, "gnu11", case.get("port", "posix"), folder)
            wrong += judge(words, case, path, folder, compiler)
    return wrong


def check_fail(path):
    wrong = check_case(path)
    if not wrong:
        print("refused with the words that it expects; its twin compiles")
    return wrong


def extra(case, key):
    return case.get(key, "").format(include=INCLUDE, ck=CK).split()


def judge(words, case, path, folder, compiler):
    wrong = []
    fine, said = compile_file(words + extra(case, "flags"), path, folder)
    if fine:
        wrong.append(f"{compiler}: it compiles")
    elif not re.search(case["expect"], said):
        wrong.append(f"{compiler}: it fails, but not with /{case['expect']}/:\n{said}")
    fine, said = compile_file(words + extra(case, "flags-fixed") + ["-DFIXED"], path, folder)
    if not fine or said:
        wrong.append(f"{compiler}: its twin (-DFIXED) does not compile in silence:\n{said}")
    return wrong


# ---- the README -------------------------------------------------------------------


def check_readme():
    """Each ```c block of the README is a program that compiles in silence, runs, and prints what
    the ```text block after it shows; the README's own gcc line builds it."""
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```c\n(.*?)^```\n\s*^```text\n(.*?)^```\n", text, re.MULTILINE | re.DOTALL)
    line = re.search(r"^gcc .* example\.c .*$", text, re.MULTILINE)
    if not blocks or not line:
        return ["the README has no ```c block with its ```text block, or no gcc line"]
    wrong = []
    for code, expected in blocks:
        with tempfile.TemporaryDirectory() as folder:
            for compiler in ("gcc", "clang"):
                fine, said = compile_text(flags(compiler, "gnu11", "posix", folder), code, folder)
                wrong += [] if fine and not said else [f"{compiler}: {said}"]
            wrong += run_example(line[0], code, expected, folder)
    print(f"{len(blocks)} example(s) of the README compiled with gcc and clang-19, and run")
    return wrong


def run_example(line, code, expected, folder):
    source = os.path.join(folder, "example.c")
    program = os.path.join(folder, "example")
    pathlib.Path(source).write_text(code)
    built = subprocess.run(line.replace("example.c", f"{source} -o {program}"), shell=True, check=False,
                           cwd=ROOT, capture_output=True, text=True)
    if built.returncode or built.stderr:
        return [f"{line}\n{built.stderr}"]
    done = subprocess.run([program], check=False, capture_output=True, text=True, timeout=20)
    if done.returncode or done.stdout != expected:
        return [f"status {done.returncode}, printed:\n{done.stdout}instead of:\n{expected}"]
    return []


# ---- the pages of the patterns, and the guide ------------------------------------------

BLOCK = re.compile(r"^```c\n(#include <sfp/.*?)^```\n(?:\s*^```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def compile_quietly(code, folder, include=ROOT):
    """What gcc and clang say of it."""
    said = []
    for compiler, more in (("gcc", []), ("clang", ["-Wthread-safety"])):
        line = [*flags(compiler, "gnu11", "posix", folder), *more, "-I", str(include)]
        fine, words = compile_text(line, code, folder)
        said += [] if fine and not words else [f"{compiler}: {words}"]
    return said


def run_program(folder, expected):
    """Link what was compiled last in this folder with the library, and run it."""
    program = os.path.join(folder, "program")
    line = ["clang-19", os.path.join(folder, "out.o"), LIBRARY, "-pthread", "-o", program]
    built = subprocess.run(line, check=False, capture_output=True, text=True)
    if built.returncode:
        return [built.stderr]
    done = subprocess.run([program], check=False, capture_output=True, text=True, timeout=20)
    if done.returncode or done.stdout != expected:
        return [f"status {done.returncode}, printed:\n{done.stdout}{done.stderr}instead of:\n{expected}"]
    return []


def check_page(path):
    """Each ```c block that begins with an include compiles in silence. One that has a main() is a program:
    it runs, and prints what the ```text block after it shows."""
    blocks = BLOCK.findall(pathlib.Path(path).read_text())
    wrong = [] if blocks else ["no ```c block that begins with #include <sfp/...>"]
    ran = 0
    for code, expected in blocks:
        with tempfile.TemporaryDirectory() as folder:
            wrong += compile_quietly(code, folder)
            if not wrong and re.search(r"^int main\(", code, re.MULTILINE):
                wrong += run_program(folder, expected)
                ran += 1
    print(f"{len(blocks)} block(s) of {pathlib.Path(path).name} compiled with gcc and clang-19, {ran} run")
    return wrong


def pieces(page):
    """What a page of the guide quotes, and the runs that it shows."""
    text = pathlib.Path(page).read_text()
    return (re.findall(r"^```c\n(.*?)^```\n", text, re.MULTILINE | re.DOTALL),
            re.findall(r"^```text\n(\$ .*?)^```\n", text, re.MULTILINE | re.DOTALL))


def check_step(program):
    """A program of the guide: it compiles in silence, runs, and prints what the page of its name shows
    after `$ PROGRAM`; whatever the page quotes is in the program."""
    program = pathlib.Path(program)
    code = program.read_text()
    quotes, runs = pieces(program.with_suffix(".md"))
    shown = [run.split("\n", 1)[1] for run in runs if run.startswith(f"$ {program.stem}\n")]
    wrong = [f"quoted, but not in {program.name}:\n{quote}" for quote in quotes if quote not in code]
    if not quotes or len(shown) != 1:
        return wrong + [f"{program.stem}.md has {len(quotes)} quotes and {len(shown)} runs of {program.stem}"]
    with tempfile.TemporaryDirectory() as folder:
        wrong += compile_quietly(code, folder, program.parent)
        if not wrong:
            wrong = run_program(folder, shown[0])
    print(f"{program.name}: compiled with gcc and clang-19, run; {len(quotes)} quotes of it")
    return wrong


# ---- itself ---------------------------------------------------------------------------

SELFTEST = {
    "a case that compiles": ("// expect: error\nint x;\n", "it compiles"),
    "a case that fails for another reason":
        ("// expect: no such thing\n#ifndef FIXED\n#error other\n#endif\nint x;\n", "but not with"),
    "a twin that fails too": ("// expect: error\n#error always\n", "twin"),
    "a twin that warns": ("// expect: error\n#ifdef FIXED\n#warning hm\n#else\n#error no\n#endif\n", "twin"),
    "a case without expectation": ("#error no\n", "no line"),
    "a good case": ("// expect: because\n#ifndef FIXED\n#error because\n#endif\nint x;\n", None),
}


PROGRAM = """#include <sfp/status.h>
#include <stdio.h>
int main(void)
{
	puts(sfp_status_name(SFP_GONE));
	return 0;
}
"""
PAGES = {
    "a page that tells the truth": (f"```c\n{PROGRAM}```\n\n```text\nGONE\n```\n", None),
    "a page whose program prints something else": (f"```c\n{PROGRAM}```\n\n```text\nOK\n```\n", "instead of"),
    "a page whose program fails":
        (f"```c\n{PROGRAM}```\n\n```text\nGONE\n```\n".replace("return 0", "return 3"), "status 3"),
    "a page that does not compile": (f"```c\n{PROGRAM}```\n".replace("GONE", "GOME"), "error"),
    "a page without usage": ("words\n", "no ```c block"),
}
STEPS = {
    "a step that tells the truth":
        ("```c\n\tputs(sfp_status_name(SFP_GONE));\n```\n```text\n$ step\nGONE\n```\n", None),
    "a quote of something else":
        ("```c\n\tputs(\"GONE\");\n```\n```text\n$ step\nGONE\n```\n", "quoted, but not in"),
    "a run of something else": ("```c\nint main(void)\n```\n```text\n$ step\nOK\n```\n", "instead of"),
    "a step without its run": ("```c\nint main(void)\n```\n```text\n$ other\nGONE\n```\n", "0 runs of step"),
}


def selftest_pages():
    """Pages and steps of known outcome."""
    for name, (text, expected) in [*PAGES.items(), *STEPS.items()]:
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "step.md"
            page.write_text(text)
            page.with_suffix(".c").write_text(PROGRAM)
            with contextlib.redirect_stdout(io.StringIO()):
                said = "\n".join(check_page(page) if name in PAGES else check_step(page.with_suffix(".c")))
        if (expected is None and said) or (expected and expected not in said):
            yield f"{name}: said {said!r}"


def selftest():
    wrong = list(selftest_pages())
    for name, (text, expected) in SELFTEST.items():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "case.c")
            pathlib.Path(path).write_text(text)
            said = "\n".join(check_case(path))
        if (expected is None and said) or (expected and expected not in said):
            wrong.append(f"{name}: said {said!r}")
    print(f"{len(SELFTEST) + len(PAGES) + len(STEPS)} cases of known outcome judged")
    return wrong


def main():
    kinds = {"headers": check_headers, "fail": check_fail, "readme": check_readme, "page": check_page,
             "step": check_step, "selftest": selftest}
    wrong = kinds[sys.argv[1]](*sys.argv[2:])
    for text in wrong:
        print(f"WRONG: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
