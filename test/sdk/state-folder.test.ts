import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createClient, createKeyPair, runMiner } from "../../src/sdk/index.ts";
import { activeAssignments } from "../../src/sdk/miner/active-assignments.ts";
import { assignmentFolder, type AssignmentState } from "../../src/sdk/miner/assignment-state.ts";
import { stateFolderError } from "../../src/sdk/miner/state-folder.ts";

const optionsFor = (stateFolder: string) => ({
  // Nobody is there: whoever comes this far tries for ever.
  url: "http://127.0.0.1:9",
  keyPair: createKeyPair(new Uint8Array(32)),
  name: "tester",
  maxParameterCount: 1,
  slots: 1,
  stateFolder,
  models: stateFolder,
  makeModel: async () => undefined,
  signal: new AbortController().signal,
});

it.each([
  ["a cursor that a crash has emptied", "cursor.json", ""],
  ["a cursor that is none", "cursor.json", "[]"],
  ["an assignment that a crash has cut off", "assignments/one/assignment.json", '{"stage": "AS'],
])("a miner with %s says so before the server hears of it", async (_what, file, content) => {
  await using root = await mkdtempDisposable(join(tmpdir(), "gradients-state-"));
  await mkdir(join(root.path, file, ".."), { recursive: true });
  await writeFile(join(root.path, file), content);
  const run = runMiner(optionsFor(root.path));
  await expect(run).rejects.toMatchObject({ name: "StateFolderError", message: expect.stringContaining(root.path) });
});

it("a miner whose state folder can't be written says so before the server hears of it", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "gradients-state-"));
  await writeFile(join(root.path, "file"), "");
  await expect(runMiner(optionsFor(join(root.path, "file")))).rejects.toMatchObject({ name: "StateFolderError" });
});

it("a state folder that can't be written any more ends the miner, and no assignment is reported as failed", async () => {
  const state: AssignmentState = {
    stage: "ASSIGNED",
    assignmentId: "assignment",
    taskId: "task",
    kind: "kind",
    title: "a task",
    deadline: new Date(Date.now() + 60_000).toISOString(),
    baseModel: { repo: "demo/base", revision: "main", parameterCount: 1, contextLength: null },
    files: [],
    rendering: null,
    columns: null,
    objective: null,
    uploads: 1,
  };
  await using root = await mkdtempDisposable(join(tmpdir(), "gradients-state-"));
  await mkdir(join(root.path, "demo", "base", "main"), { recursive: true });
  await writeFile(join(root.path, "demo", "base", "main", "config.json"), "{}");
  const requests: unknown[] = [];
  await using client = createClient({
    url: "http://127.0.0.1:9",
    fetch: async (...request) => {
      requests.push(request);
      return Response.json({ data: {} });
    },
  });
  const assignments = assignmentFolder(join(root.path, "assignments"));
  await assignments.save(state);
  const readOnly = Object.assign(new Error("read-only file system"), { code: "EROFS" });
  const broken = Promise.withResolvers<unknown>();
  await using active = activeAssignments(
    client,
    { ...assignments, change: () => Promise.reject(readOnly) },
    optionsFor(root.path),
    broken.resolve,
  );
  active.start(state);
  expect(await broken.promise).toMatchObject({ name: "StateFolderError", cause: readOnly });
  expect(requests).toEqual([]);
});

it.each([
  ["state/cursor.json", "StateFolderError"],
  ["./state", "StateFolderError"],
  ["state-models/demo/config.json", undefined],
])("a disk that refuses %s is the state folder's trouble or not", (path, name) => {
  const refused = Object.assign(new Error("refused"), { code: "EACCES", path });
  expect(stateFolderError(refused, "./state/")?.name).toBe(name);
});
