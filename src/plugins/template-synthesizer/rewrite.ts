import type { RewriteOutcome, RewriteRequest } from "../../core/contract/index.ts";
import { shuffle } from "../../core/domain/index.ts";
import { fillTemplate, type Family, type FamilyMatch } from "./family.ts";

/** A prompt of a template family is one line of a sentence or two; longer texts are not worth a search. */
const longestPrompt = 4000;

/**
 * The row with each rewritable text asked in another way of its family, and everything else as it is. Templates that no
 * row of the data set uses come first; texts of no family stay, but at least one must change.
 */
export function rewriteByTemplate(
  families: readonly Family[],
  request: Pick<RewriteRequest, "row" | "synthesis" | "variant" | "attempt" | "rng">,
): RewriteOutcome {
  const { row, synthesis } = request;
  const texts = synthesis.rewrite.filter((role) => (row[role] ?? "") !== "");
  const rewritten: Record<string, string> = {};
  for (const role of texts) {
    const matches = matchesOf(families, row[role] ?? "");
    if (matches.length > 1) {
      const names = matches.map(({ family, template }) => `${family.name}/${template.id}`).join(", ");
      return { status: "refused", reason: `${role} could be made by several templates: ${names}` };
    }
    for (const match of matches) rewritten[role] = fillTemplate(otherTemplate(match, request), match.slots);
  }
  if (Object.keys(rewritten).length > 0) return { status: "rewritten", row: { ...row, ...rewritten } };
  const known = families.map(({ name }) => name).join(", ") || "none";
  return {
    status: "refused",
    reason: `no template matches ${texts.join(" or ") || "an empty row"} (families: ${known})`,
  };
}

const matchesOf = (families: readonly Family[], text: string): readonly FamilyMatch[] =>
  text.length > longestPrompt ? [] : families.flatMap((family) => family.match(text));

/** Variants and retries of one row take turns through the shuffled templates, so that with the same rng they differ. */
function otherTemplate(
  { family, template }: FamilyMatch,
  { variant, attempt, rng }: Pick<RewriteRequest, "variant" | "attempt" | "rng">,
) {
  const others = family.templates.filter((other) => other.id !== template.id);
  const order = [
    ...shuffle(
      others.filter((other) => !other.usedInRows),
      rng,
    ),
    ...shuffle(
      others.filter((other) => other.usedInRows),
      rng,
    ),
  ];
  return order[(variant + attempt) % order.length] ?? template;
}
