import { spawn } from "node:child_process";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { downloadFile, TaskFilesDocument, type GradientsClient } from "../../sdk/index.ts";
import { CommandError } from "../command-error.ts";
import { inPackage } from "../package-root.ts";

const tokens = z.object({ ids: z.array(z.number().int()), counts: z.array(z.boolean()) });

/** A row as the evaluator saw it, by objective: all token ids, and for each whether it counts towards the loss. */
const TOKEN_ROWS: Readonly<Record<string, z.ZodType<object>>> = {
  "token-cross-entropy": tokens,
  preference: z.object({ chosen: tokens, rejected: tokens }),
};

interface KeptSet {
  readonly file: string;
  /** Null where the objective's loss is not one of given tokens. */
  readonly rows: readonly object[] | null;
}

/** What `--keep` leaves behind, so that anyone can recompute every loss with other software. */
export interface KeptData {
  readonly folder: string;
  readonly baseModel: string;
  readonly objective: Objective;
  readonly test: KeptSet;
  readonly synth: KeptSet | null;
}

const RETRY = { retries: 2 };
const SETS = { TEST: "test", SYNTH: "synth" } as const;

const objectiveOf = z.object({ name: z.string(), options: z.unknown() });
/** What an evaluator computes: see docs/evaluator-protocol.md. */
export type Objective = z.output<typeof objectiveOf>;

const answer = z.discriminatedUnion("type", [
  z.object({ type: z.literal("result"), id: z.number(), result: z.unknown() }),
  z.object({ type: z.literal("progress") }),
  z.object({ type: z.literal("error"), message: z.string() }),
]);

/**
 * Downloads the opened TEST and SYNTH rows as the task's customer, copies the base model, and asks the evaluator program for
 * each row's tokens.
 *
 * @throws CommandError where the evaluator can't read them.
 */
export async function keepData(
  client: GradientsClient,
  {
    id: taskId,
    base,
    objective,
  }: { readonly id: string; readonly base: { readonly repo: string }; readonly objective: unknown },
  { folder, session }: { readonly folder: string; readonly session: string },
): Promise<KeptData> {
  const asked = objectiveOf.parse(objective);
  const baseModel = join(session, "base");
  await mkdir(baseModel, { recursive: true });
  const source = inPackage("models", ...base.repo.split("/"));
  for (const name of await readdir(source)) await copyFile(join(source, name), join(baseModel, name));
  const { task } = await client.request(TaskFilesDocument, { id: taskId });
  const datasets: Record<string, string> = {};
  for (const [split, name] of Object.entries(SETS)) {
    const found = task?.splits.find((candidate) => candidate.split === split);
    if (!found?.sha256 || !found.url) continue;
    const download = {
      url: found.url,
      base: client.url,
      target: join(session, `${name}.jsonl`),
      sha256: found.sha256,
      fetch: client.fetch,
    };
    await downloadFile(download, RETRY);
    datasets[name] = `${name}.jsonl`;
  }
  const rows = await rowTokens(session, datasets, asked);
  const setOf = (name: string): KeptSet | null => {
    const file = datasets[name];
    return file === undefined ? null : { file: join(session, file), rows: rows?.[name] ?? null };
  };
  const test = setOf(SETS.TEST);
  if (test === null) throw new CommandError("The server did not open the task's TEST rows.");
  return { folder, baseModel, objective: asked, test, synth: setOf(SETS.SYNTH) };
}

/** Runs the evaluator program on the base model with `tokens: true` (docs/evaluator-protocol.md); null for other objectives. */
async function rowTokens(
  session: string,
  datasets: Readonly<Record<string, string>>,
  objective: Objective,
): Promise<Readonly<Record<string, readonly object[]>> | null> {
  const row = TOKEN_ROWS[objective.name];
  if (row === undefined) return null;
  const evaluation = z.object({ sets: z.record(z.string(), z.object({ rows: z.array(row) })) });
  const requests = [
    { id: 1, type: "open", base: { path: "base" }, datasets, objective },
    { id: 2, type: "evaluate", submission: null, tokens: true },
  ];
  const evaluator = spawn(process.execPath, [inPackage("dist", "evaluators", "embedded", "main.js"), session], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: evaluator.stdout });
  for (const request of requests) evaluator.stdin.write(`${JSON.stringify(request)}\n`);
  try {
    for await (const line of lines) {
      const message = answer.parse(JSON.parse(line));
      if (message.type === "error") throw new CommandError(`The evaluator refused the kept data: ${message.message}`);
      if (message.type !== "result" || message.id !== 2) continue;
      const { sets } = evaluation.parse(message.result);
      return Object.fromEntries(Object.entries(sets).map(([name, { rows }]) => [name, rows]));
    }
  } finally {
    // It ends with its input, in the middle of its work too: until here that must stay open.
    evaluator.stdin.end();
  }
  throw new CommandError("The evaluator gave no tokens.");
}
