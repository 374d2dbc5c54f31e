#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make the documentation: make.py FOLDER puts it into FOLDER/html.

Headers and pages are read as they are for people who read the files; Doxygen
gets copies in its own words, of the same lines:

  headers  the manual at the top becomes the file's documentation; an entry of a
           contract card that shares the next one's text gets it; comments behind
           the fields of structures count
  pages    links between files become links between pages; links to files that
           have no page become names

Any warning of Doxygen is an error here, and so is a link that leads nowhere.
Exit status: 0 made; 1 something is wrong; 77 a package is missing."""

import html
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
AWESOME = pathlib.Path("/usr/share/doxygen-awesome-css")
PAGES = ("*.md", "docs/**/*.md", "tests/README.md", "tests/model/README.md", "bench/README.md")
HEADERS = ("include/sfp/*.h", "include/sfp/port/*.h")
FOR_THE_LIBRARY = "Not for users of the library"
DECISIONS = "docs/decisions/README.md"  # made here
CARD = "context|progress|order|owner|retains|cost|return"

# ---- headers ------------------------------------------------------------------


def escape(text):
    """Prose as Doxygen has to be told it."""
    text = re.sub(r"([\\@<>&#%])", r"\\\1", text)
    text = re.sub(r"(?<![\w*])\*(\w[\w -]*)\*(?![\w*])", r"<em>\1</em>", text)
    return re.sub(r"(?<![\w*])\*(?=\w)", r"\\*", text)


def is_code(lines, section):
    if section == "Usage":
        return any(re.search(r"[;{}]|//|^#", line) for line in lines)
    widths = {len(line) - len(line.lstrip()) for line in lines}
    return len(widths) > 1 or any("|" in line or re.search(r"\S {3,}\S", line) for line in lines)


def manual(comment):
    """The comment at the top of a header, as the documentation of the file."""
    lines = [re.sub(r"^ \* ?", "", line) for line in comment.split("\n")[1:-1]]
    out, section, at = ["/** @file"], "", 0
    ending = None
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end]:
            end += 1
        block = lines[at:end]
        if len(block) > 1 and re.fullmatch(r"[A-Z][\w ]*", block[0]) and block[1].startswith(" "):
            section = block[0]
            out.append(f"<h3>{section}</h3>")
            block = block[1:]
        if block and at > 0 and is_code(block, section):
            out[-1] += " @code{.c}" if section == "Usage" else " @verbatim"
            ending = "@endcode" if section == "Usage" else "@endverbatim"
            out += block
        else:
            ending = None
            out += [escape(line.strip()) for line in block]
            out[1] = out[1] if at else f"@brief {out[1]}"
        if end < len(lines):
            out.append(ending or "")
            ending = None
        at = end + 1
    text = "\n".join(out) + f"\n{ending or ''} */"
    return re.sub(r"@endcode @code\{\.c\}|@endverbatim @verbatim", "", text)


def card(comment):
    """A `/**` comment: `@context @progress as x` said twice, lists kept as they are laid out."""
    head, *parts = re.split(rf"@({CARD})\b", comment)
    out = re.sub(r"<(?=\w)", r"\\<", "\n".join(laid_out(head.split("\n"))))
    pending = []
    for tag, body in zip(parts[0::2], parts[1::2]):
        if tag == "retains" and re.fullmatch(r"\s*nothing[\s*/]*", body):
            tag = "keeps"
        pending.append("result" if tag == "return" else tag)
        if body.strip():
            body = re.sub(r"(?<=[\s(])(\*)(?=\w)|(<)(?=\w)", r"\\\g<0>", body)
            shared = body.rstrip(" */\n")
            out += "".join(f"@{each} {shared} " for each in pending[:-1]) + f"@{pending[-1]} {body}"
            pending = []
    return out


def laid_out(lines):
    """Lines that stand further in are a list of declarations."""
    lists = [bool(re.match(r" \*(?: {3}|\t)", line)) for line in lines]
    for i, (line, now, before, after) in enumerate(zip(lines, lists, [False] + lists, lists[1:] + [False])):
        yield (line + (" @code{.c}" if after and not now else "")
               + (" @endcode" if now and not after else ""))


def fields(match):
    """A structure: a comment behind a field is its own, one above is that of all up to a blank line."""
    out, above = [], ""
    for line in match[0].split("\n"):
        own = re.fullmatch(r"(\t[^/#]*) /\* (.*?) \*/", line)
        group = re.fullmatch(r"\t/\* (.*?) \*/", line)
        if group or not line.strip():
            above = group[1] if group else ""
        elif own:
            line = f"{own[1]} /**< {own[2]} */"
        elif above and re.fullmatch(r"\t[^/#]*[;,]", line):
            line = f"{line} /**< {above} */"
        out.append(line)
    return "\n".join(out)


def behind(text):
    """Comments behind fields, values and macros are their documentation."""
    text = re.sub(r"^(#define SFP_.*?[^\\\n]) +/\* (.*?) \*/$", r"\1 /**< \2 */", text, flags=re.MULTILINE)
    structures = r"^(?:typedef )?(?:struct|enum) [^;{]*\{\n.*?^\}"
    return re.sub(structures, fields, text, flags=re.MULTILINE | re.DOTALL)


def port(text):
    """What a port supplies is told of in port.h."""
    supplied = r"^(?=typedef .*\bsfp_port_irq_t;|(?!return)[a-z][\w *]*\bsfp_port_\w+\()"
    text = re.sub(supplied, "/** As sfp/port.h asks. */ ", text, flags=re.MULTILINE)
    values = r"^(#define SFP_PORT_\w+ \d+)$"
    return re.sub(values, r"\1 /**< As sfp/port.h asks. */", text, flags=re.MULTILINE)


GENERATED = re.compile(r"(/\*\*(?:(?!\*/).)*\*/)\s*SFP_GENERATED (?:SFP_\w+ )*"
                       r"([\w *]+?)(name_\w+)\(([^()]*)\)", re.DOTALL)


def generated(text):
    """Functions that have their cards in the body of a macro, as declarations of what it makes of `name`."""
    found = []
    for macro in re.findall(r"^#define (?:.*\\\n)+.*\n", text, re.MULTILINE):
        body = re.sub(r" ?\\\n", "\n", macro)
        for comment, result, name, parameters in GENERATED.findall(body.replace("name##_", "name_")):
            parameters = re.sub(r"_(?=,|$)", "", " ".join(parameters.split()))
            found.append(f"{card(comment)}\n{result}{name}({parameters});\n")
    if not found:
        return ""
    return "/** @name Made by the macro, of a `name` */\n/**@{*/\n" + "\n".join(found) + "/**@}*/\n"


def header(path):
    text = (ROOT / path).read_text()
    more = generated(text)
    top = re.search(r"^/\*\n.*?^ \*/", text, re.MULTILINE | re.DOTALL)
    body = behind(text[top.end():])
    body = re.sub(r"/\*\*(?!<).*?\*/", lambda match: card(match[0]), body, flags=re.DOTALL)
    return text[:top.start()] + manual(top[0]) + (port(body) if "/port/" in path else body) + more


# ---- pages ----------------------------------------------------------------------


def page_name(path):
    return re.sub(r"\W", "_", path.removesuffix(".md"))


def anchor(title):
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


class Page:
    """A Markdown file, on its way to Doxygen."""

    def __init__(self, path, pages, children):
        self.path = path
        self.pages = pages         # all of them
        self.children = children   # those that stand below this one: path -> not linked yet

    def link(self, match):
        """[text](target), as a link to a page or a header, or as a mere name."""
        text, target = " ".join(match[1].split()), match[2]
        if re.match(r"[a-z]+:", target):
            return match[0]
        target, _, head = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(self.path), target)) if target else self.path
        if f"{path}/README.md" in self.pages:
            path += "/README.md"
        if path in self.children and not head:
            self.children.remove(path)
            return f'@subpage {page_name(path)} "{text}"'
        if path in self.pages:
            return f"[{text}](@ref {page_name(path)}{'_' + head if head else ''})"
        if path.startswith("include/sfp/") and path.endswith(".h"):
            return f"[{text}](@ref {path.removeprefix('include/')})"
        if text.startswith("`"):
            return text
        if path.endswith(text):
            return f"`{text}`"
        test = re.fullmatch(r"tests/(.*)/[^/]*", path)
        return f"{text} (`{test[1] if test else path}`)"

    def tags(self, match):
        """Code with tags of Doxygen's, which it would take for its own."""
        return f"<tt>{html.escape(match[1]).replace('@', '@@')}</tt>"

    def heading(self, match):
        name = page_name(self.path)
        mark = name if match[1] == "#" else f"{name}_{anchor(match[2])}"
        return f"{match[1]} {match[2]} {{#{mark}}}"

    def text(self):
        parts = re.split(r"^(```.*?^```\n)", (ROOT / self.path).read_text(), flags=re.MULTILINE | re.DOTALL)
        for i in range(0, len(parts), 2):
            parts[i] = re.sub(r"`([^`\n]*'[^`\n]*)`", r"``\1``", parts[i])
            parts[i] = re.sub(r"`([^`\n]*@[^`\n]*)`", self.tags, parts[i])
            parts[i] = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", self.link, parts[i])
            parts[i] = re.sub(r"^(#+) +(.*)$", self.heading, parts[i], flags=re.MULTILINE)
        rest = "".join(f"- @subpage {page_name(child)}\n" for child in sorted(self.children))
        return "".join(parts) + (f"\n\n## Below this page\n\n{rest}" if rest else "")


def children_of(path, pages):
    """A README stands above the pages of its folder, and above READMEs that have no other above them."""
    if not path.endswith("README.md"):
        return []
    folder = path.removesuffix("README.md")
    below = [page for page in pages if page.startswith(folder) and page != path]
    heads = [page.removesuffix("README.md") for page in below if page.endswith("/README.md")]
    return [page for page in below
            if not any(page.startswith(head) and page != f"{head}README.md" for head in heads)
            and not any(page == f"{head}README.md" and other != head and head.startswith(other)
                        for head in heads for other in heads)]


def decisions(pages):
    """A page above the decisions, which have no README."""
    rows = "".join(f"- @subpage {page_name(page)}\n" for page in pages
                   if page.startswith("docs/decisions/") and page != DECISIONS)
    return f"# Decisions {{#{page_name(DECISIONS)}}}\n\nWhy things are as they are.\n\n{rows}"


# ---- all together -----------------------------------------------------------------


def lay_out(folder):
    """Write Doxygen's input; how many files."""
    sources = {pattern: sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern))
               for pattern in PAGES + HEADERS}
    pages = sorted({DECISIONS, *(page for pattern in PAGES for page in sources[pattern])})
    texts = {path: Page(path, pages, children_of(path, pages)).text() for path in pages if path != DECISIONS}
    texts[DECISIONS] = decisions(pages)
    for pattern in HEADERS:
        texts.update({path: header(path) for path in sources[pattern]
                      if FOR_THE_LIBRARY not in (ROOT / path).read_text()})
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return len(texts)


def run_doxygen(folder):
    """Its warnings, with the names of the files that people edit."""
    shutil.rmtree(folder / "html", ignore_errors=True)
    environment = {**os.environ, "SFP_AWESOME": str(AWESOME), "SFP_DOCS": str(HERE), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["doxygen", str(HERE / "Doxyfile")], check=False, cwd=folder, env=environment,
                          capture_output=True, text=True)
    said = done.stderr.replace(f"{folder}/input/", "")
    wrong = [line for line in said.split("\n") if line.strip()]
    return wrong + ([f"doxygen ended with {done.returncode}"] if done.returncode else [])


def dead_links(made):
    """Links of the made pages to files, or to places in them, that are not there; and commands left over."""
    texts = {path.name: path.read_text() for path in made.glob("*.html")}
    places = {name: set(re.findall(r'\b(?:id|name)="([^"]+)"', text)) for name, text in texts.items()}
    for name, text in texts.items():
        for left in set(re.findall(r"@(?:section|subpage|ref|par|xrefitem|verbatim|code)\b[^<\n]*", text)):
            yield f"{name}: not understood: {left}"
        for link in set(re.findall(r'\b(?:href|src)="([^"]+)"', text)):
            if re.match(r"[a-z]+:", link):
                continue
            target, _, place = link.partition("#")
            target = target or name
            if not (made / target).exists():
                yield f"{name}: link to {link}, which is not there"
            elif place and target in places and place not in places[target]:
                yield f"{name}: link to {link}, where there is no such place"


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    if not shutil.which("doxygen") or not AWESOME.is_dir():
        print("docs: doxygen or doxygen-awesome-css is missing; `tools/setup docs` installs them")
        return 77
    count = lay_out(folder / "input")
    wrong = run_doxygen(folder)
    wrong += sorted(dead_links(folder / "html"))
    for text in wrong:
        print(f"WRONG: {text}")
    made = len(list((folder / "html").glob("*.html")))
    print(f"docs: {count} headers and pages, {made} pages of HTML, {len(wrong)} wrong: {folder}/html")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
