import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";

const packageJson = findPackageJSON(import.meta.url);
if (packageJson === undefined) throw new Error("The package's folder was not found.");

/** A path in the package's folder, for what is shipped but not compiled. */
export const inPackage = (...path: readonly string[]): string => join(dirname(packageJson), ...path);
