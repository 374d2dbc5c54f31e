#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make the files that the loader must refuse, and the table of why.

    make.py --cc gcc --root SOURCE_DIR --out DIR

writes DIR/<name>.o for every case below, DIR/good.o, which must load, and
DIR/expected.txt: one line a file, "file <TAB> reason <TAB> regular expression",
where the expression (POSIX extended) matches what loader_report_text() says.
"""
import argparse
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from elf import Object  # noqa: E402

FLAGS = ("-std=gnu11 -O2 -ffreestanding -mno-red-zone -mgeneral-regs-only -fcf-protection=none "
         "-fno-stack-protector -fno-pic -mcmodel=kernel -fno-asynchronous-unwind-tables "
         "-Wall -Wextra -Werror").split()

SAMPLE = '#include "sample.h"\n'

# Compiled: name, reason, expression, what stands before the sample, after it, further flags.
COMPILED = [
    ("bss", "WRITABLE_DATA", r"writable static memory: \.bss$", "",
     "int counter; int count(void); int count(void) { return ++counter; }", "-fno-common"),
    ("data", "WRITABLE_DATA", r"writable static memory: \.data$", "",
     "int counter = 7; int count(void); int count(void) { return ++counter; }", ""),
    ("pic_data", "WRITABLE_DATA", r"writable static memory: \.data\.rel\.ro", "", "",
     "-fPIC -mcmodel=small"),
    ("common", "COMMON", r"common symbol.*: counter$", "",
     "int counter; int count(void); int count(void) { return ++counter; }", "-fcommon"),
    ("tls", "THREAD_LOCAL", r"thread-local storage: \.tbss$", "",
     "__thread int own; int count(void); int count(void) { return ++own; }", ""),
    ("ctor", "CONSTRUCTOR", r"constructors or destructors: \.init_array", "",
     "__attribute__((constructor)) static void early(void) { nano_wake(); }", ""),
    ("dtor", "CONSTRUCTOR", r"constructors or destructors: \.fini_array", "",
     "__attribute__((destructor)) static void late(void) { nano_wake(); }", ""),
    ("old_ctor", "CONSTRUCTOR", r"constructors or destructors: \.ctors$", "",
     'static void early(void) { nano_wake(); }\n'
     'static void (*const entry)(void) __attribute__((used, section(".ctors"))) = early;', ""),
    ("panic_import", "IMPORT", r"does not offer: sfp_port_panic$",
     "#define NANO_CORE 1\n",
     'void give_up(void); void give_up(void) { sfp_port_panic("a module must not"); }', ""),
    ("unknown_import", "IMPORT", r"does not offer: printk$", "",
     'int printk(const char *, ...); int hello(void); int hello(void) { return printk("hello"); }', ""),
    ("weak_import", "IMPORT", r"does not offer: maybe$", "",
     "void maybe(void) __attribute__((weak)); void try_it(void);\n"
     "void try_it(void) { if (maybe) maybe(); }", ""),
    ("duplicate", "DUPLICATE", r"second time: nano_exit$", "",
     "void nano_exit(unsigned status) { (void)status; for (;;) ; }", ""),
    ("ifunc", "SYMBOL_KIND", r"kind that modules do not have: chosen$", "",
     "static int one(void) { return 1; }\nstatic int (*choose(void))(void) { return one; }\n"
     'int chosen(void) __attribute__((ifunc("choose")));', ""),
    ("no_module_symbol", "NO_MODULE", r"does not define nano_module$", "#define SAMPLE_NO_MODULE\n", "", ""),
    ("small_module_symbol", "MODULE_SYMBOL", r"right size and alignment: bytes 4$",
     "#define SAMPLE_NO_MODULE\n", "extern const int nano_module; const int nano_module = 1;", ""),
    ("code_module_symbol", "MODULE_SYMBOL", r"right size and alignment: not a global constant$",
     "#define SAMPLE_NO_MODULE\n", "void nano_module(void); void nano_module(void) { nano_wake(); }", ""),
    ("writable_code", "WRITABLE_CODE", r"code that is writable: \.patch$", "",
     '__asm__(".section .patch,\\"awx\\",@progbits\\n\\tret\\n\\t.previous");', ""),
    ("got", "IMPORT", r"does not offer: _GLOBAL_OFFSET_TABLE_$", "",
     '__asm__(".section .text\\n\\tmovq nano_wake@GOTPCREL(%rip), %rax\\n\\tret\\n\\t.previous");', ""),
    ("half_reloc", "RELOCATION_KIND", r"relocation is of a kind .*: kind 12$", "",
     '__asm__(".section .rodata\\n\\t.short nano_wake\\n\\t.balign 8\\n\\t.previous");', ""),
    ("wrong_layout", "LAYOUT", r"another layout.*: layout 4242$", "#define SAMPLE_LAYOUT 4242u\n", "", ""),
    ("no_name", "NAME", r"its name is not", '#define SAMPLE_NAME NULL\n', "", ""),
    ("bad_name", "NAME", r"its name is not", '#define SAMPLE_NAME "two\\033[2J words"\n', "", ""),
    ("bad_summary", "SUMMARY", r"its summary is not", '#define SAMPLE_SUMMARY "one\\ntwo"\n', "", ""),
    ("huge_state", "STATE", r"more state than .*: bytes 2097153$", "#define SAMPLE_STATE 2097153\n", "", ""),
    ("endless_uses", "USES", r"list of uses is broken: (more than 16|the list does not end)",
     '#define SAMPLE_USES { [0 ... 16] = { .name = "used", .interface = &sample_used } }\n', "", ""),
    ("wild_use", "USES", r"list of uses is broken: position 0$",
     '#define SAMPLE_USES { { .name = "used", .interface = (const void *)0x1000 }, NANO_USES_END }\n', "", ""),
    ("use_past_state", "USES", r"list of uses is broken: position 0$",
     "#define SAMPLE_USE .offset = 40\n", "", ""),
    ("use_unaligned", "USES", r"list of uses is broken: position 0$", "#define SAMPLE_USE .offset = 4\n", "", ""),
    ("use_never", "USES", r"list of uses is broken: position 0$", "#define SAMPLE_USE .when = 2\n", "", ""),
    ("use_of_nameless", "USES", r"list of uses is broken: position 0$",
     '#define SAMPLE_USE .provider = ""\n', "", ""),
    ("endless_fields", "FIELDS", r"list of fields is broken: (more than 64|the list does not end)",
     '#define SAMPLE_FIELDS { [0 ... 64] = { .name = "count" } }\n', "", ""),
    ("field_past_state", "FIELDS", r"list of fields is broken: position 0$",
     '#define SAMPLE_FIELDS { { "count", 60, 8, NANO_LASTING }, NANO_FIELDS_END }\n', "", ""),
    ("field_of_no_kind", "FIELDS", r"list of fields is broken: position 0$",
     '#define SAMPLE_FIELDS { { "count", 0, 8, 3 }, NANO_FIELDS_END }\n', "", ""),
    ("wild_takeover", "HOOK", r"not in its code.*: takeover$",
     "#define SAMPLE_TAKEOVER ((nano_hook *)0x1000)\n", "", ""),
    ("wild_operation", "OPERATION", r"operation of its interface is not in its code: operation 0$",
     "#define SAMPLE_OPERATION ((enum sfp_status (*)(void *))0x1000)\n", "", ""),
    ("no_operations", "INTERFACE", r"its interface is broken: operations: 0$",
     "#define SAMPLE_COUNT 0\n", "", ""),
    ("many_operations", "INTERFACE", r"its interface is broken: operations: 17$",
     "#define SAMPLE_COUNT 17\n", "", ""),
    ("unnamed_operation", "INTERFACE", r"its interface is broken: description of operation 0$",
     '#define SAMPLE_OPERATION_NAME "no name"\n', "", ""),
    ("unnamed_interface", "INTERFACE", r"its interface is broken: its name$",
     '#define SAMPLE_INTERFACE_NAME ""\n', "", ""),
    ("no_check", "HOOK", r"check is missing: check$", "#define SAMPLE_CHECK NULL\n", "", ""),
    ("wild_start", "HOOK", r"not in its code.*: start$",
     "#define SAMPLE_START ((nano_hook *)0x1000)\n", "", ""),
    ("wild_poll", "HOOK", r"not in its code.*: poll$", "#define SAMPLE_POLL ((nano_hook *)0x1000)\n", "", ""),
    ("constant_poll", "HOOK", r"not in its code.*: poll$",
     "#define SAMPLE_POLL ((nano_hook *)(void *)sample_uses)\n", "", ""),
    ("foreign_poll", "HOOK", r"not in its code.*: poll$",
     "#define SAMPLE_POLL ((nano_hook *)(void *)nano_wake)\n", "", ""),
]

# What a module of Linux looks like from outside, without any of its code.
LINUX = """
static const char licence[] __attribute__((used, section(".modinfo"))) = "license=BSD";
struct module { char name[56]; int (*init)(void); } ;
extern int init_module(void);
extern int _printk(const char *, ...);
struct module __this_module __attribute__((section(".gnu.linkonce.this_module"))) =
	{ "lookalike", init_module };
int init_module(void) { return _printk("hello"); }
"""


def cut(o):
    return o.data[:len(o.data) * 6 // 10]


def patched(change):
    def made(o):
        change(o)
        return o.data
    return made


def first_relocation(o, kind):
    return next(r for r in o.relocations() if o.relocation(*r, "type") == kind)


def bad_reloc(o):
    section, position = first_relocation(o, 1)
    target = o.section(section, "info")
    o.set_relocation(section, position, "offset", o.section(target, "size") - 4)


def wrapping_reloc(o):
    section, position = first_relocation(o, 1)
    o.set_relocation(section, position, "offset", 2**64 - 4)


def far_reloc(o):
    section, position = first_relocation(o, 4)
    o.set_relocation(section, position, "addend", 2**40)


def stray_symbol(o):
    index = o.find_symbol("nano_module")
    o.set_symbol(index, "value", 2**64 - 8)


def wrapping_section(o):
    o.set_section(o.find_section(".rodata"), "offset", 2**64 - 16)


def odd_alignment(o):
    o.set_section(o.find_section(".rodata"), "align", 3)


def compressed(o):
    index = o.find_section(".text")
    o.set_section(index, "flags", o.section(index, "flags") | 0x800)


def unterminated(o):
    strings = o.section(o.symbol_table(), "link")
    o.data[o.section(strings, "offset") + o.section(strings, "size") - 1] = ord("x")


def two_symbol_tables(o):
    index = o.find_section(".rela.text")
    o.set_section(index, "link", o.section(o.symbol_table(), "link"))
    o.set_section(index, "type", 2)
    o.set_section(index, "info", 1)


# Changed from good.o: name, reason, expression, function of the object.
PATCHED = [
    ("truncated", "TRUNCATED", r"beyond the end of the file: the section table$", cut),
    ("aarch64", "MACHINE", r"another machine than x86-64: aarch64$",
     patched(lambda o: o.set_header("machine", 183))),
    ("big_endian", "BYTE_ORDER", r"not a little-endian", patched(lambda o: o.set_header("data", 2))),
    ("freebsd", "SYSTEM", r"another system's binary interface: system 9$",
     patched(lambda o: o.set_header("osabi", 9))),
    ("no_sections", "SECTIONS", r"more sections than .*: sections 0$",
     patched(lambda o: o.set_header("shnum", 0))),
    ("many_sections", "SECTIONS", r"more sections than .*: sections 257$",
     patched(lambda o: o.set_header("shnum", 257))),
    ("bad_reloc", "RELOCATION", r"a relocation is broken: \.", patched(bad_reloc)),
    ("wrapping_reloc", "RELOCATION", r"a relocation is broken: \.", patched(wrapping_reloc)),
    ("far_reloc", "RELOCATION_RANGE", r"does not reach what it refers to: ", patched(far_reloc)),
    ("stray_symbol", "SYMBOL", r"a symbol is broken: nano_module$", patched(stray_symbol)),
    ("wrapping_section", "TRUNCATED", r"beyond the end of the file: \.rodata$", patched(wrapping_section)),
    ("odd_alignment", "ALIGNMENT", r"no power of two up to a page: \.rodata$", patched(odd_alignment)),
    ("compressed", "COMPRESSED", r"compressed: \.text$", patched(compressed)),
    ("unterminated", "STRINGS", r"string table.*: names of symbols$", patched(unterminated)),
    ("two_symbol_tables", "SYMBOL_TABLE", r"symbol table is missing or broken: there are two$",
     patched(two_symbol_tables)),
]


class Maker:
    def __init__(self, cc, root, out):
        self.cc, self.out = cc, out
        self.include = ["-I", str(root / "refkernel"), "-I", str(root / "include"),
                        "-I", str(pathlib.Path(__file__).resolve().parent),
                        '-DSFP_PORT_HEADER="nano/port.h"']
        self.rows = []

    def run(self, *command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
        return done.stdout.strip()

    def compile(self, name, text, flags=(), base=None):
        source, target = self.out / f"{name}.c", self.out / f"{name}.o"
        source.write_text(text)
        base = FLAGS + self.include if base is None else base
        self.run(self.cc, *base, *flags, "-c", source, "-o", target)
        return target

    def expect(self, name, reason, expression):
        self.rows.append(f"{name}.o\t{reason}\t{expression}\n")

    def write(self, name, reason, expression, data):
        (self.out / f"{name}.o").write_bytes(data)
        self.expect(name, reason, expression)

    def compiled(self):
        for name, reason, expression, before, after, flags in COMPILED:
            self.compile(name, before + SAMPLE + after + "\n", flags.split())
            self.expect(name, reason, expression)

    def patched(self):
        good = self.compile("good", SAMPLE).read_bytes()
        for name, reason, expression, change in PATCHED:
            self.write(name, reason, expression, bytes(change(Object(good))))

    def strangers(self):
        """Files that were never meant for the loader."""
        one = "int one(void); int one(void) { return 1; }\n"
        self.write("empty", "EMPTY", r"the file is empty$", b"")
        self.write("magic", "SHORT", r"ends inside its ELF header$", b"\x7fELF")
        self.write("text_file", "NOT_ELF", r"not an ELF file$", b"default boot\nmodule2 a.o a\n")
        self.write("noise", "NOT_ELF", r"not an ELF file$", random.Random(1).randbytes(5000))
        self.write("crt1", "(WRITABLE_DATA|IMPORT|NO_MODULE)",
                   r"(writable static memory|does not offer|nano_module)",
                   pathlib.Path(self.run(self.cc, "-print-file-name=crt1.o")).read_bytes())
        self.compile("elf32", one, ["-m32", "-fno-pic"], ["-ffreestanding", "-O1"])
        self.expect("elf32", "CLASS", r"not a 64-bit ELF file: class 1$")
        self.compile("linux_ko", LINUX)
        self.expect("linux_ko", "FOREIGN", r"another kernel: \.(modinfo|gnu\.linkonce\.this_module)$")
        plain = self.compile("plain", one, [], ["-ffreestanding", "-fPIC", "-O1"])
        self.expect("plain", "NO_MODULE", r"does not define nano_module$")
        linked = (("executable", "an executable", "-no-pie"), ("shared", "a shared object", "-shared"))
        for name, kind, flag in linked:
            self.run(self.cc, flag, "-nostdlib", "-Wl,-e,one", plain, "-o", self.out / f"{name}.o")
            self.expect(name, "TYPE", rf"not a relocatable object: {kind}$")
        archive = self.out / "archive.o"
        archive.unlink(missing_ok=True)
        self.run("ar", "rc", archive, plain)
        self.expect("archive", "ARCHIVE", r"an archive of objects")

    def finish(self):
        (self.out / "expected.txt").write_text("".join(self.rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cc", default="gcc")
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    maker = Maker(arguments.cc, arguments.root, arguments.out)
    maker.patched()
    maker.compiled()
    maker.strangers()
    maker.finish()


if __name__ == "__main__":
    main()
