import { mkdir, mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { openDemoFolder } from "../../src/cli/demo/demo-folder.ts";

it("a demo removes what a killed one has left, and neither what is kept nor what another one is at", async () => {
  await using root = await mkdtempDisposable(join(tmpdir(), "gradients-demos-"));
  const running = basename(await openDemoFolder(false, root.path));
  const kept = basename(await openDemoFolder(true, root.path));
  await mkdir(join(root.path, "gradients-demo-999999999-killed", "server"), { recursive: true });
  const own = basename(await openDemoFolder(false, root.path));
  expect((await readdir(root.path)).toSorted()).toEqual([running, kept, own].toSorted());
});
