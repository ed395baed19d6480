import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const manifest = z.object({
  name: z.string(),
  exports: z.unknown(),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});

/** What a package.json says. */
export interface Package {
  readonly folder: string;
  readonly name: string;
  readonly hasExports: boolean;
  /** Version ranges by name. */
  readonly peers: Readonly<Record<string, string>>;
}

const known = new Map<string, Package | null>();

/** The package that a folder is in: package.json files without a name only say how files are read. Read once a process. */
export function packageOf(folder: string): Package | null {
  const cached = known.get(folder);
  if (cached !== undefined) return cached;
  const found = readPackage(folder) ?? (dirname(folder) === folder ? null : packageOf(dirname(folder)));
  known.set(folder, found);
  return found;
}

function readPackage(folder: string): Package | null {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return null;
  try {
    const parsed = manifest.safeParse(JSON.parse(readFileSync(path, "utf8")));
    if (!parsed.success) return null;
    const { name, exports, peerDependencies } = parsed.data;
    return { folder, name, hasExports: exports !== undefined, peers: peerDependencies };
  } catch {
    // Whoever imports it is told by Node.
    return null;
  }
}
