"""What the model of a power cut keeps and what it may lose. Run by make crash-test: python3 -m unittest crash.test_disk"""

import pathlib
import random
import tempfile
import unittest

from crash.disk import CREATE, MAKE_DIRECTORY, RECORD, REMOVE, RENAME, SYNC_DIRECTORY, SYNC_FAILED, SYNC_FILE, WRITE, Disk, File

SEEDS = range(64)  # enough for every state of these few records


class DiskTests(unittest.TestCase):
    def outcomes(self, records):
        """Every state that power cuts of many seeds leave: {path: bytes} of the files."""
        found = set()
        for seed in SEEDS:
            with tempfile.TemporaryDirectory() as folder:
                root, journal = pathlib.Path(folder) / "data", pathlib.Path(folder) / "journal"
                root.mkdir()
                with open(journal, "wb") as file:
                    for kind, inode, offset, path, target, data in records:
                        path, target = (f"{root}/{name}".encode() if name is not None else b"" for name in (path, target))
                        file.write(RECORD.pack(kind, len(path), len(target), 0, inode, offset, len(data)) + path + target + data)
                disk = Disk(root, journal)
                disk.follow()
                disk.cut_power(random.Random(seed))
                found.add(frozenset((str(path.relative_to(root)), path.read_bytes())
                                    for path in root.rglob("*") if path.is_file()))
                self.assertEqual(disk.adopt(), 0)
        return [dict(state) for state in found]

    def test_a_synced_file_in_a_synced_directory_stays(self):
        states = self.outcomes([
            (CREATE, 1, 0, "a", None, b""), (WRITE, 1, 0, None, None, b"text"), (SYNC_FILE, 1, 0, "a", None, b""),
            (SYNC_DIRECTORY, 0, 0, "", None, b"")])
        self.assertEqual(states, [{"a": b"text"}])

    def test_a_name_that_was_not_synced_may_be_lost_with_all_its_bytes(self):
        states = self.outcomes([
            (CREATE, 1, 0, "a", None, b""), (WRITE, 1, 0, None, None, b"text"), (SYNC_FILE, 1, 0, "a", None, b"")])
        self.assertCountEqual(states, [{}, {"a": b"text"}])

    def test_bytes_that_were_not_synced_may_be_lost_from_a_name_that_was(self):
        states = self.outcomes([
            (CREATE, 1, 0, "a", None, b""), (WRITE, 1, 0, None, None, b"text"), (SYNC_DIRECTORY, 0, 0, "", None, b"")])
        self.assertCountEqual(states, [{"a": b""}, {"a": b"text"}])

    def test_a_later_write_may_stay_where_an_earlier_is_lost(self):
        states = self.outcomes([
            (CREATE, 1, 0, "a", None, b""), (WRITE, 1, 0, None, None, b"12"), (WRITE, 1, 2, None, None, b"34"),
            (SYNC_DIRECTORY, 0, 0, "", None, b"")])
        self.assertCountEqual(states, [{"a": text} for text in (b"", b"12", b"\0\x0034", b"1234")])

    def test_a_rename_is_one_step_also_between_directories(self):
        states = self.outcomes([
            (MAKE_DIRECTORY, 0, 0, "d", None, b""), (CREATE, 1, 0, "a", None, b""), (SYNC_DIRECTORY, 0, 0, "", None, b""),
            (RENAME, 0, 0, "a", "d/b", b"")])
        self.assertCountEqual(states, [{"a": b""}, {"d/b": b""}])

    def test_what_was_removed_may_come_back_until_its_directory_is_synced(self):
        made = [(CREATE, 1, 0, "a", None, b""), (SYNC_DIRECTORY, 0, 0, "", None, b""), (REMOVE, 0, 0, "a", None, b"")]
        self.assertCountEqual(self.outcomes(made), [{}, {"a": b""}])
        self.assertEqual(self.outcomes([*made, (SYNC_DIRECTORY, 0, 0, "", None, b"")]), [{}])

    def test_bytes_whose_sync_failed_may_be_lost_whatever_is_synced_later_unless_they_are_written_again(self):
        failed = [
            (CREATE, 1, 0, "a", None, b""), (SYNC_DIRECTORY, 0, 0, "", None, b""), (WRITE, 1, 0, None, None, b"12"),
            (SYNC_FAILED, 1, 0, "a", None, b""), (WRITE, 1, 2, None, None, b"34"), (SYNC_FILE, 1, 0, "a", None, b"")]
        self.assertCountEqual(self.outcomes(failed), [{"a": b"\0\x0034"}, {"a": b"1234"}])
        again = [*failed, (WRITE, 1, 0, None, None, b"12"), (SYNC_FILE, 1, 0, "a", None, b"")]
        self.assertEqual(self.outcomes(again), [{"a": b"1234"}])

    def test_what_is_lost_leaves_the_bytes_that_were_synced(self):
        class Choice:
            def __init__(self, share):
                self.share = share

            def choice(self, _):
                return self.share

            def random(self):
                return 0.5
        for seed in SEEDS:
            generator = random.Random(seed)
            for share in (0.0, 1.0):
                file = File(bytes(generator.randrange(256) for _ in range(generator.randrange(20))))
                synced = bytes(file.live)
                for _ in range(generator.randrange(6)):
                    is_length = generator.random() < 0.3
                    data = None if is_length else bytes([generator.randrange(256)]) * generator.randrange(8)
                    file.change((generator.randrange(25), data))
                expected = synced if share == 0.0 else bytes(file.live)
                file.lose(Choice(share))
                self.assertEqual(bytes(file.live), expected)


if __name__ == "__main__":
    unittest.main()
