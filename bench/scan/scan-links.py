"""A scan as one would write it in an afternoon: every link is read, and the data behind it must exist.

It reads no manifest, compares no size, hashes nothing, and does not see a lost revision link of an index's child.
"""

import os
import sys


def repositories(folder):
    """Every folder with _manifests in it; what begins with _ is not descended into."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    if "_manifests" in names:
        yield folder
    for name in names:
        if not name.startswith("_"):
            yield from repositories(os.path.join(folder, name))


def links(folder):
    """The link file of each digest below a folder such as _layers."""
    if not os.path.isdir(folder):
        return
    for algorithm in os.listdir(folder):
        path = os.path.join(folder, algorithm)
        for digest in os.listdir(path):
            yield os.path.join(path, digest, "link")


def data_behind(link, blobs):
    with open(link, "rb") as file:
        algorithm, digest = file.read().decode().split(":")
    return os.path.exists(os.path.join(blobs, algorithm, digest[:2], digest, "data"))


def main(root):
    blobs = os.path.join(root, "docker/registry/v2/blobs")
    checked = broken = 0
    for repository in repositories(os.path.join(root, "docker/registry/v2/repositories")):
        tags = os.path.join(repository, "_manifests/tags")
        names = os.listdir(tags) if os.path.isdir(tags) else []
        found = [os.path.join(tags, name, "current/link") for name in names]
        for part in ("_manifests/revisions", "_layers"):
            found.extend(links(os.path.join(repository, part)))
        for link in found:
            checked += 1
            if not data_behind(link, blobs):
                broken += 1
    print(f"{checked} links, {broken} dangling")


main(sys.argv[1])
