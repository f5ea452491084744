"""What a power cut may leave of a folder, told from the journal of Tests/CrashShim/shim.c.

The model, which is what POSIX promises, and ext4 with ordered data a little beyond it:

- A file's bytes and length are durable once fsync of the file has returned. What was written since may be there or not,
  each write by itself and in any order; the last that is there may be torn at a sector of 512 bytes. A length that was
  not synced may be any that the file had since. A block that was not written reads as zeros.
- A name (create, mkdir, rename, remove, link) is durable once fsync of its directory has returned, and until then may be
  there or not; those of one directory are kept in order, so that a journalled file system keeps a first part of them. A
  rename is one step: the new name, or the old one, never none or both, also between two directories.
- fsync of a file that is new does not make its name durable.
- Bytes whose fsync failed may be lost for good, as Linux takes them for written afterwards: a later fsync that goes well
  says nothing of them, unless they were written again. They are read until the power goes. (An fsync of a directory that
  fails leaves its names to the next: a journal that cannot be written stops the file system.)
"""

import os
import pathlib
import shutil
import struct

CREATE, MAKE_DIRECTORY, WRITE, TRUNCATE, SYNC_FILE, SYNC_DIRECTORY, RENAME, REMOVE, LINK, SYNC_FAILED = range(1, 11)
RECORD = struct.Struct("<IIIIQQQ")
SECTOR = 512


class File:
    """A file's bytes as a reader sees them, and what was done to them since they were synced, in order: each change with
    what undoes it."""

    def __init__(self, live=b""):
        self.live = bytearray(live)
        self.pending = []

    def change(self, change):
        self.pending.append(Pending(change, undoing(self.live, change)))
        apply(self.live, change)

    def sync(self):
        """What was written before bytes that a failed sync forgot is under them, and kept for that."""
        if not any(some.is_forgotten for some in self.pending):
            self.pending = []
        for some in self.pending:
            some.is_safe = not some.is_forgotten

    def fail_sync(self):
        for some in self.pending:
            some.is_forgotten = not some.is_safe and some.change[1] is not None

    def lose(self, generator):
        """Any of the changes that are not safe may be missing; the truth afterwards is what is left."""
        share = generator.choice((0.0, 0.5, 0.9, 1.0))
        for some in reversed(self.pending):
            for change in some.undo:
                apply(self.live, change)
        for some in self.pending:
            offset, data = some.change
            if not some.is_safe and generator.random() >= share:
                continue
            if not some.is_safe and data and len(data) >= SECTOR and generator.random() < 0.2:
                data = data[:generator.randrange(0, len(data) + 1, SECTOR)]
            apply(self.live, (offset, data))
        self.pending = []


class Pending:
    def __init__(self, change, undo):
        self.change, self.undo = change, undo
        self.is_safe = self.is_forgotten = False


# A change is bytes at an offset, or a length and None.


def apply(target, change):
    offset, data = change
    if data is None:
        del target[offset:]
    if offset > len(target):
        target.extend(bytes(offset - len(target)))
    if data is not None:
        target[offset:offset + len(data)] = data


def undoing(target, change):
    """The changes that make `target` again what it is now, in order."""
    offset, data = change
    end = len(target) if data is None else min(offset + len(data), len(target))
    return [(offset, bytes(target[offset:end]))] * (end > offset) + [(len(target), None)]


def topmost(paths):
    return sorted(path for path in paths if path.rpartition("/")[0] not in paths)


class Directory:
    """Names as they are seen, and as they are durable."""

    def __init__(self):
        self.live = {}
        self.durable = {}


class Disk:
    """A folder whose every change since it was empty stands in the journal."""

    def __init__(self, root, journal):
        self.root, self.journal = str(root), journal
        self.position = 0
        self.top = Directory()
        self.files = {}
        self.changes = []  # of names, not durable, in order: [(directory, name, node or None), ...] each one step

    def follow(self):
        """Reads what was appended to the journal. Nobody may be writing."""
        if not self.journal.exists():
            return
        with open(self.journal, "rb") as journal:
            journal.seek(self.position)
            data = journal.read()
        at = 0
        while at + RECORD.size <= len(data):
            kind, path_length, target_length, _, inode, offset, data_length = RECORD.unpack_from(data, at)
            texts = at + RECORD.size
            end = texts + path_length + target_length + data_length
            if end > len(data):
                break
            path = data[texts:texts + path_length].decode()
            target = data[texts + path_length:end - data_length].decode()
            self.record(kind, inode, offset, path, target, data[end - data_length:end])
            at = end
        self.position += at
        if at != len(data):
            # The process was killed amid its record.
            os.truncate(self.journal, self.position)

    def record(self, kind, inode, offset, path, target, data):
        if kind == CREATE:
            self.files[inode] = File()
            self.name((path, self.files[inode]))
        elif kind == MAKE_DIRECTORY:
            self.name((path, Directory()))
        elif kind == WRITE:
            self.files[inode].change((offset, data))
        elif kind == TRUNCATE:
            self.files[inode].change((offset, None))
        elif kind == SYNC_FILE:
            self.files[inode].sync()
        elif kind == SYNC_FAILED:
            self.files[inode].fail_sync()
        elif kind == SYNC_DIRECTORY:
            self.sync(self.find(path))
        elif kind == RENAME:
            self.name((path, None), (target, self.find(path)))
        elif kind == REMOVE:
            self.name((path, None))
        elif kind == LINK:
            self.name((target, self.find(path)))

    def parts(self, path):
        return [part for part in path[len(self.root):].split("/") if part]

    def find(self, path):
        node = self.top
        for part in self.parts(path):
            node = node.live[part]
        return node

    def name(self, *steps):
        """Names that change in one step."""
        change = []
        for path, node in steps:
            *parents, name = self.parts(path)
            if not parents and not name:
                continue
            directory = self.find("/".join([self.root, *parents]))
            change.append((directory, name, node))
            if node is None:
                directory.live.pop(name)
            else:
                directory.live[name] = node
        self.changes.append(change)

    def sync(self, directory):
        """Durable is what was done to its names, and in other directories what was done in one step with it, or before
        that: a journal is written in order."""
        last = max((number for number, change in enumerate(self.changes) if any(step[0] is directory for step in change)),
                   default=-1)
        reached = {id(directory)}
        for change in reversed(self.changes[:last + 1]):
            if any(id(step[0]) in reached for step in change):
                reached.update(id(step[0]) for step in change)
        left = []
        for number, change in enumerate(self.changes):
            if number <= last and any(id(step[0]) in reached for step in change):
                self.settle(change)
            else:
                left.append(change)
        self.changes = left

    @staticmethod
    def settle(change):
        for directory, name, node in change:
            if node is None:
                directory.durable.pop(name, None)
            else:
                directory.durable[name] = node

    def adopt(self):
        """Takes what is on the disk for done where the journal says otherwise, and returns how many names that were.

        A process that is killed between an operation and its record leaves one operation without a record, which is two
        names at most. More than that means that something changes files behind the shim's back.
        """
        expected = dict(self.walk(self.top, ""))
        found = {str(path)[len(self.root):]: path for path in sorted(pathlib.Path(self.root).rglob("*"))
                 if not path.name.endswith("-shm")}
        gone = topmost(expected.keys() - found.keys())
        new = topmost(found.keys() - expected.keys())
        changed = [path for path, node in expected.items() if path in found and isinstance(node, File)
                   and found[path].read_bytes() != node.live]
        for path in new:
            self.adopt_name(path, found[path], gone, expected)
        for path in gone:
            self.name((self.root + path, None))
        for path in changed:
            node, data = expected[path], found[path].read_bytes()
            node.change((len(data), None))
            node.change((0, data))
            self.files[os.stat(found[path]).st_ino] = node
        return len(gone) + len(new) + len(changed)

    def adopt_name(self, path, place, gone, expected):
        """A name without a record: of a rename, if what is gone is of its kind, or of something new."""
        is_directory = place.is_dir()
        old = next((some for some in gone if isinstance(expected[some], Directory) == is_directory), None)
        if old is not None:
            self.name((self.root + old, None), (self.root + path, expected[old]))
            gone.remove(old)
        elif is_directory:
            self.name((self.root + path, Directory()))
        else:
            node = self.files[os.stat(place).st_ino] = File()
            self.name((self.root + path, node))
            node.change((0, place.read_bytes()))

    def walk(self, directory, path):
        for name, node in directory.live.items():
            yield f"{path}/{name}", node
            if isinstance(node, Directory):
                yield from self.walk(node, f"{path}/{name}")

    def cut_power(self, generator):
        """Writes onto the disk what a power cut could have left, and takes that for the truth.

        Returns how many names and files it changed.
        """
        kept = 1.0 - generator.choice((0.0, 0.0, 0.5, 1.0))
        stopped, lost = set(), [0]
        for change in self.changes:
            # Of one directory a first part is kept.
            if not any(id(step[0]) in stopped for step in change) and generator.random() < kept:
                self.settle(change)
            else:
                stopped.update(id(step[0]) for step in change)
                lost[0] += 1
        self.changes = []
        shutil.rmtree(self.root)
        os.mkdir(self.root)
        self.rewrite(self.top, self.root, generator, lost, set())
        self.number_anew()
        return lost[0]

    def rewrite(self, directory, path, generator, lost, seen):
        directory.live = dict(directory.durable)
        for name, node in directory.live.items():
            place = f"{path}/{name}"
            if isinstance(node, Directory):
                os.mkdir(place)
                self.rewrite(node, place, generator, lost, seen)
                continue
            if id(node) not in seen:
                seen.add(id(node))
                before = bytes(node.live)
                node.lose(generator)
                lost[0] += before != bytes(node.live)
            with open(place, "wb") as file:
                file.write(node.live)

    def number_anew(self):
        """The files on the disk have other inodes now."""
        self.files = {os.stat(self.root + path).st_ino: node for path, node in self.walk(self.top, "")
                      if isinstance(node, File)}
