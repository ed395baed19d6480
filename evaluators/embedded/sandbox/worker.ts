// A thread that runs one call after the other for sandbox.ts, which waits for it and ends it where it takes too long.
import { type MessagePort, workerData } from "node:worker_threads";
import { type AnswerSignal, signalAnswer } from "./answer-signal.ts";
import { callCode, type CodeCall, createQuickJs } from "./quick-js.ts";

// Made by sandbox.ts, which starts this file and nothing else does.
const { port, signal } = workerData as { readonly port: MessagePort; readonly signal: AnswerSignal };

function answer(message: unknown): void {
  port.postMessage(message);
  signalAnswer(signal);
}

let quickJs = await createQuickJs();

port.on("message", (call: CodeCall) => {
  const result = callCode(quickJs, call);
  if (result.ok) answer(result);
  else {
    void createQuickJs().then((fresh) => {
      quickJs = fresh;
      answer(result);
    });
  }
});
answer("ready");
