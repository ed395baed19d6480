import { spawn } from "node:child_process";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { downloadFile, TaskFilesDocument, type GradientsClient } from "../../sdk/index.ts";
import { CommandError } from "../command-error.ts";
import { inPackage } from "../package-root.ts";

/** A row as the evaluator saw it: all token ids, and for each whether it counts towards the loss. */
interface KeptRow {
  readonly ids: readonly number[];
  readonly counts: readonly boolean[];
}

interface KeptSet {
  readonly file: string;
  readonly rows: readonly KeptRow[];
}

/** What `--keep` leaves behind, so that anyone can recompute every loss with other software. */
export interface KeptData {
  readonly folder: string;
  readonly baseModel: string;
  readonly test: KeptSet;
  readonly synth: KeptSet | null;
}

const RETRY = { retries: 2 };
const SETS = { TEST: "test", SYNTH: "synth" } as const;

const row = z.object({ ids: z.array(z.number().int()), counts: z.array(z.boolean()) });
const evaluation = z.object({ sets: z.record(z.string(), z.object({ rows: z.array(row) })) });
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
  taskId: string,
  base: { readonly repo: string },
  folder: string,
): Promise<KeptData> {
  const session = join(folder, "data");
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
  const rows = await rowTokens(session, datasets);
  const setOf = (name: string): KeptSet | null => {
    const file = datasets[name];
    return file === undefined ? null : { file: join(session, file), rows: rows[name] ?? [] };
  };
  const test = setOf(SETS.TEST);
  if (test === null) throw new CommandError("The server did not open the task's TEST rows.");
  return { folder, baseModel, test, synth: setOf(SETS.SYNTH) };
}

/** Runs the evaluator program on the base model with `tokens: true` (docs/evaluator-protocol.md). */
async function rowTokens(
  session: string,
  datasets: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, readonly KeptRow[]>>> {
  const requests = [
    { id: 1, type: "open", base: { path: "base" }, datasets, objective: { name: "token-cross-entropy", options: {} } },
    { id: 2, type: "evaluate", submission: null, tokens: true },
    { id: 3, type: "close" },
  ];
  const evaluator = spawn(process.execPath, [inPackage("dist", "evaluators", "embedded", "main.js"), session], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: evaluator.stdout });
  // It ends with its input, so that stays open until the program closes by itself.
  evaluator.stdin.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  let result: z.output<typeof evaluation> | null = null;
  for await (const line of lines) {
    const message = answer.parse(JSON.parse(line));
    if (message.type === "error") throw new CommandError(`The evaluator refused the kept data: ${message.message}`);
    if (message.type === "result" && message.id === 2) result = evaluation.parse(message.result);
  }
  if (result === null) throw new CommandError("The evaluator gave no tokens.");
  return Object.fromEntries(
    Object.entries(result.sets).map(([name, set]) => [name, set.rows.map(({ ids, counts }) => ({ ids, counts }))]),
  );
}
