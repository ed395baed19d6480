import { z } from "zod";
import { defaultPromptTemplate, templateProblems } from "./prompt-template.ts";

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
    for (const message of templateProblems(spec.promptTemplate, spec.columns)) {
      context.addIssue({ code: "custom", path: ["promptTemplate"], message });
    }
  });

export type InstructSpec = z.output<typeof instructSpec>;
