/** One line for each part, so that the answer starts on a line of its own. */
export const defaultPromptTemplate = "{system}\n{instruction}\n{input}\n";

const placeholder = /\{([^{}\s]*)\}/g;
const roles = ["system", "instruction", "input"] as const;

const placeholdersOf = (text: string) => [...text.matchAll(placeholder)].map((match) => match[1] ?? "");

/** What is wrong with a template for these columns; the default serves with and without input and system. */
export function templateProblems(
  template: string,
  columns: { readonly input: string | null; readonly system: string | null },
): readonly string[] {
  const found = placeholdersOf(template);
  const problems = found
    .filter((name) => !roles.some((role) => role === name))
    .map((name) => `{${name}} is no placeholder: there are ${roles.map((role) => `{${role}}`).join(", ")}`);
  if (!found.includes("instruction")) problems.push("must contain {instruction}");
  for (const role of ["input", "system"] as const) {
    if (columns[role] !== null && !found.includes(role))
      problems.push(`must contain {${role}}, as there is such a column`);
  }
  return problems;
}

/** Fills the template in one pass, so that braces in the data mean nothing; a line whose placeholders are all empty is left out. */
export function fillPrompt(template: string, texts: Readonly<Record<string, string>>): string {
  return template
    .split("\n")
    .filter((line) => {
      const used = placeholdersOf(line);
      return used.length === 0 || used.some((role) => (texts[role] ?? "") !== "");
    })
    .map((line) => line.replace(placeholder, (_, role: string) => texts[role] ?? ""))
    .join("\n");
}
