#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Do all macros, and the library, compile in silence?

    check_variants.py ROOT DIALECT COMPILER [FLAG]...

At -O0, -O2 and -Os, since warnings that follow values need the optimiser.
"""

import os
import subprocess
import sys

WARNINGS = os.environ["SFP_WARNING_FLAGS"].split()
LEVELS = ("-O0", "-O2", "-Os")
SOURCES = ("tests/ports/variants.c", "libpatterns/dfq.c", "libpatterns/guard.c", "libpatterns/lock.c",
           "libpatterns/status.c", "libpatterns/posix.c")


def main():
    root, dialect, compiler, *flags = sys.argv[1:]
    failed = 0
    compiled = 0
    for source in SOURCES:
        # The library at one level: the build itself covers the others.
        for level in LEVELS if "variants" in source else ("-O2",):
            words = [compiler, *flags, f"-std={dialect}", level, *WARNINGS, f"-I{root}/include",
                     '-DSFP_PORT_HEADER="sfp/port/posix.h"', "-c", os.path.join(root, source),
                     "-o", "/dev/null"]
            ran = subprocess.run(words, check=False, capture_output=True, text=True)
            compiled += 1
            if ran.returncode or ran.stderr:
                failed += 1
                print(f"{source} {level}:\n{ran.stderr}")
    print(f"variants: {compiler} {' '.join(flags)} -std={dialect}: "
          f"{compiled} compilations, {failed} not in silence")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
