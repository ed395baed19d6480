import { readFile, stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { JsonObject } from "../../contract/index.ts";
import { ok, shuffle } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { formatOf, parseRows } from "../dataset/parse-rows.ts";
import { fail, type AppResult } from "../errors.ts";
import type { SyntheticSource } from "../settings.ts";

/** The dataset of one synthetic task as a customer would send it, and how many rows it has where that is known. */
export interface SourceDataset {
  readonly input: unknown;
  readonly rows: number | null;
}

const PATH = ["input", "dataset"];

/** Reads, draws or generates a task's rows; all chance comes from `rng`. */
export async function sourceDataset(
  app: Pick<App, "registry" | "settings">,
  source: SyntheticSource,
  rng: () => number,
): Promise<AppResult<SourceDataset>> {
  const { dataset } = source;
  if (dataset.from === "input") return ok({ input: dataset.input, rows: source.rows });
  const rows =
    dataset.from === "file"
      ? await readRows(dataset.path, app.settings.dataset)
      : await generateRows(app, source, dataset.options, rng);
  if (!rows.ok) return rows;
  const chosen =
    dataset.from === "file" && source.rows !== null ? shuffle(rows.value, rng).slice(0, source.rows) : rows.value;
  return ok({ input: { rows: chosen }, rows: chosen.length });
}

async function readRows(path: string, limits: App["settings"]["dataset"]): Promise<AppResult<readonly JsonObject[]>> {
  const { maxBytes } = limits;
  const format = formatOf(path);
  if (format === null)
    return fail("DATASET_UNREADABLE", `expected a .json, .jsonl, .csv, .parquet or .zip file, found ${path}`, PATH);
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size === null) return fail("DATASET_UNREADABLE", `expected a file at ${path}, found none`, PATH);
  if (size > maxBytes)
    return fail("DATASET_TOO_LARGE", `expected at most ${maxBytes} bytes, found ${size} in ${path}`, PATH);
  const parsed = await parseRows(await readFile(path), format, limits);
  return parsed.ok ? parsed : fail(parsed.error.code, `${path}: ${parsed.error.message}`, PATH);
}

async function generateRows(
  { registry }: Pick<App, "registry">,
  source: SyntheticSource,
  given: unknown,
  rng: () => number,
): Promise<AppResult<readonly JsonObject[]>> {
  const taskType = registry.taskType(source.kind);
  const { generator } = taskType ?? {};
  if (taskType === undefined || generator === undefined) {
    const able = [...registry.taskTypes.values()].filter((type) => type.generator).map(({ kind }) => kind);
    const message = `${source.kind} can't generate rows (${able.join(", ") || "no task type"} can): name a file, a url or rows`;
    return fail("INVALID_INPUT", message, [...PATH, "generate"]);
  }
  const options = generator.options.safeParse(given);
  const spec = taskType.spec.safeParse(source.spec);
  const issue = (options.error ?? spec.error)?.issues[0];
  if (!options.success || !spec.success) {
    const place = options.success ? ["input", "spec"] : [...PATH, "generate"];
    return fail("INVALID_INPUT", issue?.message ?? "is not valid", [...place, ...(issue?.path ?? []).map(String)]);
  }
  if (source.rows === null) return fail("INVALID_INPUT", "must say how many rows are generated", ["input", "rows"]);
  const columns = new Map(taskType.columns(spec.data).map(({ role, column }) => [role, column]));
  const rows: JsonObject[] = [];
  for (let made = 0; made < source.rows; made += 1) {
    const row = generator.generate(options.data, rng);
    rows.push(Object.fromEntries(Object.entries(row).map(([role, text]) => [columns.get(role) ?? role, text])));
    // A row may be a picture: others get their turn in between.
    await setImmediate();
  }
  return ok(rows);
}
