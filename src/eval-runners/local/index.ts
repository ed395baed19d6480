import { existsSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  defineEvalRunner,
  definePlugin,
  evaluatorLimits,
  InfrastructureError,
  introduceEvaluator,
  openEvaluatorSession,
  startProgram,
  type Device,
  type Diagnosis,
  type EvaluatorLimits,
} from "../../core/contract/index.ts";

/** Runs evaluators as child processes of this machine: for embedded evaluators and for tests, never for strangers' code. */
export const localRunner = defineEvalRunner({
  name: "local",
  isolation: "process",
  options: z.strictObject({
    /** Program and arguments; null runs the embedded evaluator on this Node. */
    command: z.array(z.string().min(1)).min(1).nullable().default(null),
    /** Trusts the evaluator's own sandbox with code that comes with tasks, without a container around it. */
    allowCode: z.boolean().default(false),
    openTimeoutMs: z.int().positive().default(120_000),
    ...evaluatorLimits.shape,
  }),
  create: (options, host) => ({
    async open(needs, signal) {
      if (needs.carriesCode && !options.allowCode) {
        const message = `task ${needs.taskId} carries code: it needs a runner with isolation "container" (the runner local has "process"), or the option allowCode`;
        throw new InfrastructureError("ISOLATION_REQUIRED", message);
      }
      const command = options.command ?? embeddedEvaluator();
      const visible = visibleTo(needs.device);
      const start = (folder: string) => startProgram(command, folder, visible);
      return openEvaluatorSession(host.scratchFolder, needs, { ...options, runner: "local", start }, signal);
    },
    diagnose: async () => [await diagnoseProgram(options, host.scratchFolder)],
  }),
});

type ProgramOptions = EvaluatorLimits & { readonly command: readonly string[] | null; readonly openTimeoutMs: number };

async function diagnoseProgram(options: ProgramOptions, folder: string): Promise<Diagnosis> {
  const name = "evaluator";
  try {
    const command = options.command ?? embeddedEvaluator();
    const { evaluator, device, libraries } = await introduceEvaluator(() => startProgram(command, folder), options);
    const versions = Object.entries(libraries).map(([library, version]) => `${library} ${version}`);
    return { name, status: "ok", found: `${evaluator} on ${device} (${versions.join(", ")})`, remedy: null };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { name, status: "failed", found, remedy: "run the program of the option command by hand" };
  }
}

/** What shows an evaluator its own GPU and no other; one on a CPU slot sees none. */
const visibleTo = (device: Device | null): Readonly<Record<string, string>> =>
  device === null ? {} : { CUDA_VISIBLE_DEVICES: device.kind === "gpu" ? device.uuid : "" };

/** The embedded evaluator beside this module's tree: TypeScript from source, JavaScript from the build. */
function embeddedEvaluator(): readonly string[] {
  const main = fileURLToPath(new URL(`../../../evaluators/embedded/main${extname(import.meta.url)}`, import.meta.url));
  if (existsSync(main)) return [process.execPath, main];
  throw new InfrastructureError("EVALUATOR_MISSING", `there is no embedded evaluator at ${main}: build the project`);
}

export default definePlugin({ name: "local-eval-runner", version: "1.0.0", provides: [localRunner] });
