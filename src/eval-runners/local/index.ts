import { existsSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { defineEvalRunner, definePlugin, InfrastructureError } from "../../core/contract/index.ts";
import { createSessionFolder } from "./session-folder.ts";
import { openSession } from "./session.ts";

const MiB = 1024 * 1024;

/** Runs evaluators as child processes of this machine: for embedded evaluators and for tests, never for strangers' code. */
export const localRunner = defineEvalRunner({
  name: "local",
  isolation: "process",
  options: z.strictObject({
    /** Program and arguments; null runs the embedded evaluator on this Node. */
    command: z.array(z.string().min(1)).min(1).nullable().default(null),
    openTimeoutMs: z.int().positive().default(120_000),
    maxLineBytes: z
      .int()
      .positive()
      .default(64 * MiB),
    /** Of all that the program prints for one request. */
    maxRequestBytes: z
      .int()
      .positive()
      .default(96 * MiB),
    logTailBytes: z.int().positive().default(16_384),
  }),
  create: (options, host) => ({
    async open(needs, signal) {
      if (needs.carriesCode) {
        const message = `task ${needs.taskId} carries code: it needs a runner with isolation "container", the runner local has "process"`;
        throw new InfrastructureError("ISOLATION_REQUIRED", message);
      }
      signal.throwIfAborted();
      const folder = await createSessionFolder(host.scratchFolder, needs).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new InfrastructureError("SESSION_FOLDER_FAILED", `the session's folder can't be set up: ${reason}`, {
          cause,
        });
      });
      try {
        return await openSession(
          folder,
          needs,
          { ...options, command: options.command ?? embeddedEvaluator() },
          signal,
        );
      } catch (error) {
        await folder[Symbol.asyncDispose]();
        throw error;
      }
    },
  }),
});

/** The embedded evaluator beside this module's tree: TypeScript from source, JavaScript from the build. */
function embeddedEvaluator(): readonly string[] {
  const main = fileURLToPath(new URL(`../../../evaluators/embedded/main${extname(import.meta.url)}`, import.meta.url));
  if (existsSync(main)) return [process.execPath, main];
  throw new InfrastructureError("EVALUATOR_MISSING", `there is no embedded evaluator at ${main}: build the project`);
}

export default definePlugin({ name: "local-eval-runner", version: "1.0.0", provides: [localRunner] });
