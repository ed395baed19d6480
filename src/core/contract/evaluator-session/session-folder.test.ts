import { mkdir, mkdtempDisposable, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createSessionFolder } from "./session-folder.ts";

it("keeps nothing of a submission that could not be copied as a whole: a full disk gets its room back", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "gradients-session-"));
  const submission = join(folder.path, "submission");
  await mkdir(submission);
  await writeFile(join(submission, "adapter_model.safetensors"), "weights");
  await symlink("/etc/passwd", join(submission, "z-link"));
  await using session = await createSessionFolder(folder.path, { basePath: folder.path, sets: {} }, true);
  await expect(session.withSubmission(submission)).rejects.toThrow("neither a file nor a folder");
  expect(await readdir(join(session.path, "submissions"))).toEqual([]);
});
