import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Nobody listens on port 1. */
const NOBODY = "http://127.0.0.1:1";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-cli-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const gradients = (...args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, "dist/src/cli.js"), ...args],
      { cwd: folder },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });

describe("the command line", () => {
  it.concurrent("shows its commands and its version", async () => {
    const help = await gradients("--help");
    expect(help.code).toBe(0);
    for (const noun of [
      "serve",
      "worker",
      "demo",
      "task",
      "miner",
      "leaderboard",
      "weights",
      "audit",
      "plugin",
      "schema",
    ]) {
      expect(help.stdout).toContain(noun);
    }
    expect((await gradients("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.concurrent("ends without a word when nobody reads on, as head does not", async () => {
    const child = spawn(process.execPath, [join(root, "dist/src/cli.js"), "--help"]);
    child.stdout.destroy();
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect({ said, code }).toEqual({ said: "", code: 0 });
  });

  it.concurrent("does not end a miner as if it had been asked to when nobody reads its log any more", async () => {
    const key = join(folder, "unread.json");
    expect((await gradients("miner", "keygen", key)).code).toBe(0);
    const options = ["--url", NOBODY, "--key-file", key, "--name", "unread", "--exec", "true", "--state", "unread"];
    const child = spawn(process.execPath, [join(root, "dist/src/cli.js"), "miner", "run", ...options], { cwd: folder });
    child.stdout.once("data", () => child.stdout.destroy());
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect(stderr).toContain("nobody reads");
    expect(code).toBe(1);
  });

  it.concurrent("ends with 64 for words and values that it does not know", async () => {
    expect(await gradients("dance")).toMatchObject({ code: 64, stdout: "" });
    expect(await gradients("task", "list", "--status", "HAPPY")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("TRAINING"),
    });
    expect(await gradients("task", "list", "--url", "localhost:4000")).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("--url"),
    });
    expect(await gradients("demo", "--miners", "0")).toMatchObject({ code: 64 });
  });

  it.concurrent("ends with 69 and says so when no server answers", async () => {
    expect(await gradients("leaderboard", "--url", NOBODY)).toMatchObject({
      code: 69,
      stderr: expect.stringContaining("Is the server running?"),
    });
  });

  it.concurrent("ends with 66 and names the place in a file that it can't use", async () => {
    const missing = await gradients("task", "create", "none.json", "--url", NOBODY);
    expect(missing).toMatchObject({ code: 66, stderr: expect.stringContaining("none.json") });
    await writeFile(
      join(folder, "task.json"),
      JSON.stringify({ kind: "instruct", title: "t", baseModel: {}, dataset: {}, budgetSeconds: 0 }),
    );
    const wrong = await gradients("task", "create", "task.json", "--url", NOBODY);
    expect(wrong.code).toBe(66);
    expect(wrong.stderr).toMatch(/baseModel\.repo[^]*budgetSeconds/);
    await writeFile(join(folder, "rows.jsonl"), '{"a":1}\nnot json\n');
    await writeFile(
      join(folder, "good.json"),
      JSON.stringify({
        kind: "instruct",
        title: "t",
        baseModel: { repo: "a/b" },
        dataset: { file: "rows.jsonl" },
        budgetSeconds: 60,
      }),
    );
    const row = await gradients("task", "create", "good.json", "--url", NOBODY);
    expect(row).toMatchObject({ code: 66, stderr: expect.stringContaining("line 2 is no JSON") });
  });

  it.concurrent("makes a key that only its owner can read, once", async () => {
    const made = await gradients("miner", "keygen", "key.json", "--json");
    expect(JSON.parse(made.stdout)).toMatchObject({ file: "key.json", hotkey: expect.stringMatching(/^5/) });
    const others = process.platform === "win32" ? 0 : (await stat(join(folder, "key.json"))).mode & 0o077;
    expect(others).toBe(0);
    expect(await gradients("miner", "keygen", "key.json")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("exists"),
    });
  });
});
