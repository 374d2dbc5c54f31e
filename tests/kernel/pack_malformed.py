#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Pack every malformed module, and the good one beside them, into one boot image.

    pack_malformed.py MAKE_IMAGE KERNEL EXPECTED IMAGE FILES...

EXPECTED lists the malformed ones, in lines "file <TAB> reason <TAB> expression";
FILES are the modules of the standard image.
"""

import pathlib
import subprocess
import sys


def main():
    make_image, kernel, expected, image = map(pathlib.Path, sys.argv[1:5])
    standard = [pathlib.Path(file) for file in sys.argv[5:]]
    bad = [expected.parent / line.split("\t")[0] for line in expected.read_text().splitlines()]
    bad.insert(len(bad) // 2, expected.parent / "good.o")
    manifest = image.with_suffix(".manifest")
    # All of them first: what is good must be loaded after whatever they have done.
    manifest.write_text("".join(f"{file.stem} boot\n" for file in bad + standard))
    subprocess.run(["sh", make_image, kernel, manifest, image, *bad, *standard], check=True)


if __name__ == "__main__":
    main()
