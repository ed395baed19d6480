"""What a stranger's files can't do to this program."""

import tempfile
import unittest
from pathlib import Path

from gradients_torch.errors import ModelError
from gradients_torch.request_lines import LineSplitter, LineTooLong
from gradients_torch.safe_files import read_json_file


class JsonFileTest(unittest.TestCase):
    def _read(self, content: bytes):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "config.json").write_bytes(content)
            return read_json_file(Path(folder), "config.json")

    def test_reads_json_with_a_byte_order_mark(self) -> None:
        self.assertEqual(self._read(b'\xef\xbb\xbf{"a": [1.5]}'), {"a": [1.5]})

    def test_refuses_nesting_constants_size_and_other_encodings(self) -> None:
        for content in (b"[" * 500_000, b'{"a": Infinity}', b'"' + b"x" * 2**20 + b'"', b'"\xff"', b"1" * 5000):
            with self.assertRaises(ModelError) as refused:
                self._read(content)
            self.assertEqual(refused.exception.code, "MALFORMED_MODEL")


class LineSplitterTest(unittest.TestCase):
    def test_joins_pieces_and_leaves_blank_lines_out(self) -> None:
        splitter = LineSplitter(100)
        found = [line for chunk in (b'\n  \n{"a"', b": \xc3", b"\xa9}\nx\ny") for line in splitter.push(chunk)]
        self.assertEqual(found, ['{"a": é}', "x"])

    def test_refuses_a_line_before_it_has_ended(self) -> None:
        splitter = LineSplitter(10)
        splitter.push(b"12345")
        with self.assertRaises(LineTooLong):
            splitter.push(b"678901")


if __name__ == "__main__":
    unittest.main()
