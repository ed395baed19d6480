import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InfrastructureError, type AnyTaskType, type EvalSession } from "../../contract/index.ts";
import type { App } from "../app.ts";
import type { BaseModelInfo, Lease, OwnDevice } from "../ports.ts";
import type { DatasetSplitRecord, TaskRecord } from "../records.ts";
import { baseOf, specOf } from "../tasks/task-needs.ts";

/** What all evaluations of one task share. */
export interface EvaluationContext {
  readonly task: TaskRecord;
  readonly taskType: AnyTaskType;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly base: BaseModelInfo;
  /** Those that are evaluated. */
  readonly splits: readonly DatasetSplitRecord[];
  readonly seed: string;
}

/** @throws InfrastructureError where the task's plugin or base is not there any more. */
export async function evaluationContext(
  app: App,
  task: TaskRecord,
  splits: readonly DatasetSplitRecord[],
): Promise<EvaluationContext> {
  return {
    task,
    ...specOf(app, task),
    base: await baseOf(app, task),
    splits,
    seed: Buffer.from(app.secrets.seed(task.id, "eval", 0)).toString("hex"),
  };
}

/**
 * A session of the operator's runner on the device, with the task's sets, which are copied into the folder.
 *
 * @throws InfrastructureError when there is none, TaskError when the task itself can't be evaluated.
 */
export async function openEvaluation(
  app: App,
  lease: Lease,
  context: EvaluationContext,
  device: OwnDevice | null,
  folder: string,
): Promise<EvalSession> {
  const sets: Record<string, string> = {};
  for (const { split, sha256 } of context.splits) {
    const path = join(folder, "sets", `${split.toLowerCase()}.jsonl`);
    await copyBlob(app, sha256, path);
    sets[split.toLowerCase()] = path;
  }
  const { task, taskType, spec, base } = context;
  const facts = {
    taskId: task.id,
    parameterCount: task.parameterCount,
    rows: task.datasetRows ?? 0,
    contextLength: base.contextLength,
    baseConfig: base.config,
  };
  const objective = taskType.objective(spec, facts);
  return app.evalRunner.open(
    {
      taskId: task.id,
      basePath: base.path,
      sets,
      objective,
      contextLength: base.contextLength,
      seed: context.seed,
      carriesCode: taskType.carriesCode?.(spec) ?? false,
      device: device && { kind: device.kind, uuid: device.uuid },
    },
    lease.signal,
  );
}

/** Copies a stored file. @throws InfrastructureError where it can't be read. */
export async function copyBlob(app: App, sha256: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await app.artifacts.copyTo(sha256, path);
  } catch (cause) {
    throw new InfrastructureError("ARTIFACT_MISSING", `the artefact ${sha256} could not be read`, { cause });
  }
}
