import { createHash } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { keepData } from "../../src/cli/demo/kept-data.ts";
import type { GradientsClient } from "../../src/sdk/index.ts";

/** A customer whose task has these TEST rows. */
function customerWith(rows: string): GradientsClient {
  const sha256 = createHash("sha256").update(rows).digest("hex");
  const client: Partial<GradientsClient> = {
    url: "http://127.0.0.1",
    fetch: async () => new Response(rows),
    request: async () => ({ task: { splits: [{ split: "TEST", sha256, url: "/test" }] } }) as never,
  };
  return client as GradientsClient; // nothing else is asked of it
}

const programs = () => process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length;

it("rows that the evaluator refuses end the demo with its reason, and the evaluator", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "gradients-kept-"));
  const before = programs();
  const task = {
    id: "t",
    base: { repo: "gradients-demo/tiny-llama" },
    objective: { name: "token-cross-entropy", options: {} },
  };
  const places = { folder: folder.path, session: join(folder.path, "data") };
  await expect(keepData(customerWith("no row\n"), task, places)).rejects.toThrow(/refused the kept data: .*Line 1/);
  await expect.poll(programs).toBe(before);
});
