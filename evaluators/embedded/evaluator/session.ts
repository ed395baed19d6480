import { setImmediate as nextTurn } from "node:timers/promises";
import { ZodError, z } from "zod";
import { loadTokenizer, mark, ModelError, release } from "../engine/index.ts";
import type { EngineModel, ModelFamily } from "../models/model-family.ts";
import type { ConfiguredObjective, EvaluationSet, Objective } from "../objectives/index.ts";
import { OBJECTIVES, withObjective } from "../objectives/index.ts";
import type { EvaluateRequest, OpenRequest, Progress } from "./protocol.ts";
import { EvaluationError } from "./protocol.ts";
import { sessionPath } from "./session-path.ts";

export interface Session {
  /** The answer to `open`. */
  readonly opened: unknown;
  evaluate(request: EvaluateRequest, onProgress: (progress: Progress) => void): Promise<unknown>;
}

/** Loads the base and reads the sets once, for any number of submissions. */
export function openSession(folder: string, request: OpenRequest): Session {
  const { name } = request.objective;
  if (!OBJECTIVES.includes(name))
    throw new EvaluationError(
      "infrastructure",
      "UNKNOWN_OBJECTIVE",
      `Objective ${name} is not known; this evaluator computes ${OBJECTIVES.join(", ")}.`,
    );
  return withObjective(name, (objective, family) => openWith(objective, family, folder, request));
}

function openWith<Model extends EngineModel>(
  found: Objective<Model>,
  family: ModelFamily<Model>,
  folder: string,
  request: OpenRequest,
): Session {
  const objective = configure(found, request.objective.options);
  const basePath = sessionPath(folder, request.base.path);
  const base = loadBase(family, basePath);
  const { config }: { readonly config: Model["config"] } = base;
  const contextLength = Math.min(request.contextLength ?? Infinity, family.contextLength(base));
  const rules = { tokenizer: loadTokenizer(basePath), config, contextLength };
  const seed = request.seed ?? "";
  const sets = new Map<string, EvaluationSet<Model>>();
  for (const [name, path] of Object.entries(request.datasets)) {
    const file = sessionPath(folder, path);
    sets.set(
      name,
      loadSet(name, () => objective.evaluationSet({ name, file, rules, base, seed })),
    );
  }

  const withSubmission = (submission: EvaluateRequest["submission"]): Model => {
    if (submission === null) return base;
    const { artifactKind } = submission;
    const path = sessionPath(folder, submission.path);
    const { names } = request.base;
    return family.loadSubmission(base, { path, artifactKind, ...(names === undefined ? {} : { names }) });
  };

  return {
    opened: {
      contextLength,
      sets: Object.fromEntries([...sets].map(([name, { rows }]) => [name, { rows }])),
    },
    evaluate: async ({ submission, sets: names = [...sets.keys()], tokens, completions }, onProgress) => {
      const startedAt = performance.now();
      const start = mark();
      try {
        const chosen = names.map((name) => ({ name, set: findSet(sets, name) }));
        refuseUnreadCompletions(completions, chosen);
        const model = withSubmission(submission);
        const total = chosen.reduce((sum, { set }) => sum + set.rows, 0);
        const results: Record<string, object> = {};
        let before = 0;
        for (const { name, set } of chosen) {
          const steps = set.evaluate(model, { tokens, completions: completions[name] });
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

function loadBase<Model extends EngineModel>(family: ModelFamily<Model>, path: string): Model {
  try {
    return family.load(path);
  } catch (error) {
    throw blameInfrastructure(error);
  }
}

/** A fault of the base is never a submission's. */
function blameInfrastructure(error: unknown): unknown {
  if (!(error instanceof ModelError)) return error;
  return new EvaluationError("infrastructure", "BAD_BASE", `The base model: ${error.message}`);
}

function configure<Model extends EngineModel>(
  objective: Objective<Model>,
  options: unknown,
): ConfiguredObjective<Model> {
  try {
    return objective.configure(options);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const message = `Options of objective ${objective.name}: ${z.prettifyError(error)}`;
    throw new EvaluationError("infrastructure", "BAD_REQUEST", message);
  }
}

function loadSet<Set extends { readonly rows: number }>(name: string, load: () => Set): Set {
  let set: Set;
  try {
    set = load();
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new EvaluationError("infrastructure", "BAD_DATASET", `Set ${name}: ${detail}`);
  }
  if (set.rows === 0) throw new EvaluationError("infrastructure", "BAD_DATASET", `Set ${name} has no rows.`);
  return set;
}

function findSet<Set>(sets: ReadonlyMap<string, Set>, name: string): Set {
  const set = sets.get(name);
  if (set === undefined) throw new EvaluationError("infrastructure", "BAD_REQUEST", `There is no set ${name}.`);
  return set;
}

/** Completions that nothing would read must not look as if they had been evaluated. */
function refuseUnreadCompletions(
  completions: EvaluateRequest["completions"],
  chosen: readonly { readonly name: string; readonly set: { readonly takesCompletions?: boolean } }[],
): void {
  const readers = new Set(chosen.filter(({ set }) => set.takesCompletions === true).map(({ name }) => name));
  const unread = Object.keys(completions).find((name) => !readers.has(name));
  if (unread === undefined) return;
  const message = `Completions were given for the set ${unread}, which does not take any or is not asked for.`;
  throw new EvaluationError("infrastructure", "BAD_REQUEST", message);
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
