import type { AnyTaskType, LiveSynthesizer, Row } from "../../contract/index.ts";
import { canonicalRowKey, createRng, synthSources } from "../../domain/index.ts";
import type { App } from "../app.ts";

const ATTEMPTS = 5;

export interface SynthRow {
  readonly row: Row;
  /** Position in TEST of the row it was made from. */
  readonly testRow: number;
}

interface SynthesisRequest {
  readonly taskId: string;
  readonly taskType: AnyTaskType;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly test: readonly Row[];
  /** Canonical keys of all rows of the dataset: a rewrite that equals one of them is refused. */
  readonly known: ReadonlySet<string>;
  readonly count: number;
  readonly synthesizer: LiveSynthesizer;
  readonly signal: AbortSignal;
}

/** x' = G(x, tau): rewrites of TEST rows (spec section 4). Fewer than asked for where the generator kept refusing. */
export async function synthesize(
  app: { readonly secrets: Pick<App["secrets"], "seed"> },
  request: SynthesisRequest,
): Promise<{ readonly rows: readonly SynthRow[]; readonly refusals: readonly string[] }> {
  const seed = (purpose: number) => createRng(app.secrets.seed(request.taskId, "synth", purpose));
  const sources = synthSources(request.test.length, request.count, seed(0));
  const taken = new Set(request.known);
  const rows: SynthRow[] = [];
  const refusals: string[] = [];
  for (const [position, testRow] of sources.entries()) {
    request.signal.throwIfAborted();
    const made = await rewriteOne(request, testRow, {
      variant: Math.floor(position / request.test.length),
      rng: () => seed(testRow + 1),
      taken,
    });
    if (typeof made === "string") refusals.push(`TEST row ${testRow}: ${made}`);
    else {
      taken.add(canonicalRowKey(made));
      rows.push({ row: made, testRow });
    }
  }
  return { rows, refusals };
}

async function rewriteOne(
  request: SynthesisRequest,
  testRow: number,
  draw: { readonly variant: number; readonly rng: () => () => number; readonly taken: ReadonlySet<string> },
): Promise<Row | string> {
  const row = request.test[testRow];
  const synthesis = request.taskType.synthesis;
  if (row === undefined || synthesis === null) return "nothing to rewrite";
  let reason = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const outcome = await request.synthesizer.rewrite({
      row,
      synthesis,
      variant: draw.variant,
      attempt,
      rng: draw.rng(),
      signal: request.signal,
    });
    if (outcome.status === "refused") reason = outcome.reason;
    else {
      const problem = rowProblem(request, row, outcome.row, draw.taken);
      if (problem === null) return outcome.row;
      reason = problem;
    }
  }
  return reason;
}

/** Same keys, valid for the type, kept fields untouched, and not a row that is already there. */
function rowProblem(request: SynthesisRequest, original: Row, made: Row, taken: ReadonlySet<string>): string | null {
  const parsed = request.taskType.rowSchema(request.spec).safeParse(made);
  if (!parsed.success) return parsed.error.issues.map(({ message }) => message).join(", ");
  if (Object.keys(made).toSorted().join() !== Object.keys(original).toSorted().join())
    return "the rewrite has other keys";
  const changed = request.taskType.synthesis?.keep.find((role) => made[role] !== original[role]);
  if (changed !== undefined) return `the rewrite changed ${changed}`;
  return taken.has(canonicalRowKey(made)) ? "the rewrite equals a row that is already there" : null;
}
