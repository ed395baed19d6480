import { createHash } from "node:crypto";
import { z } from "zod";
import { type BuiltinReward, builtinRewards } from "./rewards/index.ts";

const LONGEST_SOURCE = 65_536;

/** A reward function of a task: a built-in one by id and version, or JavaScript of the customer's own. */
export const rewardSpec = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be lower-case words with hyphens")
    .max(64)
    .describe("Name of a built-in reward, or of one's own."),
  version: z.int().min(1).default(1),
  weight: z.number().min(0).max(1000).default(1).describe("Weights are divided by their sum."),
  params: z.record(z.string(), z.json()).default({}).describe("What the function gets as params."),
  source: z
    .string()
    .min(1)
    .max(LONGEST_SOURCE)
    .nullable()
    .default(null)
    .describe("JavaScript that defines reward({ prompt, completions, row, params }); null for a built-in reward."),
  range: z
    .strictObject({ min: z.number(), max: z.number() })
    .nullable()
    .default(null)
    .describe("Between which numbers one's own function stays; null for a built-in reward."),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits")
    .nullable()
    .default(null)
    .describe("Digest of the source; where it is given it must fit."),
});

export type RewardSpec = z.output<typeof rewardSpec>;

export const sha256Of = (source: string): string => createHash("sha256").update(source).digest("hex");

export const findBuiltin = ({ id, version }: Pick<RewardSpec, "id" | "version">): BuiltinReward | undefined =>
  builtinRewards.find((reward) => reward.id === id && reward.version === version);

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is wrong with a reward of a task whose rows have these fields. */
export function rewardProblems(reward: RewardSpec, fields: readonly string[]): readonly Problem[] {
  return reward.source === null ? builtinProblems(reward, fields) : ownProblems(reward, reward.source);
}

function builtinProblems(reward: RewardSpec, fields: readonly string[]): readonly Problem[] {
  const versions = builtinRewards.filter(({ id }) => id === reward.id).map(({ version }) => version);
  if (versions.length === 0) {
    const known = [...new Set(builtinRewards.map(({ id }) => id))].join(", ");
    return [{ path: ["id"], message: `must be one of ${known}, or have a source of its own` }];
  }
  const builtin = findBuiltin(reward);
  if (builtin === undefined) return [{ path: ["version"], message: `must be one of ${versions.join(", ")}` }];
  const problems: Problem[] = [];
  if (reward.range !== null) problems.push({ path: ["range"], message: "must be null: a built-in reward has its own" });
  if (reward.sha256 !== null && reward.sha256 !== sha256Of(builtin.source))
    problems.push({ path: ["sha256"], message: `must be ${sha256Of(builtin.source)}, the digest of this version` });
  const params = builtin.params.safeParse(reward.params);
  if (!params.success)
    problems.push(...params.error.issues.map(({ path, message }) => ({ path: ["params", ...path], message })));
  else if (typeof params.data["column"] === "string" && !fields.includes(params.data["column"])) {
    const message = `must be one of ${fields.join(", ")}: name the column in columns.extra`;
    problems.push({ path: ["params", "column"], message });
  }
  return problems;
}

function ownProblems({ id, range, sha256 }: RewardSpec, source: string): readonly Problem[] {
  const problems: Problem[] = [];
  if (builtinRewards.some((builtin) => builtin.id === id))
    problems.push({ path: ["id"], message: `${id} is a built-in reward: leave the source out, or choose another id` });
  if (range === null) problems.push({ path: ["range"], message: "must say between which numbers the function stays" });
  else if (range.min >= range.max) problems.push({ path: ["range", "max"], message: "must be above min" });
  if (sha256 !== null && sha256 !== sha256Of(source))
    problems.push({ path: ["sha256"], message: `must be ${sha256Of(source)}, the digest of the source` });
  if (!source.isWellFormed()) problems.push({ path: ["source"], message: "must be well-formed Unicode" });
  return problems;
}
