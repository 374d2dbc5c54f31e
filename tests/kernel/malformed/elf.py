# SPDX-License-Identifier: BSD-2-Clause
"""Just enough ELF64 to break an object in one chosen place."""
import struct

HEADER = {  # name: (offset, format)
    "class": (4, "B"), "data": (5, "B"), "ident_version": (6, "B"), "osabi": (7, "B"),
    "type": (16, "H"), "machine": (18, "H"), "version": (20, "I"), "shoff": (40, "Q"),
    "ehsize": (52, "H"), "shentsize": (58, "H"), "shnum": (60, "H"), "shstrndx": (62, "H"),
}
SECTION = {
    "name": (0, "I"), "type": (4, "I"), "flags": (8, "Q"), "offset": (24, "Q"), "size": (32, "Q"),
    "link": (40, "I"), "info": (44, "I"), "align": (48, "Q"), "entsize": (56, "Q"),
}
SYMBOL = {"name": (0, "I"), "info": (4, "B"), "other": (5, "B"), "shndx": (6, "H"),
          "value": (8, "Q"), "size": (16, "Q")}
RELOCATION = {"offset": (0, "Q"), "type": (8, "I"), "symbol": (12, "I"), "addend": (16, "q")}


class Object:
    """The bytes of a sound object, changed field by field."""

    def __init__(self, data):
        self.data = bytearray(data)

    def _get(self, base, field):
        return struct.unpack_from("<" + field[1], self.data, base + field[0])[0]

    def _set(self, base, field, value):
        struct.pack_into("<" + field[1], self.data, base + field[0], value)

    def header(self, name):
        return self._get(0, HEADER[name])

    def set_header(self, name, value):
        self._set(0, HEADER[name], value)

    def _section_base(self, index):
        return self.header("shoff") + 64 * index

    def section(self, index, name):
        return self._get(self._section_base(index), SECTION[name])

    def set_section(self, index, name, value):
        self._set(self._section_base(index), SECTION[name], value)

    def _string(self, table, offset):
        start = self.section(table, "offset") + offset
        return self.data[start:self.data.index(0, start)].decode("latin-1")

    def section_name(self, index):
        return self._string(self.header("shstrndx"), self.section(index, "name"))

    def find_section(self, name):
        for index in range(self.header("shnum")):
            if self.section_name(index) == name:
                return index
        raise KeyError(name)

    def symbol_table(self):
        return next(i for i in range(self.header("shnum")) if self.section(i, "type") == 2)

    def _symbol_base(self, index):
        return self.section(self.symbol_table(), "offset") + 24 * index

    def symbol(self, index, name):
        return self._get(self._symbol_base(index), SYMBOL[name])

    def set_symbol(self, index, name, value):
        self._set(self._symbol_base(index), SYMBOL[name], value)

    def symbol_count(self):
        return self.section(self.symbol_table(), "size") // 24

    def find_symbol(self, name):
        strings = self.section(self.symbol_table(), "link")
        for index in range(self.symbol_count()):
            if self._string(strings, self.symbol(index, "name")) == name:
                return index
        raise KeyError(name)

    def relocations(self):
        """(section, position) of every relocation of what is loaded."""
        for index in range(self.header("shnum")):
            if self.section(index, "type") != 4:
                continue
            if not self.section(self.section(index, "info"), "flags") & 2:
                continue
            for position in range(self.section(index, "size") // 24):
                yield index, position

    def _relocation_base(self, section, position):
        return self.section(section, "offset") + 24 * position

    def relocation(self, section, position, name):
        return self._get(self._relocation_base(section, position), RELOCATION[name])

    def set_relocation(self, section, position, name, value):
        self._set(self._relocation_base(section, position), RELOCATION[name], value)
