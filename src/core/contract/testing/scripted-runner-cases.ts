import { mkdir, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionNeeds } from "../eval-runner.ts";
import type { RunnerWorld } from "./eval-runner-checks.ts";
import type { TestHost } from "./test-host.ts";

/** Starts an evaluator that computes nothing: each submission's file `behaviour` says what it does. */
export const scriptedEvaluator: readonly string[] = Object.freeze([
  process.execPath,
  fileURLToPath(new URL(`./scripted-evaluator${extname(import.meta.url)}`, import.meta.url)),
]);

/** Needs of a small task for the scripted evaluator, in the host's data folder. */
export async function scriptedNeeds(host: TestHost): Promise<SessionNeeds> {
  const basePath = join(host.dataFolder, "base");
  await mkdir(basePath);
  const test = join(host.dataFolder, "test.jsonl");
  await writeFile(test, "{}\n");
  return {
    taskId: "task",
    basePath,
    sets: { test },
    objective: { name: "token-cross-entropy", options: {} },
    contextLength: 128,
    seed: "00",
    carriesCode: false,
    device: null,
  };
}

/** A submission under which the scripted evaluator behaves in this way. */
export async function scriptedSubmission(host: TestHost, behaviour: string): Promise<RunnerWorld["good"]> {
  const path = join(host.dataFolder, "submissions", behaviour);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "behaviour"), behaviour);
  return { id: behaviour, path, artifactKind: "LORA" };
}

/** All that the kit of eval runners needs, for runners that can be told to start `scriptedEvaluator`. */
export async function arrangeScriptedWorld(host: TestHost, needsOf = scriptedNeeds): Promise<RunnerWorld> {
  return {
    needs: await needsOf(host),
    good: await scriptedSubmission(host, "good"),
    bad: await scriptedSubmission(host, "bad"),
    crashing: await scriptedSubmission(host, "crash"),
    crashingOnce: await scriptedSubmission(host, "crash-once"),
    hanging: await scriptedSubmission(host, "hang"),
  };
}
