import { z } from "zod";
import { promptTemplateProblems } from "../../core/contract/index.ts";
import { GRPO } from "./params.ts";
import { rewardProblems, rewardSpec } from "./reward-spec.ts";

const columnName = z.string().min(1).max(200);

/** Evaluators get them in one request line of at most 1 MiB. */
const MAXIMUM_REWARD_BYTES = 512 * 1024;

/** The completion goes on where the prompt ends. */
const defaultPromptTemplate = "{system}\n{prompt}";
const promptRoles = ["system", "prompt"] as const;

const columns = z.strictObject({
  prompt: columnName.default("prompt").describe("Column of what is asked."),
  system: columnName.nullable().default(null).describe("Column of the system prompt."),
  extra: z
    .array(z.string().regex(/^[A-Za-z][\w -]{0,63}$/, "must be letters, digits, spaces, _ and -"))
    .max(32)
    .default(["answer"])
    .describe("Columns that reward functions read as fields of row, under their own names."),
});

/** What a customer may say about a GRPO task. */
export const grpoSpec = z
  .strictObject({
    columns: columns.prefault({}).describe("The data set's columns by their role."),
    promptTemplate: z
      .string()
      .max(2000)
      .default(defaultPromptTemplate)
      .describe("The prompt around {system} and {prompt}; a line whose placeholders are all empty is left out."),
    rewards: z
      .array(rewardSpec)
      .min(1)
      .max(16)
      .prefault([{ id: "exact-answer" }])
      .describe("What completions are rewarded for."),
    beta: z
      .number()
      .min(0)
      .max(10)
      .default(GRPO.beta)
      .describe("How much the divergence from the base weighs against the reward."),
    completions: z.int().min(1).max(64).default(GRPO.completions).describe("Completions of each prompt."),
    maxNewTokens: z
      .int()
      .min(1)
      .max(65_536)
      .default(GRPO.maxNewTokens)
      .describe("Longest completion in tokens; never more than the base's context leaves."),
    temperature: z
      .number()
      .min(0.01)
      .max(10)
      .default(GRPO.samplingTemperature)
      .describe("How freely completions are sampled."),
  })
  .superRefine((spec, context) => {
    const refuse = (path: readonly PropertyKey[], message: string) =>
      context.addIssue({ code: "custom", path: [...path], message });
    const { prompt, system, extra } = spec.columns;
    if (system === prompt) refuse(["columns", "system"], `the column ${system} is already the prompt column`);
    for (const [index, name] of extra.entries()) {
      const taken = [...promptRoles, prompt, system, ...extra.slice(0, index)].includes(name);
      if (taken) refuse(["columns", "extra", index], `${name} is already the name of another column or role`);
    }
    // The data of a column that the template leaves out would be lost without a word.
    const required = promptRoles.filter((role) => spec.columns[role] !== null);
    for (const message of promptTemplateProblems(spec.promptTemplate, { roles: promptRoles, required }))
      refuse(["promptTemplate"], message);

    const fields = ["prompt", ...(system === null ? [] : ["system"]), ...extra];
    for (const [index, reward] of spec.rewards.entries())
      for (const { path, message } of rewardProblems(reward, fields)) refuse(["rewards", index, ...path], message);
    const bytes = Buffer.byteLength(JSON.stringify(spec.rewards));
    if (bytes > MAXIMUM_REWARD_BYTES)
      refuse(["rewards"], `must have at most ${MAXIMUM_REWARD_BYTES} bytes as JSON in all, found ${bytes}`);
    if (spec.rewards.every(({ weight }) => weight === 0)) refuse(["rewards"], "at least one weight must be positive");
  });

export type GrpoSpec = z.output<typeof grpoSpec>;
