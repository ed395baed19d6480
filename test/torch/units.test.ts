import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeWithTorch, python } from "./torch-program.ts";

const folder = join(import.meta.dirname, "..", "..", "evaluators", "torch");

describeWithTorch("the Python code", () => {
  it("passes its own tests", () => {
    const command = ["-m", "unittest", "discover", "-t", ".", "-s", "tests"];
    const { status, stderr } = spawnSync(python, command, { cwd: folder, encoding: "utf8" });
    expect(stderr).toMatch(/Ran [1-9]\d* tests/);
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });
});
