import { z } from "zod";
import { promptTemplateProblems } from "../../core/contract/index.ts";

/** One line for each part, so that the answer starts on a line of its own. */
const defaultPromptTemplate = "{system}\n{instruction}\n{input}\n";
const promptRoles = ["system", "instruction", "input"] as const;

const columnName = z.string().min(1).max(200);

const columns = z.strictObject({
  instruction: columnName.default("instruction").describe("Column of what is asked."),
  output: columnName.default("output").describe("Column of the wanted answer: the only text whose tokens count."),
  input: columnName.nullable().default(null).describe("Column of the material that the instruction is about."),
  system: columnName.nullable().default(null).describe("Column of the system prompt."),
});

/** What a customer may say about an instruct task. */
export const instructSpec = z
  .strictObject({
    columns: columns.prefault({}).describe("The data set's columns by their role."),
    promptTemplate: z
      .string()
      .max(2000)
      .default(defaultPromptTemplate)
      .describe(
        "The prompt around {system}, {instruction} and {input}; a line whose placeholders are all empty is left out.",
      ),
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

export type InstructSpec = z.output<typeof instructSpec>;
