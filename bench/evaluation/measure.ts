import type { EvalRunner, EvalSession, PluginHost } from "../../src/core/contract/index.ts";
import type { Field } from "./field.ts";

const never = new AbortController().signal;

/** Something that opens sessions. */
export type Open = (needs: Field["needs"]) => Promise<EvalSession>;

/** A runner with options, ready to open sessions. */
export function openWith(runner: EvalRunner, options: object, host: PluginHost): Open {
  const live = runner.create(runner.options.parse(options), host);
  return (needs) => live.open(needs, never);
}

/** Milliseconds from the start of a session to its end. */
export async function oneSession(open: Open, field: Field, models: number): Promise<number> {
  const startedAt = performance.now();
  {
    await using session = await open(field.needs);
    for (const path of field.adapters.slice(0, models)) await evaluate(session, path);
  }
  return performance.now() - startedAt;
}

/** The same models, each in a session that loads the base again. */
export async function aSessionEach(open: Open, field: Field, models: number): Promise<number> {
  const startedAt = performance.now();
  for (const path of field.adapters.slice(0, models)) {
    await using session = await open(field.needs);
    await evaluate(session, path);
  }
  return performance.now() - startedAt;
}

/** What an open session answers for an adapter. @throws {Error} where that is no result. */
export async function evaluate(session: EvalSession, path: string): Promise<unknown> {
  const request = { submission: { id: path, path, artifactKind: "LORA" as const } };
  const outcome = await session.run(request, { timeoutMs: 600_000, signal: never });
  if (outcome.status !== "completed") throw new Error(`${path}: ${outcome.code}: ${outcome.message}`);
  return outcome.output;
}

/** The middle one. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
