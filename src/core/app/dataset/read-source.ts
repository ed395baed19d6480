import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { z } from "zod";
import { InfrastructureError, type JsonObject } from "../../contract/index.ts";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { toJsonLines } from "./json-lines.ts";
import { DATASET_FORMATS, formatOf, parseRows } from "./parse-rows.ts";
import { rawRowProblem } from "./raw-row.ts";

const MAX_INLINE_ROWS = 1_000_000;

const rawRow = z.custom<JsonObject>().superRefine((value, context) => {
  const problem = rawRowProblem(value);
  if (problem !== null) context.addIssue({ code: "custom", message: `the row ${problem}` });
});

const VARIANTS = {
  rows: z.strictObject({ rows: z.array(rawRow).max(MAX_INLINE_ROWS) }),
  url: z.strictObject({
    url: z
      .url({ protocol: /^https$/, error: ({ input }) => `expected an https address, found ${String(input)}` })
      .max(2048)
      .refine((url) => /^https:\/\/[^/?#@]+([/?#]|$)/i.test(url), "expected an address without a password in it"),
    format: z.enum(DATASET_FORMATS).optional(),
  }),
  huggingFace: z.strictObject({
    huggingFace: z.strictObject({
      repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "expected owner/name"),
      revision: z.string().regex(/^[0-9a-f]{40}$/, "expected a full commit of 40 hex digits"),
      path: z.string().regex(/^(?!.*\.\.)[\w./-]+$/, "expected a file's path in the repository"),
    }),
  }),
};

/** What a customer may name as a dataset: exactly one of the three. */
const datasetInput = z.union([VARIANTS.rows, VARIANTS.url, VARIANTS.huggingFace]);
export type DatasetInput = z.output<typeof datasetInput>;

/** The dataset that a customer names; the error leads to what is wrong with it. */
export function parseDataset(input: unknown): AppResult<DatasetInput> {
  const given = withoutAbsent(input);
  const parsed = datasetInput.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const named = Object.entries(VARIANTS).filter(([key]) => typeof given === "object" && given !== null && key in given);
  const issue = named.length === 1 ? named[0]?.[1].safeParse(given).error?.issues[0] : undefined;
  const message =
    issue?.message ??
    "expected exactly one of rows, url (https, with a format or a known ending) and huggingFace {repo, revision, path}";
  return fail("INVALID_INPUT", message, ["input", "dataset", ...(issue?.path.map(String) ?? [])]);
}

/** GraphQL's input objects have every field: what the customer left out is undefined, or null. */
const withoutAbsent = (input: unknown): unknown =>
  typeof input === "object" && input !== null && !Array.isArray(input)
    ? Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null))
    : input;

/** Where a task's rows come from, as stored: rows that were sent are a blob of JSON lines in the artefact store. */
const datasetSource = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("inline"),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    rows: z.int().nonnegative(),
  }),
  z.strictObject({ kind: z.literal("url"), url: z.string(), format: z.enum(DATASET_FORMATS) }),
]);
export type DatasetSource = z.output<typeof datasetSource>;

/** Keeps rows that were sent along, or notes where to fetch the others from. */
export async function toSource(app: App, input: DatasetInput): Promise<AppResult<DatasetSource>> {
  if ("rows" in input) {
    const { lines, bytes } = await toJsonLines(input.rows, (row) => `${JSON.stringify(row)}\n`);
    const { maxBytes } = app.settings.dataset;
    if (bytes > maxBytes) {
      return fail("DATASET_TOO_LARGE", `expected at most ${maxBytes} bytes, found ${bytes}`, [
        "input",
        "dataset",
        "rows",
      ]);
    }
    const { sha256 } = await app.artifacts.put(Readable.from(lines), { maxBytes });
    return ok({ kind: "inline", sha256, rows: input.rows.length });
  }
  const url = "url" in input ? input.url : hubUrl(app, input.huggingFace);
  const format = ("url" in input ? input.format : undefined) ?? formatOf(new URL(url).pathname);
  if (format !== null) return ok({ kind: "url", url, format });
  const message = `expected a file that ends in one of .json, .jsonl, .csv, .parquet, .zip, or a format; found ${new URL(url).pathname}`;
  return fail("DATASET_UNREADABLE", message, ["input", "dataset"]);
}

const hubUrl = (
  app: App,
  { repo, revision, path }: { readonly repo: string; readonly revision: string; readonly path: string },
): string => `${app.settings.dataset.hubUrl}/datasets/${repo}/resolve/${revision}/${path}`;

/** Reads the raw rows of a task's source, in their order. */
export async function readSource(
  app: App,
  stored: JsonObject,
  signal: AbortSignal,
): Promise<AppResult<readonly JsonObject[]>> {
  const source = datasetSource.parse(stored);
  const bytes =
    source.kind === "inline" ? await readBlob(app, source.sha256) : await fetchFile(app, source.url, signal);
  if (!bytes.ok) return bytes;
  const { maxRows, maxBytes } = app.settings.dataset;
  return parseRows(bytes.value, source.kind === "inline" ? "JSONL" : source.format, { maxRows, maxBytes, signal });
}

async function readBlob(app: App, sha256: string): Promise<AppResult<Uint8Array>> {
  const stream = await app.artifacts.open(sha256);
  if (stream === null) throw new InfrastructureError("ARTIFACT_MISSING", `the dataset ${sha256} can't be read`);
  return ok(await buffer(stream));
}

function fetchFile(app: App, url: string, signal: AbortSignal): Promise<AppResult<Uint8Array>> {
  const { maxBytes, downloadTimeoutMs } = app.settings.dataset;
  return app.download(url, { maxBytes, timeoutMs: downloadTimeoutMs }, signal);
}
