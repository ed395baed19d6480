// Writes the prompts, completions and rewards that torch_policy_reward.py records divergences and gradients for, after
// make-models.ts:
//   node scripts/golden/make-completions.ts && python3 scripts/golden/torch_policy_reward.py test/engine/golden
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRng } from "../../evaluators/embedded/engine/index.ts";

const file = join(import.meta.dirname, "..", "..", "test", "engine", "golden", "completions.json");
const VOCABULARY = 53;
/** Tokens of the prompt and of its completions. */
const lengths = [
  [5, 3, 7, 1],
  [1, 2, 9, 4],
  [11, 6, 6, 12],
] as const;

const rng = createRng(34);
const draw = (length: number): number[] => Array.from({ length }, () => rng.below(VOCABULARY));

const groups = lengths.map(([promptLength, ...completions]) => ({
  prompt: draw(promptLength),
  completions: completions.map(draw),
  rewards: completions.map(() => rng.next()),
}));
// All completions of a group alike: its advantages are zero.
const flat = { prompt: draw(4), completions: [draw(3), draw(5), draw(2)], rewards: [0.5, 0.5, 0.5] };

writeFileSync(file, `${JSON.stringify({ beta: 0.04, groups: [...groups, flat] })}\n`);
