import { z } from "zod";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { withIdempotency } from "../idempotency.ts";
import { id, idempotencyKey, sha256 } from "../input-schemas.ts";
import { ownAssignment, refuseNonMiner } from "../miners/own-miner.ts";
import { parseInput } from "../parse-input.ts";
import type { Tx } from "../ports.ts";
import type { Principal } from "../principal.ts";
import type { UploadFile, UploadRecord } from "../records.ts";
import { checkSealable } from "../submissions/check-sealable.ts";
import { modelFilesProblem } from "./model-files-problem.ts";

const schema = z.object({
  idempotencyKey,
  assignmentId: id,
  files: z.array(
    z.object({ path: z.string(), bytes: z.int().positive("expected a file with at least one byte"), sha256 }),
  ),
});

/** Opens an upload for an own assignment in training: names, sizes and hashes of all files are fixed here. */
export async function createUpload(
  app: App,
  principal: Principal,
  input: z.input<typeof schema>,
): Promise<AppResult<UploadRecord>> {
  if (principal.kind !== "MINER") return refuseNonMiner(principal);
  const parsed = parseInput(schema, input);
  if (!parsed.ok) return parsed;
  const { idempotencyKey: key, ...body } = parsed.value;
  const files = checkFiles(app, body.files);
  if (!files.ok) return files;
  const call = { mutation: "createUpload", key, body, table: "uploads" } as const;
  return withIdempotency(app, principal, call, async (tx, id) => {
    const own = await ownAssignment(tx, principal, body.assignmentId);
    if (!own.ok) return own;
    const sealable = await checkSealable(app, tx, own.value, ["input", "assignmentId"]);
    if (!sealable.ok) return sealable;
    const room = await checkOpenUploads(app, tx, body.assignmentId);
    if (!room.ok) return room;
    const announced = body.files.map(({ sha256: name }) => name);
    await tx.lockBlobs(announced, { alone: false });
    const createdAt = app.clock.now();
    const expiresAt = new Date(createdAt.getTime() + app.settings.uploads.expiryMs);
    const minerId = principal.minerId;
    return ok(await tx.insert("uploads", { id, ...body, minerId, status: "OPEN", expiresAt, createdAt }));
  });
}

function checkFiles(app: App, files: readonly UploadFile[]): AppResult<true> {
  const problem = modelFilesProblem(app.settings.uploads, files);
  if (problem === null) return ok(true);
  const { code, message, index } = problem;
  return fail(code, message, ["input", "files", ...(index === null ? [] : [String(index), "path"])]);
}

/** Bounds what one assignment can hold on disk without sealing it. */
async function checkOpenUploads(app: App, tx: Tx, assignmentId: string): Promise<AppResult<true>> {
  const { maxPerAssignment } = app.settings.uploads;
  const where = { assignmentId, status: { in: ["OPEN", "COMPLETE"] }, expiresAt: { gt: app.clock.now() } } as const;
  const open = await tx.count("uploads", where);
  if (open < maxPerAssignment) return ok(true);
  const message = `${open} uploads of this assignment are not sealed: seal one, or wait until one expires`;
  return fail("TOO_MANY_UPLOADS", message, ["input", "assignmentId"]);
}
