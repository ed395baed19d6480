import { startEvaluatorProgram, type FinalAnswer } from "../../src/core/contract/testing/evaluator-driver.ts";
import { embeddedEvaluator, torchEvaluator } from "./torch-program.ts";

export interface Asked {
  readonly embedded: FinalAnswer;
  readonly torch: FinalAnswer;
}

/** Both evaluators on the same session folder: everything is asked of both. */
export interface BothPrograms extends AsyncDisposable {
  ask(type: string, body: object): Promise<Asked>;
}

export function startBoth(folder: string): BothPrograms {
  const embedded = startEvaluatorProgram(embeddedEvaluator, folder);
  const torch = startEvaluatorProgram(torchEvaluator, folder);
  let id = 0;
  return {
    async ask(type, body) {
      const request = { ...body, id: ++id, type };
      const [ofEmbedded, ofTorch] = await Promise.all([embedded.ask(request), torch.ask(request)]);
      return { embedded: ofEmbedded, torch: ofTorch };
    },
    async [Symbol.asyncDispose]() {
      await embedded[Symbol.asyncDispose]();
      await torch[Symbol.asyncDispose]();
    },
  };
}
