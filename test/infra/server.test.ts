import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { stopPostmaster } from "../../src/core/infra/postgres/index.ts";
import { readPostmasterFile, whoHasPid } from "../../src/core/infra/postgres/postmaster-file.ts";

let folder: string;
const running = new Set<ChildProcess>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradients-test-server-"));
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  await stopPostmaster(join(folder, "postgres"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const Ready = z.strictObject({ ready: z.literal(true), url: z.url().optional(), pid: z.int() });

/** A program of dist/ with a data folder of its own; it may choose its port. */
function launch(program: "server" | "worker", environment: Record<string, string> = {}): ChildProcess {
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GRADIENTS_"))),
    GRADIENTS_DATA_FOLDER: folder,
    GRADIENTS_PORT: "0",
    GRADIENTS_LOG_LEVEL: "error",
    GRADIENTS_EMBEDDED_DATABASE_FSYNC: "false",
    ...environment,
  };
  const child = fork(join(packageFolder, "dist", "src", `${program}.js`), [], { env, execArgv: [], silent: true });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

async function ready(child: ChildProcess): Promise<z.output<typeof Ready>> {
  if (!child.stdout) throw new Error("The child has no stdout.");
  for await (const line of createInterface({ input: child.stdout })) return Ready.parse(JSON.parse(line));
  throw new Error("The process ended before it was ready.");
}

const postmaster = (): number => readPostmasterFile(join(folder, "postgres", "data"))?.pid ?? Number.NaN;
const holder = (pid: number) => whoHasPid(pid, join(folder, "postgres", "data"));
const exitOf = async (child: ChildProcess): Promise<unknown[]> => once(child, "exit");

it("says when it is ready, answers, and leaves nothing running after SIGTERM", async () => {
  const server = launch("server");
  const { url, pid } = await ready(server);
  expect(pid).toBe(server.pid);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const database = postmaster();
  expect(holder(database)).toBe("postmaster");
  server.kill("SIGTERM");
  expect(await exitOf(server)).toEqual([0, null]);
  expect(holder(database)).not.toBe("postmaster");
  expect(await readdir(join(folder, "scratch"))).toEqual([]);
});

it("a killed server leaves its database running, and the next one takes it over and ends it", async () => {
  const killed = launch("server");
  await ready(killed);
  const database = postmaster();
  const key = await readFile(join(folder, "operator-key"), "utf8");
  killed.kill("SIGKILL");
  await exitOf(killed);
  expect(holder(database)).toBe("postmaster");

  const next = launch("server");
  const { url } = await ready(next);
  expect(postmaster()).toBe(database);
  const query = JSON.stringify({ query: "{ viewer { __typename } }" });
  const headers = { "content-type": "application/json", authorization: `Bearer ${key.trim()}` };
  const answer = await fetch(`${url}/graphql`, { method: "POST", headers, body: query });
  expect(await answer.json()).not.toHaveProperty("errors");
  // Ctrl-C reaches it with whoever started it, who then tells it too.
  next.kill("SIGINT");
  next.kill("SIGTERM");
  expect(await exitOf(next)).toEqual([0, null]);
  expect(holder(database)).not.toBe("postmaster");
});

it("ends when the process that started it goes away", async () => {
  const server = launch("server");
  await ready(server);
  const database = postmaster();
  server.disconnect();
  expect(await exitOf(server)).toEqual([0, null]);
  expect(holder(database)).not.toBe("postmaster");
});

it("a worker beside a server shares its database, and the last of both ends it", async () => {
  const server = launch("server", { GRADIENTS_ROLE: "api" });
  await ready(server);
  const worker = launch("worker");
  await ready(worker);
  const database = postmaster();
  server.kill("SIGTERM");
  await exitOf(server);
  expect(holder(database)).toBe("postmaster");
  worker.kill("SIGTERM");
  await exitOf(worker);
  expect(holder(database)).not.toBe("postmaster");
});

it("a wrong configuration is told line by line, with the exit code 78 and before anything starts", async () => {
  const server = launch("server", { GRADIENTS_PORT: "no", GRADIENTS_TYPO: "1" });
  const [complaint, [code]] = await Promise.all([server.stderr && text(server.stderr), exitOf(server)]);
  expect(code).toBe(78);
  expect(complaint?.trim().split("\n").toSorted()).toEqual([
    "GRADIENTS_PORT: expected a whole number",
    "GRADIENTS_TYPO: there is no such setting",
  ]);
});

it("plugins that can't be used are told with the exit code 78, and the database is stopped again", async () => {
  const server = launch("server", { GRADIENTS_PLUGINS: "no-such-plugin", GRADIENTS_EVAL_RUNNER: "local" });
  const [complaint, [code]] = await Promise.all([server.stderr && text(server.stderr), exitOf(server)]);
  expect(code).toBe(78);
  expect(complaint).toContain("PLUGIN_NOT_FOUND (no-such-plugin)");
  expect(holder(postmaster())).not.toBe("postmaster");
});
