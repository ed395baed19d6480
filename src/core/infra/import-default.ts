import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { err, ok, type Result } from "../domain/index.ts";
import { rememberIntrinsics } from "./intrinsics.ts";

/** A top-level await may never settle. */
const WITHIN_MS = 30_000;

/**
 * Imports a plugin's module: what it exports by default, or why it can't be imported. It can't end the process, hold it up
 * or change the language for everybody else. Only one at a time.
 *
 * @param withinMs how long it may take.
 */
export async function importDefault(path: string, withinMs: number = WITHIN_MS): Promise<Result<unknown, string>> {
  const exit = Reflect.getOwnPropertyDescriptor(process, "exit") ?? {};
  const intrinsics = rememberIntrinsics();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`it was not there after ${withinMs / 1000} s`)), withinMs);
  const refuseExit = (code?: number | string | null): never => {
    throw new Error(`it called process.exit(${code ?? ""})`);
  };
  Reflect.defineProperty(process, "exit", { ...exit, value: refuseExit });
  try {
    const importing: Promise<{ readonly default?: unknown }> = import(pathToFileURL(path).href);
    const module = await Promise.race([importing, late.promise]);
    const changed = intrinsics.restore();
    return changed.length === 0 ? ok(module.default) : err(`it changed what all modules share: ${changed.join(", ")}`);
  } catch (error) {
    // Anything may be thrown, things that are no text included.
    return err(error instanceof Error ? error.message : inspect(error));
  } finally {
    intrinsics.restore();
    Reflect.defineProperty(process, "exit", exit);
    clearTimeout(timer);
  }
}
