import { extname } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { type AnswerSignal, createAnswerSignal, expectAnswer, waitForAnswer } from "./answer-signal.ts";
import type { CodeResult } from "./code-fault.ts";
import { SANDBOX_LIMITS } from "./limits.ts";
import type { CodeCall } from "./quick-js.ts";

/** Runs code that came with a task: JavaScript in QuickJS in WebAssembly in a thread that can be ended. */
export interface Sandbox extends Disposable {
  /** Waits for the result; the caller's thread does nothing else meanwhile. */
  call(call: CodeCall): CodeResult;
}

const STARTUP_MS = 60_000;

/** A sandbox whose thread starts with the first call, and again after a call that had to be ended after `wallMs`. */
export function createSandbox(wallMs: number = SANDBOX_LIMITS.wallMs): Sandbox {
  let thread: Thread | undefined;
  const end = (): void => {
    thread?.end();
    thread = undefined;
  };
  return {
    call(call) {
      thread ??= startThread();
      const result = thread.ask(call, wallMs);
      if (result !== undefined) return result;
      end();
      return { ok: false, kind: "TIMEOUT", message: `took more than ${wallMs} ms` };
    },
    [Symbol.dispose]: end,
  };
}

interface Thread {
  /** Undefined where no answer came in time. */
  ask(call: CodeCall, timeoutMs: number): CodeResult | undefined;
  end(): void;
}

function startThread(): Thread {
  const signal = createAnswerSignal();
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: { port: port2, signal },
    transferList: [port2],
    // Above what QuickJS allows itself, so that its own limit is the one that is met.
    resourceLimits: { stackSizeMb: 16 },
    env: {},
  });
  // Neither keeps the program alive.
  worker.unref();
  port1.unref();
  if (wait(port1, signal, STARTUP_MS) === undefined) {
    void worker.terminate();
    throw new Error(`The sandbox's thread did not start within ${STARTUP_MS} ms.`);
  }
  return {
    ask(call, timeoutMs) {
      expectAnswer(signal);
      port1.postMessage(call);
      // The worker is this package's own, so what it sends is a result.
      return wait(port1, signal, timeoutMs) as CodeResult | undefined;
    },
    end() {
      port1.close();
      void worker.terminate();
    },
  };
}

/** Blocks until the other side has answered; undefined where that takes longer. */
function wait(port: MessagePort, signal: AnswerSignal, timeoutMs: number): unknown {
  return waitForAnswer(signal, timeoutMs) ? receiveMessageOnPort(port)?.message : undefined;
}
