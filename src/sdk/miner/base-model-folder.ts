import { access } from "node:fs/promises";
import { join } from "node:path";

/** Where a miner keeps a base model: `<models>/<repo>/<revision>`, or `<models>/<repo>` where it has only one revision; null where it has none. */
export async function findBaseModel(
  models: string,
  base: { readonly repo: string; readonly revision: string },
): Promise<string | null> {
  const repo = join(models, ...base.repo.split("/").filter((part) => part !== "" && part !== "." && part !== ".."));
  for (const folder of [join(repo, base.revision), repo]) {
    const found = await access(join(folder, "config.json")).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  return null;
}
