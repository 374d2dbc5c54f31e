#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check the walk's model as tests/model/iface/run.py does the pin's; the same arguments."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "iface"))
import run  # noqa: E402

run.MODEL = HERE / "walk.pml"
run.FEWEST = 1000
sys.exit(run.main())
