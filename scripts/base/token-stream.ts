import type { Tokenizer } from "../../evaluators/embedded/engine/index.ts";
import { demoConfig } from "./pretrain.ts";

/** The corpus as the model reads it: the lines one after the other, each between BOS and EOS. */
export function tokenStream(lines: readonly string[], tokenizer: Tokenizer): Uint16Array {
  const { bos_token_id: bos, eos_token_id: eos } = demoConfig;
  if (typeof bos !== "number") throw new Error("expected the demo config to name a BOS token");
  return Uint16Array.from(lines.flatMap((line) => [bos, ...tokenizer.encode(line), eos]));
}
