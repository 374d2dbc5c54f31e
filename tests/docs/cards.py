#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Does every public function of include/sfp have its whole contract card?
(And would this program see it if not? That is tried first.)

Public is what is declared at file scope and does not end with an underscore; what
a port supplies, sfp_port_*, is described where it is asked for, in port.h.
A tag that is followed by another one shares that one's text, as in
`@context @progress as sfp_dfq_peek()`."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TAGS = ("context", "progress", "order", "owner", "retains", "cost", "return")
FOR_THE_LIBRARY = "Not for users of the library"

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE | re.DOTALL)
WORD_OF_MACRO = re.compile(r"\b(?:SFP_[A-Z_]+|__attribute__|__extension__|_Static_assert)\b")
FUNCTION = re.compile(r"\b([a-z_]\w*)\s*\(")


def skip_parentheses(text, at):
    """The index after the parenthesis that opens at text[at]."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    return len(text)


def without_macros(text):
    """A declaration without attributes: those are macros, with or without arguments."""
    while match := WORD_OF_MACRO.search(text):
        end = match.end()
        rest = re.match(r"\s*\(", text[end:])
        if rest:
            end = skip_parentheses(text, end + rest.end() - 1)
        text = text[:match.start()] + " " + text[end:]
    return text


def items(text):
    """(line, the comment right before it, declaration) of everything at file scope."""
    text = re.sub(r"//[^\n]*", "", text)
    comments = {}

    def keep(match):
        comments[match.start()] = match[0]
        return "".join("\n" if c == "\n" else "\1" for c in match[0])

    text = DIRECTIVE.sub(lambda match: "".join("\n" if c == "\n" else "\2" for c in match[0]), text)
    text = COMMENT.sub(keep, text)
    text = re.sub(r'"(?:[^"\\]|\\.)*"', lambda match: "\3" * len(match[0]), text)
    begin = depth = 0
    for i, c in enumerate(text):
        depth += {"{": 1, "}": -1, "(": 1, ")": -1}.get(c, 0)
        if depth == 0 and c in ";}":
            yield from item(text, begin, i, comments)
            begin = i + 1


def item(text, begin, end, comments):
    """The declaration in text[begin:end], and the comment that ends where it starts."""
    chunk = text[begin:end]
    before = [at for at in comments if begin <= at and not re.search(r"[^\s\1\2]", text[begin:at])]
    doc = comments[max(before)] if before else ""
    if before and "\2" in text[max(before) + len(doc):end].split("(")[0]:
        doc = ""  # a preprocessor line stands between: the comment is about that
    code = re.sub(r"[\1\2]", " ", chunk).split("{")[0]
    start = begin + len(chunk) - len(chunk.lstrip(" \t\n\1\2;}"))
    yield text.count("\n", 0, start) + 1, doc, code


def functions(text):
    """(line, name, comment) of each public function."""
    for line, doc, code in items(text):
        code = without_macros(code)
        match = FUNCTION.search(code)
        if match and not re.match(r"\s*typedef\b", code) and not re.search(r"_$|^sfp_port_", match[1]):
            yield line, match[1], doc


def generated(text):
    """The same of functions that have a card in the body of the macro that makes them."""
    for macro in DIRECTIVE.finditer(text):
        for match in re.finditer(r"(/\*\*(?:(?!\*/).)*\*/)[\s\\]*([^;{]*?##\w+)\(", macro[0], re.DOTALL):
            if "@" in match[1]:
                line = text.count("\n", 0, macro.start() + match.start(2)) + 1
                yield line, match[2].split()[-1], match[1]


def missing(doc):
    """What a comment lacks to be a card."""
    if not doc.startswith("/**"):
        return ["a comment that begins with /**"]
    text = re.sub(r"^\s*\*", "", doc[3:-2], flags=re.MULTILINE)
    words = re.split(r"@(\w+)", text)
    told = {}
    shared = []
    for tag, body in zip(words[1::2], words[2::2]):
        shared.append(tag)
        if body.strip():
            told.update(dict.fromkeys(shared, body.strip()))
            shared = []
    return [f"@{tag}" for tag in TAGS if not told.get(tag)] + [f"a text after @{tag}" for tag in shared]


def check_text(name, text):
    """(how many functions, what is wrong)"""
    if FOR_THE_LIBRARY in text:
        return 0, []
    found = list(functions(text)) + list(generated(text))
    wrong = [f"{name}:{line}: {function}() lacks {', '.join(lack)}"
             for line, function, doc in found if (lack := missing(doc))]
    return len(found), wrong


def check_headers():
    count, wrong = 0, []
    headers = sorted([*(ROOT / "include/sfp").glob("*.h"), *(ROOT / "include/sfp/port").glob("*.h")])
    for path in headers:
        found, lack = check_text(path.relative_to(ROOT), path.read_text())
        count += found
        wrong += lack
    if count < 50:
        wrong.append(f"only {count} functions found in {len(headers)} headers")
    print(f"{len(headers)} headers: {count} public functions and their contract cards; "
          f"{len(SELFTEST)} texts of known outcome")
    return wrong


CARD = """/**
 * Text.
 * @context any @progress wait-free @order none @owner x
 * @retains nothing @cost a store
 * @return OK
 */
"""
SELFTEST = {
    "a whole card": (CARD + "int f(int x);\n", None),
    "no comment": ("int f(int x);\n", "f() lacks a comment"),
    "a plain comment": (CARD.replace("/**", "/*") + "int f(int x);\n", "f() lacks a comment"),
    "another item's comment":
        (CARD + "struct s {\n\tint x;\n};\nint f(int x);\n", "t:10: f() lacks a comment"),
    "the comment of a macro": (CARD + "#define X \\\n\tint g(int x)\nint f(int x);\n", "f() lacks a comment"),
    "no @cost": (CARD.replace("@cost", "cost") + "int f(int x);\n", "f() lacks @cost"),
    "an empty @order": (CARD.replace("@order none", "@order") + "int f(int x);\n", None),
    "an empty last tag": (CARD.replace(" OK", "") + "int f(int x);\n", "f() lacks @return"),
    "attributes before the name":
        ("SFP_ALWAYS_INLINE __attribute__((x(1))) int f(int x)\n{\n\treturn g(x);\n}\n", "f()"),
    "a function that returns a pointer": ("const char *f(void (*g)(int)) SFP_NODISCARD;\n", "f() lacks"),
    "after a function":
        (CARD + "static inline int f(int x)\n{\n\tif (x) {\n\t}\n\treturn x;\n}\nint g(void);\n",
         "t:13: g()"),
    "internal": ("int f_(int x);\ntypedef int f(int x);\nstruct s { int (*f)(int); };\n", None),
    "a card in a macro":
        ("#define X(n) \\\n\t/** Text. \\\n\t@cost a store */ \\\n\tint n##_f(int x);\n", "n##_f()"),
    "a generating macro": ("#define X(f) \\\n\tint f(int x);\n", None),
}


def selftest():
    wrong = []
    for name, (text, expected) in SELFTEST.items():
        said = "\n".join(check_text("t", text)[1])
        if (expected is None and said) or (expected and expected not in said):
            wrong.append(f"{name}: said {said!r}")
    return wrong


def main():
    wrong = selftest() + check_headers()
    for text in wrong:
        print(f"WRONG: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
