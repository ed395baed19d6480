import { mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { assignmentFolder, type AssignmentState } from "../../src/sdk/miner/assignment-state.ts";

const fresh: AssignmentState = {
  stage: "ASSIGNED",
  assignmentId: "a",
  taskId: "t",
  kind: "any",
  title: "A task",
  deadline: "2026-01-01T00:00:00.000Z",
  baseModel: { repo: "some/base", revision: "1", parameterCount: 1, contextLength: null },
  files: [],
  rendering: null,
  columns: null,
  objective: null,
  uploads: 1,
};

it("a stage and deadlines that change at the same time are all kept, the last deadline last", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "gradients-assignments-"));
  const assignments = assignmentFolder(root.path);
  await assignments.save(fresh);
  const deadlines = Array.from({ length: 9 }, (_, day) => `2026-02-0${day + 1}T00:00:00.000Z`);
  await Promise.all([
    ...deadlines.map((deadline) => assignments.change("a", { deadline })),
    assignments.change("a", { stage: "SEALED" }),
    assignments.change("a", { uploads: 2 }),
  ]);
  expect(await assignments.load("a")).toEqual({ ...fresh, deadline: deadlines.at(-1), stage: "SEALED", uploads: 2 });
  expect(await readdir(join(root.path, "a"))).toEqual(["assignment.json"]);
});

it("a change of an assignment that is not there makes none", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "gradients-assignments-"));
  const assignments = assignmentFolder(root.path);
  expect(await assignments.change("a", { stage: "SEALED" })).toBeNull();
  expect(await assignments.loadAll()).toEqual([]);
});

it("what a killed process has left half written is removed, and nothing else", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "gradients-assignments-"));
  const assignments = assignmentFolder(root.path);
  await assignments.save(fresh);
  await writeFile(join(root.path, "a", "assignment.json.9a280cb9-5413-45f1-bfbb-34534d4acad7.tmp"), "{");
  await assignments.tidy();
  expect(await assignments.loadAll()).toEqual([fresh]);
  expect(await readdir(join(root.path, "a"))).toEqual(["assignment.json"]);
});
