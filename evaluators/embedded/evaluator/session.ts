import { setImmediate as nextTurn } from "node:timers/promises";
import { ZodError, z } from "zod";
import type { Llama } from "../engine/index.ts";
import {
  createLlama,
  loadAdapter,
  loadModel,
  loadTokenizer,
  mark,
  ModelError,
  release,
  toAdapter,
} from "../engine/index.ts";
import type { ConfiguredObjective, EvaluationSet } from "../objectives/index.ts";
import { findObjective, OBJECTIVES } from "../objectives/index.ts";
import type { EvaluateRequest, OpenRequest, Progress } from "./protocol.ts";
import { EvaluationError } from "./protocol.ts";
import { sessionPath } from "./session-path.ts";

export interface Session {
  /** The answer to `open`. */
  readonly opened: unknown;
  evaluate(request: EvaluateRequest, onProgress: (progress: Progress) => void): Promise<unknown>;
}

/** Loads the base and tokenises the sets once, for any number of submissions. */
export function openSession(folder: string, request: OpenRequest): Session {
  const objective = configure(request.objective);
  const basePath = sessionPath(folder, request.base.path);
  const base = loadBase(basePath);
  const { config } = base;
  const contextLength = Math.min(request.contextLength ?? Infinity, config.max_position_embeddings);
  const rules = { tokenizer: loadTokenizer(basePath), config, contextLength };
  const sets = new Map<string, EvaluationSet>();
  for (const [name, path] of Object.entries(request.datasets)) {
    const file = sessionPath(folder, path);
    sets.set(
      name,
      loadSet(name, () => objective.evaluationSet({ name, file, rules, base })),
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
      sets: Object.fromEntries([...sets].map(([name, { rows }]) => [name, { rows }])),
    },
    evaluate: async ({ submission, sets: names = [...sets.keys()], tokens }, onProgress) => {
      const startedAt = performance.now();
      const start = mark();
      try {
        const chosen = names.map((name) => ({ name, set: findSet(sets, name) }));
        const model = withSubmission(submission);
        const total = chosen.reduce((sum, { set }) => sum + set.rows, 0);
        const results: Record<string, object> = {};
        let before = 0;
        for (const { name, set } of chosen) {
          const steps = set.evaluate(model, { tokens });
          results[name] = await drain(steps, (done) => onProgress({ done: before + done, total }));
          before += set.rows;
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

function configure({ name, options }: OpenRequest["objective"]): ConfiguredObjective {
  const objective = findObjective(name);
  if (objective === undefined)
    throw new EvaluationError(
      "infrastructure",
      "UNKNOWN_OBJECTIVE",
      `Objective ${name} is not known; this evaluator computes ${OBJECTIVES.join(", ")}.`,
    );
  try {
    return objective.configure(options);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const message = `Options of objective ${name}: ${z.prettifyError(error)}`;
    throw new EvaluationError("infrastructure", "BAD_REQUEST", message);
  }
}

function loadSet(name: string, load: () => EvaluationSet): EvaluationSet {
  let set: EvaluationSet;
  try {
    set = load();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new EvaluationError("infrastructure", "BAD_DATASET", `Set ${name}: ${detail}`);
  }
  if (set.rows === 0) throw new EvaluationError("infrastructure", "BAD_DATASET", `Set ${name} has no rows.`);
  return set;
}

function findSet(sets: ReadonlyMap<string, EvaluationSet>, name: string): EvaluationSet {
  const set = sets.get(name);
  if (set === undefined) throw new EvaluationError("infrastructure", "BAD_REQUEST", `There is no set ${name}.`);
  return set;
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
