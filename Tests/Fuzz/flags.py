"""Takes from the package's last debug build what the fuzz targets are compiled and linked with."""

import json
import pathlib
import re
import sys

root, out = map(pathlib.Path, sys.argv[1:])
build = root / ".build/debug"
plan = (root / ".build/debug.yaml").read_text()


def arguments(command):
    found = re.search(rf'^  "C\.{command}":\n(?:    .*\n)*?    args: (\[.*\])\n', plan, re.MULTILINE)
    if not found:
        sys.exit("There is no debug build; run `swift build` first.")
    return json.loads(found[1])


def kept(words):
    """Where modules are and how the language is read; not what is to be made."""
    with_value = {"-I", "-Xcc", "-package-name", "-enable-upcoming-feature", "-swift-version", "-target"}
    words = iter(words)
    for word in words:
        if word in with_value:
            yield word
            yield next(words)
        elif word.startswith(("-I", "-D", "-fmodule")) and word != "-DDEBUG":
            yield word


def quoted(words):
    return "".join(f'"{word}"\n' for word in words)


compiling = arguments(r"Ingest-[\w-]+-debug\.module")
(out / "flags").write_text(quoted(kept(compiling)))
others = re.compile(r"/(Ingest|Worker|App|Mochi)\.build/")
objects = [line.strip("'\" ") for line in (build / "mochi.product/Objects.LinkFileList").read_text().splitlines()]
(out / "objects").write_text(quoted(each for each in objects if each and not others.search(each)))
(out / "libraries").write_text(quoted(f"-l{each}" for each in ["pq", "argon2", "curl", "maxminddb", "qrencode", "re2", "stdc++", "z", "zstd"]))
