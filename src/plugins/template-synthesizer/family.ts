import { z } from "zod";

const slotPattern = /\{([a-z]+)\}/g;

/** A family file (docs/datasets.md): many ways to ask the same thing. Every template has every slot exactly once. */
export const familySchema = z
  .strictObject({
    format: z.literal(1),
    family: z.string().min(1),
    description: z.string().min(1),
    slots: z.record(
      z.string().regex(/^[a-z]+$/),
      z.strictObject({ values: z.array(z.string().min(1)).min(1).optional() }),
    ),
    templates: z
      .array(z.strictObject({ id: z.string().min(1), text: z.string().min(1), usedInRows: z.boolean() }))
      .min(2),
  })
  .superRefine((family, context) => {
    const expected = Object.keys(family.slots).toSorted().join(", ");
    family.templates.forEach((template, index) => {
      const found = slotNames(template.text).toSorted().join(", ");
      if (found === expected) return;
      const message = `template ${template.id} must have each of the slots ${expected} once, found ${found || "none"}`;
      context.addIssue({ code: "custom", path: ["templates", index, "text"], message });
    });
  });

export type Template = z.output<typeof familySchema>["templates"][number];

/** A family that is ready to recognise prompts. */
export interface Family {
  readonly name: string;
  readonly templates: readonly Template[];
  /** Every template that could have made the prompt, with what is in its slots. */
  match(prompt: string): readonly FamilyMatch[];
}

export interface FamilyMatch {
  readonly family: Family;
  readonly template: Template;
  readonly slots: Readonly<Record<string, string>>;
}

/**
 * Parses the content of a family file.
 *
 * @throws {z.ZodError} where it breaks the format.
 */
export function parseFamily(content: unknown): Family {
  const { family: name, slots, templates } = familySchema.parse(content);
  const patterns = templates.map((template) => ({ template, pattern: templatePattern(template.text, slots) }));
  const family: Family = {
    name,
    templates,
    match: (prompt) =>
      patterns.flatMap(({ template, pattern }) => {
        const groups = pattern.exec(prompt)?.groups;
        return groups ? [{ family, template, slots: { ...groups } }] : [];
      }),
  };
  return family;
}

/** The prompt that a template makes of what is in the slots; slots' texts are never read as templates. */
export function fillTemplate(template: Template, slots: Readonly<Record<string, string>>): string {
  return template.text.replace(slotPattern, (slot, name: string) => slots[name] ?? slot);
}

const slotNames = (text: string) => [...text.matchAll(slotPattern)].map((match) => match[1] ?? "");

function templatePattern(
  text: string,
  slots: Readonly<Record<string, { readonly values?: readonly string[] | undefined }>>,
): RegExp {
  // split() with one capture group alternates literal text and slot names.
  const source = text
    .split(slotPattern)
    .map((part, index) => {
      if (index % 2 === 0) return escapeRegExp(part);
      const values = slots[part]?.values;
      return `(?<${part}>${values ? values.map(escapeRegExp).join("|") : "\\S(?:[^\\n]*\\S)?"})`;
    })
    .join("");
  return new RegExp(`^${source}$`, "u");
}

const escapeRegExp = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
