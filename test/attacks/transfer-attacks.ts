import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { sealSubmission } from "../../src/core/app/submissions/seal-submission.ts";
import { completeUpload } from "../../src/core/app/uploads/complete-upload.ts";
import { receiveUpload } from "../../src/core/app/uploads/receive-upload.ts";
import { Readable } from "node:stream";
import { aCompleteUpload, linkOf, open, send, sendAll, sha256Of } from "../intake/an-upload.ts";
import { valueOf } from "../intake/result.ts";
import { model, NOTHING_REFUSED, refusal, type Arena, type Outcome } from "./an-arena.ts";
import type { Attack } from "./attack.ts";

const seal = (arena: Arena, miner: Awaited<ReturnType<Arena["attacker"]>>["miner"], uploadId: string) =>
  sealSubmission(arena.app, miner, {
    idempotencyKey: randomUUID(),
    uploadId,
    artifactKind: "FULL",
    final: true,
    strategy: null,
  });

const ending = (stage: Outcome["stage"], code: string) => ({ stage, code, blamed: "MINER" }) as const;

/** Lies about bytes, and things that belong to others. */
export const TRANSFER_ATTACKS: readonly Attack[] = [
  {
    name: "more bytes than were declared",
    ...ending("upload", "UPLOAD_TOO_LARGE"),
    async run(arena) {
      const upload = valueOf(await open(arena.app, await arena.attacker(), model()));
      const sent = await send(arena.app, upload, 0, Buffer.alloc(900_000, "x"));
      expect(await arena.app.uploadParts.received(upload.id, 0)).toBe(0);
      return sent.ok ? NOTHING_REFUSED("upload") : refusal("upload", sent.error);
    },
  },
  {
    name: "other bytes than were announced",
    ...ending("completeUpload", "UPLOAD_DIGEST_MISMATCH"),
    async run(arena) {
      const at = await arena.attacker();
      const files = model();
      const upload = valueOf(await open(arena.app, at, files));
      const other = Buffer.alloc(files["config.json"]?.length ?? 0, "y");
      await sendAll(arena.app, upload, { ...files, "config.json": other });
      const complete = await completeUpload(arena.app, at.miner, { uploadId: upload.id });
      await arena.expectNotStored(other);
      return complete.ok ? NOTHING_REFUSED("completeUpload") : refusal("completeUpload", complete.error);
    },
  },
  {
    name: "a claim on a model that somebody else has stored",
    ...ending("completeUpload", "UPLOAD_INCOMPLETE"),
    async run(arena) {
      const at = await arena.attacker();
      // The honest model's hashes are known here; its bytes are never sent.
      const upload = valueOf(await open(arena.app, at, model()));
      expect(await arena.app.artifacts.stat(sha256Of(model()["config.json"] ?? Buffer.alloc(0)))).not.toBeNull();
      const complete = await completeUpload(arena.app, at.miner, { uploadId: upload.id });
      return complete.ok ? NOTHING_REFUSED("completeUpload") : refusal("completeUpload", complete.error);
    },
  },
  {
    name: "an edit after the seal",
    ...ending("upload", "UPLOAD_NOT_OPEN"),
    async run(arena) {
      const at = await arena.attacker();
      const upload = await aCompleteUpload(arena.app, at, model());
      const submission = valueOf(await seal(arena, at.miner, upload.id));
      const sent = await send(arena.app, upload, 0, Buffer.from("{}"));
      const now = await arena.app.store.findOne("submissions", { id: submission.id });
      expect(now?.files).toEqual(submission.files);
      return sent.ok ? NOTHING_REFUSED("upload") : refusal("upload", sent.error);
    },
  },
  {
    name: "a link with another file's number",
    ...ending("upload", "SIGNATURE_INVALID"),
    async run(arena) {
      const upload = valueOf(await open(arena.app, await arena.attacker(), model()));
      const link = { ...(await linkOf(arena.app, upload, 0)), index: 1 };
      const sent = await receiveUpload(arena.app, { ...link, offset: 0, body: Readable.from([Buffer.from("x")]) });
      return sent.ok ? NOTHING_REFUSED("upload") : refusal("upload", sent.error);
    },
  },
  {
    name: "a seal of somebody else's upload",
    ...ending("seal", "NOT_FOUND"),
    async run(arena) {
      const upload = await aCompleteUpload(arena.app, await arena.attacker(), model());
      const sealed = await seal(arena, (await arena.attacker()).miner, upload.id);
      return sealed.ok ? NOTHING_REFUSED("seal") : refusal("seal", sealed.error);
    },
  },
  {
    name: "a second seal of the same upload by a race",
    ...ending("seal", "UPLOAD_ALREADY_SEALED"),
    async run(arena) {
      const at = await arena.attacker();
      const { id } = await aCompleteUpload(arena.app, at, model());
      const seals = await Promise.all([seal(arena, at.miner, id), seal(arena, at.miner, id)]);
      expect(seals.filter(({ ok }) => ok)).toHaveLength(1);
      const [loser] = seals.flatMap((sealed) => (sealed.ok ? [] : [sealed.error]));
      return loser ? refusal("seal", loser) : NOTHING_REFUSED("seal");
    },
  },
];
