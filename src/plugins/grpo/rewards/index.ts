import type { BuiltinReward } from "./builtin-reward.ts";
import { exactAnswer } from "./exact-answer.ts";
import { format } from "./format.ts";
import { jsonSchema } from "./json-schema.ts";
import { length } from "./length.ts";
import { numericCloseness } from "./numeric-closeness.ts";
import { regularExpression } from "./regular-expression.ts";

/** Every version of every built-in reward. */
export const builtinRewards: readonly BuiltinReward[] = Object.freeze([
  exactAnswer,
  numericCloseness,
  format,
  length,
  regularExpression,
  jsonSchema,
]);

export type { BuiltinReward } from "./builtin-reward.ts";
