import { findPackageJSON } from "node:module";
import { dirname } from "node:path";

const packageJson = findPackageJSON(import.meta.url);
if (packageJson === undefined) throw new Error("The package's folder was not found.");

/** The package's folder: what is shipped but not compiled is found from it, from the sources and from dist/ alike. */
export const packageFolder: string = dirname(packageJson);
