import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const cli = fileURLToPath(new URL("../../dist/src/cli.js", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-doctor-"));
});
afterAll(() => rm(folder, { recursive: true }));

const doctor = (settings: Record<string, string>, ...args: readonly string[]) =>
  new Promise<{ code: number | null; stdout: string }>((resolve) => {
    const env = { PATH: process.env["PATH"], GRADIENTS_DATA_FOLDER: join(folder, "data"), ...settings };
    const child = execFile(process.execPath, [cli, "doctor", ...args], { cwd: folder, env }, (_error, stdout) =>
      resolve({ code: child.exitCode, stdout }),
    );
  });

const DOCKER = {
  GRADIENTS_EVAL_RUNNER: "docker",
  GRADIENTS_DATABASE_URL: "postgres://nobody:secret-word@127.0.0.1:1/market",
  GRADIENTS_PLUGIN_OPTIONS: JSON.stringify({
    docker: { image: `sha256:${"0".repeat(64)}`, daemon: "unix:///there/is/no/docker.sock" },
  }),
};

describe("gradients doctor", () => {
  it.concurrent("finds all that the default configuration needs, as one JSON document", async () => {
    const { code, stdout } = await doctor({}, "--json");
    const { ok, checks } = JSON.parse(stdout);
    const evaluator = checks.find(({ name }: { name: string }) => name === "evaluator");
    expect(evaluator).toMatchObject({ status: "ok", found: expect.stringContaining("embedded on cpu") });
    const disk = checks.find(({ name }: { name: string }) => name === "disk");
    // A full disk is the machine's own matter.
    expect([code, ok]).toEqual(disk.status === "ok" ? [0, true] : [1, false]);
  });

  it.concurrent("says what is missing and what to do about it, and shows no password", async () => {
    const { code, stdout } = await doctor(DOCKER);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^database +FAILED +.*ECONNREFUSED/m);
    expect(stdout).toMatch(
      /^docker daemon +FAILED +there is no Docker daemon at unix:\/\/\/there\/is\/no\/docker.sock/m,
    );
    expect(stdout).toMatch(/^To do: docker daemon: install Docker/m);
    expect(stdout).not.toContain("secret-word");
  });

  it.concurrent("says which settings are wrong", async () => {
    const { code, stdout } = await doctor({ GRADIENTS_PORT: "no number" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^settings +FAILED +GRADIENTS_PORT/m);
  });
});
