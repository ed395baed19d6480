import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { startProgram } from "./start-program.ts";

it("a program has ended even where something that left its group holds its output open, and its last line is read", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "gradients-program-"));
  const script = `
    const options = { detached: true, stdio: "inherit" };
    const daemon = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], options);
    console.log(daemon.pid);
    daemon.unref();`;
  const program = startProgram([process.execPath, "-e", script], folder.path);
  const lines: string[] = [];
  createInterface({ input: program.stdout }).on("line", (line) => lines.push(line));
  try {
    expect(await program.ended).toEqual({
      how: "ended with exit code 0",
      code: "EVALUATOR_CRASHED",
      blameless: false,
    });
    expect(lines).toHaveLength(1);
  } finally {
    for (const pid of lines) process.kill(Number(pid), "SIGKILL");
  }
});
