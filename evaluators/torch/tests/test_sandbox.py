"""The sandbox program and what becomes of it."""

import sys
import unittest

from gradients_torch.child_programs import kill_children
from gradients_torch.errors import EvaluationError
from gradients_torch.sandbox import CodeFault, Sandbox, sandbox_command


class SandboxTest(unittest.TestCase):
    def _call(self, source: str, sandbox: Sandbox | None = None, count: int = 2) -> list[float] | CodeFault:
        used = sandbox or Sandbox(sandbox_command(None))
        self.addCleanup(used.end)
        return used.call(source, "reward", {"completions": ["a", "\ud800 é\0\n"]}, count)

    def test_calls_a_function_with_any_text(self) -> None:
        source = "const reward = ({ completions }) => completions.map((text) => text.length + 0.1);"
        self.assertEqual(self._call(source), [1.1, 5.1])

    def test_tells_faults_of_the_code_apart(self) -> None:
        sandbox = Sandbox(sandbox_command(None))
        for source, kind in (
            ("const reward = (", "BROKEN"),
            ("const reward = () => { throw new Error('no'); };", "THREW"),
            ("const reward = () => { for (;;); };", "TIMEOUT"),
            ("const reward = () => { const all = []; for (;;) all.push('x'.repeat(1e5) + all.length); };", "MEMORY"),
            ("const reward = () => [1];", "WRONG_LENGTH"),
            ("const reward = () => [1, NaN];", "NOT_A_NUMBER"),
        ):
            found = self._call(source, sandbox)
            self.assertIsInstance(found, CodeFault)
            self.assertEqual(found.kind if isinstance(found, CodeFault) else None, kind)
        self.assertEqual(self._call("const reward = () => [1, 2];", sandbox), [1, 2])

    def test_a_program_that_is_gone_is_nobodys_fault_and_is_started_again(self) -> None:
        sandbox = Sandbox(sandbox_command(None))
        self.assertEqual(self._call("const reward = () => [1, 2];", sandbox), [1, 2])
        kill_children()
        with self.assertRaises(EvaluationError) as failed:
            self._call("const reward = () => [1, 2];", sandbox)
        self.assertEqual((failed.exception.cause, failed.exception.code), ("infrastructure", "EVALUATOR_FAILED"))
        self.assertEqual(self._call("const reward = () => [3, 4];", sandbox), [3, 4])

    def test_a_program_that_answers_nonsense_or_is_missing_is_nobodys_fault(self) -> None:
        nonsense = [sys.executable, "-c", "input(); print('[1]', flush=True); input()"]
        for command in (nonsense, ["/there/is/no/program"]):
            with self.assertRaises(EvaluationError) as failed:
                self._call("const reward = () => [1, 2];", Sandbox(command))
            self.assertEqual(failed.exception.cause, "infrastructure")


if __name__ == "__main__":
    unittest.main()
