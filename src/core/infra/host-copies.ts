import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** What plugins make with these is handed to the host, which would not know what another copy made. */
const SHARED: ReadonlySet<string> = new Set(["gradients", "zod", "graphql"]);

const manifest = z.object({
  name: z.string(),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});

interface Package {
  readonly folder: string;
  readonly peers: Readonly<Record<string, string>>;
}

const pluginFolders = new Set<string>();
const packages = new Map<string, Package | null>();
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

/** The package that a folder is in: package.json files without a name only say how files are read. */
function packageOf(folder: string): Package | null {
  const known = packages.get(folder);
  if (known !== undefined) return known;
  const found = readPackage(folder) ?? (dirname(folder) === folder ? null : packageOf(dirname(folder)));
  packages.set(folder, found);
  return found;
}

function readPackage(folder: string): Package | null {
  const path = join(folder, "package.json");
  if (!existsSync(path)) return null;
  try {
    const parsed = manifest.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? { folder, peers: parsed.data.peerDependencies } : null;
  } catch {
    // Whoever imports it is told by Node.
    return null;
  }
}
