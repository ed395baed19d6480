import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import variant from "@jitl/quickjs-wasmfile-release-sync";
import {
  DefaultIntrinsics,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
  Scope,
} from "quickjs-emscripten-core";
import type { CodeResult } from "./code-fault.ts";
import { SANDBOX_LIMITS } from "./limits.ts";

/** A function call on somebody's code. */
export interface CodeCall {
  /** A script that defines the function. */
  readonly source: string;
  /** Name of the function, which gets one argument and returns a list of numbers. */
  readonly name: string;
  /** The argument, as JSON. */
  readonly input: string;
  /** How many numbers the list must have. */
  readonly count: number;
}

const PAGE_BYTES = 65_536;
const INITIAL_PAGES = 256;

// The package's types describe its CommonJS build; imported, the default export is the variant itself.
const build = variant as unknown as QuickJSSyncVariant;

let compiled: WebAssembly.Module | undefined;

/** A fresh QuickJS with a memory of its own, which nothing can make larger than the limit. */
export async function createQuickJs(): Promise<QuickJSWASMModule> {
  const file = createRequire(import.meta.url).resolve("@jitl/quickjs-wasmfile-release-sync/wasm");
  compiled ??= new WebAssembly.Module(readFileSync(file));
  const maximum = SANDBOX_LIMITS.memoryBytes / PAGE_BYTES;
  const wasmMemory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum });
  return newQuickJSWASMModuleFromVariant(newVariant(build, { wasmModule: compiled, wasmMemory }));
}

/** No clock and no chance: the same call must give the same numbers everywhere. */
const intrinsics = { ...DefaultIntrinsics, Date: false };
const prelude = "delete Math.random;";

/**
 * Runs a call in a context of its own: nothing of an earlier call is left. A faulty call may leave the instance in a
 * state that is not to be trusted: make a fresh one.
 */
export function callCode(quickJs: QuickJSWASMModule, call: CodeCall): CodeResult {
  let interrupts = 0;
  try {
    return Scope.withScope((scope) => {
      const runtime = scope.manage(quickJs.newRuntime({ maxStackSizeBytes: SANDBOX_LIMITS.stackBytes }));
      runtime.setInterruptHandler(() => (interrupts += 1) > SANDBOX_LIMITS.interrupts);
      const context = scope.manage(runtime.newContext({ intrinsics }));
      return run(context, scope, call);
    });
  } catch (error) {
    if (interrupts > SANDBOX_LIMITS.interrupts) {
      return { ok: false, kind: "TIMEOUT", message: `took more than ${SANDBOX_LIMITS.interrupts} x 10,000 steps` };
    }
    if (error instanceof Thrown) return { ok: false, ...error.fault };
    // The interpreter itself gave in, for example to very deep recursion in one of its parsers.
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, kind: "THREW", message: `brought the interpreter down: ${message}` };
  }
}

function run(context: QuickJSContext, scope: Scope, { source, name, input, count }: CodeCall): CodeResult {
  const evaluate = (code: string, kind: "BROKEN" | "THREW"): QuickJSHandle => {
    const result = context.evalCode(code, `${name}.js`);
    if (result.error !== undefined) throw new Thrown(context, scope.manage(result.error), kind);
    return scope.manage(result.value);
  };
  evaluate(prelude, "BROKEN");
  const parse = evaluate("JSON.parse", "BROKEN");
  evaluate(source, "BROKEN");
  const called = evaluate(`typeof ${name} === "function" ? ${name} : undefined`, "BROKEN");
  if (context.typeof(called) !== "function")
    return { ok: false, kind: "BROKEN", message: `defines no function ${name}` };

  const invoke = (callee: QuickJSHandle, argument: QuickJSHandle): QuickJSHandle => {
    const result = context.callFunction(callee, context.undefined, argument);
    if (result.error !== undefined) throw new Thrown(context, scope.manage(result.error), "THREW");
    return scope.manage(result.value);
  };
  const argument = invoke(parse, scope.manage(context.newString(input)));
  const list = invoke(called, argument);
  if (context.typeof(list) !== "object" || isNull(context, list))
    return { ok: false, kind: "WRONG_LENGTH", message: `returned no list, expected ${count} numbers` };
  const length = numberOf(context, scope.manage(context.getProp(list, "length")));
  if (length !== count)
    return { ok: false, kind: "WRONG_LENGTH", message: `returned ${length ?? "no"} numbers, expected ${count}` };
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) {
    const number = numberOf(context, scope.manage(context.getProp(list, i)));
    if (number === undefined || !Number.isFinite(number))
      return { ok: false, kind: "NOT_A_NUMBER", message: `returned ${number ?? "no number"} at position ${i}` };
    numbers.push(number);
  }
  return { ok: true, numbers };
}

const isNull = (context: QuickJSContext, handle: QuickJSHandle): boolean => context.eq(handle, context.null);

function numberOf(context: QuickJSContext, handle: QuickJSHandle): number | undefined {
  return context.typeof(handle) === "number" ? context.getNumber(handle) : undefined;
}

const LONGEST_MESSAGE = 500;

/** What the code threw, as text: its own words, so they are cut and never trusted. */
class Thrown extends Error {
  readonly fault: { readonly kind: "BROKEN" | "THREW" | "MEMORY"; readonly message: string };

  constructor(context: QuickJSContext, thrown: QuickJSHandle, kind: "BROKEN" | "THREW") {
    super("the code threw");
    const read = (property: string): string | undefined => {
      const value = context.getProp(thrown, property);
      try {
        return context.typeof(value) === "string" ? context.getString(value).slice(0, LONGEST_MESSAGE) : undefined;
      } finally {
        value.dispose();
      }
    };
    // With no memory left there is not even an error: null is thrown.
    if (isNull(context, thrown)) this.fault = { kind: "MEMORY", message: "used up its memory" };
    else if (context.typeof(thrown) === "object") {
      const [name, message] = [read("name") ?? "Error", read("message") ?? ""];
      const outOfMemory = name === "InternalError" && message === "out of memory";
      this.fault = outOfMemory
        ? { kind: "MEMORY", message: "used up its memory" }
        : { kind, message: `threw ${name}: ${message}` };
    } else this.fault = { kind, message: `threw a ${context.typeof(thrown)}` };
  }
}
