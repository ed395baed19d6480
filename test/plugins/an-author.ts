import { cp, mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageFolder } from "../../src/core/infra/package-folder.ts";
import { runNode, type ProgramEnd } from "../helpers/run-program.ts";

const ours = (...path: readonly string[]): string => join(packageFolder, ...path);

/** The command line as it is installed. */
export const cli = (args: readonly string[], folder: string, environment: Readonly<Record<string, string>> = {}) =>
  runNode([ours("dist", "src", "cli.js"), ...args], { folder, environment });

/** What `npm install` leaves in an author's folder: gradients as a link, and a zod of his own. */
export async function installDevDependencies(folder: string): Promise<void> {
  await link(packageFolder, join(folder, "node_modules", "gradients"));
  await link(ours("node_modules", "vitest"), join(folder, "node_modules", "vitest"));
  await cp(ours("node_modules", "zod"), join(folder, "node_modules", "zod"), { recursive: true });
}

/** `npm run build` of an author's package. */
export const buildPackage = (folder: string): Promise<ProgramEnd> =>
  runNode([ours("node_modules", "typescript", "bin", "tsc"), "-p", "."], { folder });

/** `npm test` of an author's package. */
export const testPackage = (folder: string): Promise<ProgramEnd> =>
  runNode([ours("node_modules", "vitest", "vitest.mjs"), "run"], { folder });

export async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path, "junction");
}
