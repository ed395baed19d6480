// Writes the token sequences that torch_preference.py records preference losses and gradients for, after make-models.ts:
//   node scripts/golden/make-pairs.ts && python3 scripts/golden/torch_preference.py test/engine/golden
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRng, type Example } from "../../evaluators/embedded/engine/index.ts";

const file = join(import.meta.dirname, "..", "..", "test", "engine", "golden", "pairs.json");
const VOCABULARY = 53;
/** Tokens of the prompt, of the chosen and of the rejected completion. */
const lengths = [
  [4, 3, 5],
  [1, 9, 1],
  [12, 6, 6],
  [7, 1, 11],
  [20, 8, 2],
] as const;

const rng = createRng(21);
const draw = (length: number): number[] => Array.from({ length }, () => rng.below(VOCABULARY));

const pairs = lengths.map(([promptLength, ...completions]) => {
  const prompt = draw(promptLength);
  const [chosen, rejected] = completions.map((length): Example => {
    const ids = [...prompt, ...draw(length)];
    return { ids, counts: ids.map((_, position) => position >= promptLength) };
  });
  return { chosen, rejected };
});

writeFileSync(file, `${JSON.stringify({ beta: 0.1, pairs })}\n`);
