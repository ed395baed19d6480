import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { InfrastructureError, type AnyTaskType, type JsonObject, type Row } from "../../contract/index.ts";
import {
  canonicalRowKey,
  commitmentText,
  createRng,
  groupDuplicates,
  rowShortage,
  splitLine,
  splitRows,
  splitSizes,
  type DatasetSplit,
} from "../../domain/index.ts";
import type { App } from "../app.ts";
import type { Lease } from "../ports.ts";
import type { DatasetSplitRecord, TaskRecord } from "../records.ts";
import { recruitMiners } from "../recruiting/recruit-miners.ts";
import { failTransition } from "../tasks/fail-transition.ts";
import { lockTask, transition } from "../tasks/transition.ts";
import { specOf } from "../tasks/task-needs.ts";
import { toJsonLines } from "./json-lines.ts";
import { mapRows } from "./map-rows.ts";
import { readSource } from "./read-source.ts";
import { rehearseTask } from "./rehearse-task.ts";
import { synthesize } from "./synthesize.ts";
import { mapInTurns } from "./turns.ts";

/** A split with its rows, before it is stored. */
interface Split {
  readonly name: DatasetSplit;
  readonly rows: readonly Row[];
  readonly sourceRows: readonly number[];
}

interface Prepared {
  readonly splits: readonly Split[];
  readonly rows: number;
  readonly duplicatesRemoved: number;
  readonly synthMethod: string | null;
}

/** The dataset can't become a task: the customer's fault or a setting's, with the numbers. */
class PreparationError extends Error {}

/**
 * PREPARING -> RECRUITING: reads the dataset, splits it, makes the SYNTH rows, stores the rendered splits with their
 * commitments, and makes the first offers. Runs under the task's lease; everything is derived from the task's seeds, so
 * that a repeated preparation gives the same bytes.
 *
 * @throws InfrastructureError when the platform failed: the dataset is not to blame, and the task is tried again.
 */
export async function prepareTask(app: App, lease: Lease, task: TaskRecord): Promise<void> {
  try {
    const { taskType, spec } = specOf(app, task);
    const prepared = await prepareRows(app, lease, task, taskType, spec);
    const records: DatasetSplitRecord[] = [];
    for (const split of prepared.splits)
      records.push(await storeSplit(app, lease, task, split, (row) => taskType.render(row, spec)));
    const problem = await rehearseTask(app, lease, { ...task, datasetRows: prepared.rows }, records);
    if (problem !== null) throw new PreparationError(problem);
    await app.store.transaction(async (tx) => {
      await app.leases.assertHeld(tx, lease);
      const current = await lockTask(tx, task.id);
      if (current?.status !== "PREPARING") return;
      await tx.remove("datasetSplits", { taskId: task.id });
      await tx.insertMany("datasetSplits", records);
      await transition(app, tx, current, "prepared", {
        actor: "scheduler",
        data: {
          rows: prepared.rows,
          duplicatesRemoved: prepared.duplicatesRemoved,
          commitments: Object.fromEntries(records.map(({ split, commitment }) => [split, commitment])),
        },
        patch: {
          datasetRows: prepared.rows,
          duplicatesRemoved: prepared.duplicatesRemoved,
          synthMethod: prepared.synthMethod,
          infrastructureFailures: 0,
        },
      });
      await recruitMiners(app, tx, task.id);
    });
  } catch (error) {
    if (!(error instanceof PreparationError)) throw error;
    await app.store.transaction(async (tx) => {
      await app.leases.assertHeld(tx, lease);
      const current = await lockTask(tx, task.id);
      if (current?.status !== "PREPARING") return;
      await failTransition(app, tx, current, {
        code: "PREPARATION_FAILED",
        message: error.message,
        actor: "scheduler",
      });
    });
  }
}

const isUnreachable = (error: unknown): error is InfrastructureError =>
  error instanceof InfrastructureError && error.code === "DATASET_UNREACHABLE";

async function prepareRows(
  app: App,
  lease: Lease,
  task: TaskRecord,
  taskType: AnyTaskType,
  spec: Readonly<Record<string, unknown>>,
): Promise<Prepared> {
  const raw = await readSource(app, task.datasetSource, lease.signal).catch((error: unknown) => {
    // A server that stays away is the customer's to see to: the operator can't mend it.
    const last = task.infrastructureFailures + 1 >= app.settings.evaluation.maxInfrastructureFailures;
    if (!last || !isUnreachable(error)) throw error;
    throw new PreparationError(`${error.message}, ${task.infrastructureFailures + 1} times`);
  });
  if (!raw.ok) throw new PreparationError(raw.error.message);
  const { maxBytes } = app.settings.dataset;
  const mapped = await mapRows(taskType, spec, raw.value, { maxBytes, signal: lease.signal });
  if (!mapped.ok) throw new PreparationError(mapped.error.message);
  const rows = mapped.value;
  const keys = await mapInTurns(rows, (row) => canonicalRowKey(row), lease.signal);
  const distinct = groupDuplicates(keys).length;
  // That and the split take seconds each where there are a million rows: the heart of the lease beats in between.
  await setImmediate();
  const shortage = rowShortage({ rows: rows.length, distinct }, app.settings.dataset.minRows);
  if (shortage !== null) throw new PreparationError(`the dataset ${shortage.message}`);

  const split = splitRows(keys, createRng(app.secrets.seed(task.id, "split", 0)));
  const pick = (name: DatasetSplit, indices: readonly number[]): Split => ({
    name,
    rows: indices.flatMap((index) => rows.slice(index, index + 1)),
    sourceRows: indices,
  });
  const test = pick("TEST", split.test);
  const synth = await synthSplit(app, lease, { task, taskType, spec, test: test.rows, keys, rows: rows.length });
  return {
    splits: [pick("TRAIN", split.train), test, ...(synth === null ? [] : [synth])],
    rows: rows.length,
    duplicatesRemoved: split.duplicatesRemoved,
    synthMethod: synth === null ? null : (app.synthesizer?.method ?? null),
  };
}

interface SynthNeeds {
  readonly task: TaskRecord;
  readonly taskType: AnyTaskType;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly test: readonly Row[];
  readonly keys: readonly string[];
  readonly rows: number;
}

async function synthSplit(app: App, lease: Lease, needs: SynthNeeds): Promise<Split | null> {
  const { task, taskType, spec, test, keys } = needs;
  if (taskType.synthesis === null) return null;
  const wanted = splitSizes(needs.rows).synth;
  const made =
    app.synthesizer === null
      ? { rows: [], refusals: ["no synthesizer is configured"] }
      : await synthesize(app, {
          taskId: task.id,
          taskType,
          spec,
          test,
          known: new Set(keys),
          count: wanted,
          synthesizer: app.synthesizer,
          signal: lease.signal,
        });
  if (made.rows.length === wanted) {
    return {
      name: "SYNTH",
      rows: made.rows.map(({ row }) => row),
      sourceRows: made.rows.map(({ testRow }) => testRow),
    };
  }
  const message = `needs ${wanted} synthetic rows, ${made.rows.length} could be made (${made.refusals[0] ?? "no reason given"})`;
  if (!app.settings.dataset.allowWithoutSynth) {
    throw new PreparationError(
      `${message}; use a dataset that the synthesizer can rewrite, or ask the operator to allow tasks without SYNTH`,
    );
  }
  await app.store.transaction(async (tx) => {
    await tx.insertIfAbsent("notices", {
      id: app.ids.derived("notice", task.id, "SYNTH_INCOMPLETE"),
      taskId: task.id,
      code: "SYNTH_INCOMPLETE",
      message: `${message}; the task goes on without synthLoss`,
      createdAt: app.clock.now(),
    });
  });
  return null;
}

async function storeSplit(
  app: App,
  lease: Lease,
  task: TaskRecord,
  split: Split,
  render: (row: Row) => JsonObject,
): Promise<DatasetSplitRecord> {
  const { lines, bytes: maxBytes } = await toJsonLines(split.rows, (row) => splitLine(render(row)), lease.signal);
  const stored = await app.artifacts.put(Readable.from(lines), { maxBytes });
  const nonce = Buffer.from(app.secrets.seed(task.id, "nonce", NONCE_OF[split.name])).toString("hex");
  return {
    taskId: task.id,
    split: split.name,
    rows: split.rows.length,
    sha256: stored.sha256,
    bytes: stored.bytes,
    sourceRows: split.sourceRows,
    commitment: app.secrets.sha256(commitmentText(nonce, stored.sha256)),
    nonce,
  };
}

/** Each split has a nonce of its own, else equal digests would show. */
const NONCE_OF = { TRAIN: 0, TEST: 1, SYNTH: 2 } as const satisfies Record<DatasetSplit, number>;
