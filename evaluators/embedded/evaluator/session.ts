import { setImmediate as nextTurn } from "node:timers/promises";
import type { Example, Llama, RowLoss } from "../engine/index.ts";
import {
  createLlama,
  loadAdapter,
  loadModel,
  loadTokenizer,
  mark,
  ModelError,
  readRows,
  release,
  rowLosses,
  summarise,
  toAdapter,
  toExample,
} from "../engine/index.ts";
import type { EvaluateRequest, OpenRequest, Progress } from "./protocol.ts";
import { EvaluationError } from "./protocol.ts";
import { sessionPath } from "./session-path.ts";

/** Objectives that this evaluator computes. */
export const OBJECTIVES = ["token-cross-entropy"] as const;

/** What `evaluate` answers for one set; a row's ids and counts are there only when asked for. */
interface SetResult {
  readonly rows: readonly (RowLoss & Partial<Example>)[];
  readonly loss: number;
  readonly tokenLoss: number;
}

export interface Session {
  /** The answer to `open`. */
  readonly opened: unknown;
  evaluate(request: EvaluateRequest, onProgress: (progress: Progress) => void): Promise<unknown>;
}

/** Loads the base and tokenises the sets once, for any number of submissions. */
export function openSession(folder: string, request: OpenRequest): Session {
  if (!OBJECTIVES.some((name) => name === request.objective.name))
    throw new EvaluationError(
      "infrastructure",
      "UNKNOWN_OBJECTIVE",
      `Objective ${request.objective.name} is not known; this evaluator computes ${OBJECTIVES.join(", ")}.`,
    );
  const basePath = sessionPath(folder, request.base.path);
  const base = loadBase(basePath);
  const { config } = base;
  const contextLength = Math.min(request.contextLength ?? Infinity, config.max_position_embeddings);
  const rules = { tokenizer: loadTokenizer(basePath), config, contextLength };
  const sets = new Map<string, readonly Example[]>();
  for (const [name, path] of Object.entries(request.datasets)) {
    sets.set(
      name,
      loadSet(name, () => readRows(sessionPath(folder, path)).map((row) => toExample(row, rules))),
    );
  }
  const target = { config, ...(request.base.names === undefined ? {} : { names: request.base.names }) };

  const withSubmission = (submission: EvaluateRequest["submission"]): Llama => {
    if (submission === null) return base;
    const path = sessionPath(folder, submission.path);
    if (submission.artifactKind === "LORA") return base.withAdapter(toAdapter(loadAdapter(path, target)));
    return createLlama(config, loadModel(path, config).weights, { train: "none" });
  };

  return {
    opened: {
      contextLength,
      sets: Object.fromEntries([...sets].map(([name, examples]) => [name, { rows: examples.length }])),
    },
    evaluate: async ({ submission, sets: names = [...sets.keys()], tokens }, onProgress) => {
      const startedAt = performance.now();
      const start = mark();
      try {
        const chosen = names.map((name) => ({ name, examples: findSet(sets, name) }));
        const model = withSubmission(submission);
        const total = chosen.reduce((sum, { examples }) => sum + examples.length, 0);
        const results: Record<string, SetResult> = {};
        let before = 0;
        for (const { name, examples } of chosen) {
          const rows = await drain(rowLosses(model, examples), (done) => onProgress({ done: before + done, total }));
          results[name] = toSetResult(name, rows, tokens ? examples : []);
          before += examples.length;
        }
        return { sets: results, durationMs: Math.round(performance.now() - startedAt) };
      } catch (error) {
        throw submission === null ? blameInfrastructure(error) : error;
      } finally {
        release(start);
      }
    },
  };
}

function loadBase(path: string): Llama {
  try {
    const { config, weights } = loadModel(path);
    return createLlama(config, weights, { train: "none" });
  } catch (error) {
    throw blameInfrastructure(error);
  }
}

/** A fault of the base is never a submission's. */
function blameInfrastructure(error: unknown): unknown {
  if (!(error instanceof ModelError)) return error;
  return new EvaluationError("infrastructure", "BAD_BASE", `The base model: ${error.message}`);
}

function loadSet(name: string, load: () => readonly Example[]): readonly Example[] {
  let examples: readonly Example[];
  try {
    examples = load();
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new EvaluationError("infrastructure", "BAD_DATASET", `Set ${name}: ${detail}`);
  }
  const empty = examples.findIndex(({ counts }) => !counts.includes(true));
  if (examples.length === 0 || empty >= 0)
    throw new EvaluationError(
      "infrastructure",
      "BAD_DATASET",
      examples.length === 0 ? `Set ${name} has no rows.` : `Set ${name}, row ${empty + 1}: no counted token.`,
    );
  return examples;
}

function findSet(sets: ReadonlyMap<string, readonly Example[]>, name: string): readonly Example[] {
  const examples = sets.get(name);
  if (examples === undefined) throw new EvaluationError("infrastructure", "BAD_REQUEST", `There is no set ${name}.`);
  return examples;
}

/** Runs a generator to its end, giving the event loop a turn after each step so that a closed stdin is noticed. */
async function drain<Result>(steps: Generator<number, Result>, onStep: (done: number) => void): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    onStep(step.value);
    await nextTurn();
  }
}

function toSetResult(name: string, rows: readonly RowLoss[], examples: readonly Example[]): SetResult {
  const bad = rows.findIndex(({ loss }) => !Number.isFinite(loss));
  if (bad >= 0)
    throw new ModelError("NON_FINITE_LOSS", `The loss of row ${bad + 1} of set ${name} is not a finite number.`);
  return { rows: rows.map((row, i) => ({ ...row, ...examples[i] })), ...summarise(rows) };
}
