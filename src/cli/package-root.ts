import { join } from "node:path";
import { packageFolder } from "../core/infra/package-folder.ts";

/** A path in the package's folder, for what is shipped but not compiled. */
export const inPackage = (...path: readonly string[]): string => join(packageFolder, ...path);
