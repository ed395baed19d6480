import type { Result } from "../../domain/index.ts";
import { parseConfig, type Config } from "./config.ts";

/** sysexits' EX_CONFIG: how a process ends whose configuration is wrong. */
export const EXIT_CONFIG = 78;

/** The configuration of this process. The only look at its environment. */
export function readConfig(packageFolder: string): Result<Config, readonly string[]> {
  return parseConfig(process.env, { workingFolder: process.cwd(), packageFolder });
}
