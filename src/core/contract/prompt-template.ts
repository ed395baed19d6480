const placeholder = /\{([^{}\s]*)\}/g;

const placeholdersOf = (text: string) => [...text.matchAll(placeholder)].map((match) => match[1] ?? "");

/** What is wrong with a prompt template: it may name the given roles only, and must name the required ones. */
export function promptTemplateProblems(
  template: string,
  { roles, required }: { readonly roles: readonly string[]; readonly required: readonly string[] },
): readonly string[] {
  const found = placeholdersOf(template);
  const known = roles.map((role) => `{${role}}`).join(", ");
  return [
    ...found.filter((name) => !roles.includes(name)).map((name) => `{${name}} is no placeholder: there are ${known}`),
    ...required.filter((role) => !found.includes(role)).map((role) => `must contain {${role}}`),
  ];
}

/**
 * Fills a prompt template in one pass, so that braces in the data mean nothing. A line whose placeholders are all empty
 * is left out.
 */
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
