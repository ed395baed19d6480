"""Quotas of control groups."""

import os
import unittest

from gradients_torch.processors import allowed_processors, read_quota


class ProcessorsTest(unittest.TestCase):
    def test_reads_quotas(self) -> None:
        self.assertIsNone(read_quota("max 100000\n"))
        self.assertEqual(read_quota("150000 100000\n"), 1.5)

    def test_there_is_one_and_no_more_than_the_machine_has(self) -> None:
        self.assertIn(allowed_processors(), range(1, (os.cpu_count() or 1) + 1))


if __name__ == "__main__":
    unittest.main()
