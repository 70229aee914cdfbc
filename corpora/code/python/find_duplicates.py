#!/usr/bin/env python3
"""List files with identical contents under one or more folders.

Nothing is deleted.  The output is one group per paragraph, biggest waste
first, so it can be skimmed by eye or fed to something more reckless.

Candidates are narrowed in three passes: by size, by a digest of the first
few kilobytes, and only then by a digest of the whole file.  Most trees never
reach the third pass for more than a handful of files.
"""

import hashlib
import os
import sys
from collections import defaultdict
from pathlib import Path

HEAD_BYTES = 8 * 1024
CHUNK = 1 << 20


def walk_regular_files(roots):
    seen = set()
    for root in roots:
        for folder, subdirs, names in os.walk(root):
            subdirs[:] = sorted(d for d in subdirs if not d.startswith("."))
            for name in names:
                path = Path(folder, name)
                if path.is_symlink():
                    continue
                try:
                    info = path.stat()
                except OSError as exc:
                    print(f"skipping {path}: {exc.strerror}", file=sys.stderr)
                    continue
                inode = (info.st_dev, info.st_ino)
                # Hard links share storage, so they are not duplicates.
                if info.st_size and inode not in seen:
                    seen.add(inode)
                    yield path, info.st_size


def digest(path, limit=None):
    h = hashlib.blake2b(digest_size=16)
    with path.open("rb") as fh:
        if limit is not None:
            h.update(fh.read(limit))
        else:
            while block := fh.read(CHUNK):
                h.update(block)
    return h.digest()


def regroup(groups, key):
    """Split every group by key(path) and drop the ones left with one member."""
    for group in groups:
        buckets = defaultdict(list)
        for path in group:
            buckets[key(path)].append(path)
        yield from (b for b in buckets.values() if len(b) > 1)


def run(roots):
    by_size = defaultdict(list)
    sizes = {}
    for path, size in walk_regular_files(roots):
        by_size[size].append(path)
        sizes[path] = size

    groups = [g for g in by_size.values() if len(g) > 1]
    groups = list(regroup(groups, lambda p: digest(p, HEAD_BYTES)))
    groups = list(regroup(groups, digest))
    groups.sort(key=lambda g: sizes[g[0]] * (len(g) - 1), reverse=True)

    for group in groups:
        print(f"# {len(group)} copies, {sizes[group[0]]:,} bytes each")
        print(*sorted(map(str, group)), sep="\n", end="\n\n")
    return 1 if groups else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: find_duplicates.py FOLDER...")
    sys.exit(run(sys.argv[1:]))
