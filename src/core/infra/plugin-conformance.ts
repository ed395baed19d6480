import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Conformance } from "../contract/testing/index.ts";
import { err, ok, type Result } from "../domain/index.ts";
import { importDefault } from "./import-default.ts";
import { packageOf } from "./package-of.ts";
import { locatePlugin } from "./plugin-loader.ts";

/** The cases that a loaded plugin's package exports from `./conformance`; none where there is no such export. */
export async function loadConformance(specifier: string, from: string): Promise<Result<Conformance, string>> {
  const located = locatePlugin(specifier, from);
  const own = located.ok ? packageOf(dirname(located.value)) : null;
  if (!located.ok || own === null) return ok({});
  const path = resolved(`${own.name}/conformance`, located.value);
  if (path === null) return ok({});
  const imported = await importDefault(path);
  if (!imported.ok) return err(`importing ${own.name}/conformance failed: ${imported.error}`);
  if (typeof imported.value !== "object" || imported.value === null) {
    return err(`${own.name}/conformance must export its cases by default`);
  }
  // Cases are code of the author's own: the kits fail where they are not what the types say.
  return ok(imported.value as Conformance);
}

function resolved(specifier: string, from: string): string | null {
  try {
    return createRequire(from).resolve(specifier);
  } catch {
    return null;
  }
}
