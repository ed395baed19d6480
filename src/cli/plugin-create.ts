import { Option, type Command } from "commander";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-codes.ts";
import { printLines } from "./output.ts";
import { inPackage } from "./package-root.ts";

const KINDS = ["task-type", "eval-runner", "anti-gaming-rule"] as const;

interface Options {
  readonly kind: (typeof KINDS)[number];
  readonly folder?: string;
}

const ENDING = ".template";

/** `gradients plugin create`: a package that builds, passes its kit and has a page. */
export function addPluginCreateCommand(plugin: Command): void {
  plugin
    .command("create <name>")
    .description("make a package for a plugin of your own")
    .addOption(new Option("--kind <kind>", "what it provides").choices(KINDS).makeOptionMandatory())
    .option("--folder <folder>", "where; by default a new folder with the package's name")
    .addHelpText("after", "\nExample:\n  gradients plugin create gradients-plugin-poem --kind task-type")
    .action(async (name: string, { kind, folder }: Options) => {
      const target = resolve(folder ?? basename(name));
      const files = await createPluginPackage(name, kind, target);
      const shown = relative(process.cwd(), target) || ".";
      printLines(
        ...files.map((file) => join(shown, file)),
        "",
        `Next: cd ${shown}, npm install, npm run build, npm test, npm run check`,
      );
    });
}

/**
 * Writes the package and returns its files' paths in it.
 *
 * @throws CommandError for a name that is none, and for a folder that is not empty
 */
export async function createPluginPackage(
  packageName: string,
  kind: Options["kind"],
  target: string,
): Promise<readonly string[]> {
  const words = wordsOf(packageName);
  if ((await readdir(target).catch(() => [])).length > 0) {
    throw new CommandError(`${target} is not empty: choose another folder.`, EXIT.usage);
  }
  const texts = textsFor(packageName, words, target);
  const files: string[] = [];
  for (const templates of ["package", kind]) {
    const folder = inPackage("templates", templates);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const source = join(entry.parentPath, entry.name);
      const file = fill(relative(folder, source).slice(0, -ENDING.length), texts);
      await mkdir(dirname(join(target, file)), { recursive: true });
      await writeFile(join(target, file), fill(await readFile(source, "utf8"), texts));
      files.push(file);
    }
  }
  return files.toSorted();
}

/** The words of what the plugin is called: of the package's name without its scope and usual beginning. */
function wordsOf(packageName: string): readonly string[] {
  const match = /^(?:@[a-z0-9][a-z0-9._-]*\/)?(?:gradients-)?(?:plugin-)?(?<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/.exec(
    packageName,
  );
  const name = match?.groups?.["name"];
  if (name !== undefined) return name.split("-");
  throw new CommandError(
    `"${packageName}" is no name for a package: expected lower-case words with hyphens, for example gradients-plugin-poem.`,
    EXIT.usage,
  );
}

function textsFor(packageName: string, words: readonly string[], target: string): Readonly<Record<string, string>> {
  return {
    package: packageName,
    name: words.join("-"),
    Name: words.map(capital).join(""),
    title: capital(words.join(" ")),
    host: relative(target, inPackage()).replaceAll("\\", "/"),
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const fill = (template: string, texts: Readonly<Record<string, string>>): string =>
  template.replace(/__([a-zA-Z]+)__/g, (placeholder, key: string) => texts[key] ?? placeholder);
