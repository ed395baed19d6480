import { z } from "zod";
import { promptTemplateProblems } from "../../core/contract/index.ts";
import { DPO } from "./params.ts";

const columnName = z.string().min(1).max(200);

/** One line for each part, so that the answers start on a line of their own. */
const defaultPromptTemplate = "{system}\n{prompt}\n";
const promptRoles = ["system", "prompt"] as const;

const columns = z.strictObject({
  prompt: columnName.default("prompt").describe("Column of what is asked."),
  chosen: columnName.default("chosen").describe("Column of the better answer."),
  rejected: columnName.default("rejected").describe("Column of the worse answer."),
  system: columnName.nullable().default(null).describe("Column of the system prompt."),
});

/** What a customer may say about a DPO task. */
export const dpoSpec = z
  .strictObject({
    columns: columns.prefault({}).describe("The data set's columns by their role."),
    promptTemplate: z
      .string()
      .max(2000)
      .default(defaultPromptTemplate)
      .describe("The prompt around {system} and {prompt}; a line whose placeholders are all empty is left out."),
    beta: z
      .number()
      .min(0.01)
      .max(1)
      .default(DPO.beta)
      .describe("How much the distance from the base weighs in the loss."),
    maxLength: z
      .int()
      .min(16)
      .max(65_536)
      .default(DPO.maxLength)
      .describe("Longest prompt with answer in tokens; never more than the base's context."),
    maxPromptLength: z
      .int()
      .min(1)
      .max(65_536)
      .default(DPO.maxPromptLength)
      .describe("Most tokens of a prompt; a longer one keeps its end. Answers always have at least half of maxLength."),
  })
  .superRefine((spec, context) => {
    const names = Object.entries(spec.columns).filter(([, column]) => column !== null);
    for (const [role, column] of names) {
      const [first] = names.find((entry) => entry[1] === column) ?? [role];
      if (first === role) continue;
      const message = `the column ${column} is already the ${first} column`;
      context.addIssue({ code: "custom", path: ["columns", role], message });
    }
    // The data of a column that the template leaves out would be lost without a word.
    const required = promptRoles.filter((role) => spec.columns[role] !== null);
    for (const message of promptTemplateProblems(spec.promptTemplate, { roles: promptRoles, required })) {
      context.addIssue({ code: "custom", path: ["promptTemplate"], message });
    }
  });

export type DpoSpec = z.output<typeof dpoSpec>;
