import { registerHooks } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { packageOf } from "./package-of.ts";

/** What plugins make with these is handed to the host, which would not know what another copy made. */
const SHARED: ReadonlySet<string> = new Set(["gradients", "zod", "graphql"]);

const pluginFolders = new Set<string>();
let listening = false;

/**
 * From now on the modules of the plugin's package, and of packages that name `gradients` as a peer dependency, get the
 * host's copy of `gradients`, `zod` and `graphql`, wherever they are installed and whatever lies in their node_modules.
 *
 * @param entry the file that the plugin is imported from. A plugin without a package.json: all that is in its folder.
 */
export function shareHostCopies(entry: string): void {
  pluginFolders.add(packageOf(dirname(entry))?.folder ?? dirname(entry));
  if (listening) return;
  listening = true;
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      SHARED.has(packageName(specifier)) && belongsToPlugin(context.parentURL)
        ? nextResolve(specifier, { ...context, parentURL: import.meta.url })
        : nextResolve(specifier, context),
  });
}

const packageName = (specifier: string): string => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

function belongsToPlugin(importer: string | undefined): boolean {
  if (importer?.startsWith("file:") !== true) return false;
  const folder = dirname(fileURLToPath(importer));
  const own = packageOf(folder);
  return pluginFolders.has(own?.folder ?? folder) || (own !== null && "gradients" in own.peers);
}
