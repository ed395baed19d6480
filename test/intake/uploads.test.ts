import { randomUUID } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { openDownload, signDownload } from "../../src/core/app/downloads/download-link.ts";
import { completeUpload } from "../../src/core/app/uploads/complete-upload.ts";
import { createUpload } from "../../src/core/app/uploads/create-upload.ts";
import { expireUploads } from "../../src/core/app/uploads/expire-uploads.ts";
import { uploadOffset } from "../../src/core/app/uploads/receive-upload.ts";
import { uploadProgress } from "../../src/core/app/uploads/upload-progress.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { aMiner } from "./a-miner.ts";
import { aCompleteUpload, aModel, announce, linkOf, open, send, sendAll, sha256Of } from "./an-upload.ts";
import { anAssignment } from "./an-assignment.ts";
import { failure, valueOf } from "./result.ts";
import { tinyBases } from "./tiny-base.ts";

const test = withTestApp({ parts: { bases: tinyBases } });

describe("createUpload", () => {
  it("opens an upload whose files can be sent, and answers a retry with the same one", async () => {
    const at = await anAssignment(test.app);
    const key = randomUUID();
    const upload = valueOf(await open(test.app, at, aModel(), key));
    expect(valueOf(await open(test.app, at, aModel(), key))).toEqual(upload);
    expect(upload).toMatchObject({ status: "OPEN", minerId: at.miner.minerId, files: announce(aModel()) });
    const progress = await uploadProgress(test.app, upload);
    expect(progress.map(({ path, received }) => [path, received])).toEqual([
      ["config.json", 0],
      ["model.safetensors", 0],
    ]);
  });

  it.each([
    ["../config.json"],
    ["/etc/passwd"],
    ["folder/config.json"],
    ["config.json\0"],
    ["pytorch_model.bin"],
    ["model.pkl"],
    ["modeling_llama.py"],
    ["adapter_model.bin"],
    ["CONFIG.JSON"],
    [""],
  ])("refuses a file named %j", async (path) => {
    const at = await anAssignment(test.app);
    const files = [{ path, bytes: 1, sha256: "a".repeat(64) }];
    const input = { idempotencyKey: randomUUID(), assignmentId: at.assignmentId, files };
    expect(await createUpload(test.app, at.miner, input)).toMatchObject({
      error: { code: "UPLOAD_FILE_REFUSED", path: ["input", "files", "0", "path"] },
    });
  });

  it("refuses no files, too many, the same twice, empty ones, too many bytes and odd hashes", async () => {
    const at = await anAssignment(test.app);
    const file = { path: "config.json", bytes: 1, sha256: "a".repeat(64) };
    const { maxBytes } = test.app.settings.uploads;
    const create = (files: { path: string; bytes: number; sha256: string }[]) =>
      createUpload(test.app, at.miner, { idempotencyKey: randomUUID(), assignmentId: at.assignmentId, files });
    expect(await create([])).toEqual(failure("UPLOAD_FILE_REFUSED"));
    expect(await create(Array.from({ length: 9 }, () => file))).toEqual(failure("UPLOAD_FILE_REFUSED"));
    expect(await create([file, file])).toEqual(failure("UPLOAD_FILE_REFUSED"));
    expect(
      await create([
        { ...file, bytes: maxBytes },
        { ...file, path: "README.md" },
      ]),
    ).toEqual(failure("UPLOAD_TOO_LARGE"));
    for (const wrong of [{ bytes: 0 }, { bytes: -1 }, { bytes: 1.5 }, { sha256: "A".repeat(64) }, { sha256: "a" }]) {
      expect(await create([{ ...file, ...wrong }])).toEqual(failure("INVALID_INPUT"));
    }
  });

  it("answers for somebody else's assignment as for one that does not exist", async () => {
    const at = await anAssignment(test.app);
    const stranger = { ...at, miner: await aMiner(test.app) };
    const notThere = { ...at, assignmentId: randomUUID() };
    expect(await open(test.app, stranger)).toEqual(failure("NOT_FOUND"));
    expect(await open(test.app, stranger)).toEqual(await open(test.app, notThere));
  });

  it("is over with the deadline and with the assignment", async () => {
    const late = await anAssignment(test.app);
    const gone = await anAssignment(test.app, { status: "WITHDRAWN" });
    const notYet = await anAssignment(test.app, { status: "ACCEPTED", task: { status: "RECRUITING", deadline: null } });
    expect(await open(test.app, gone)).toEqual(failure("ASSIGNMENT_NOT_ACTIVE"));
    expect(await open(test.app, notYet)).toEqual(failure("ASSIGNMENT_NOT_ACTIVE"));
    test.clock.advance(60_000);
    expect(await open(test.app, late)).toEqual(failure("DEADLINE_PASSED"));
  });

  it("bounds the uploads that are not sealed", async () => {
    const at = await anAssignment(test.app);
    const { maxPerAssignment } = test.app.settings.uploads;
    for (let count = 0; count < maxPerAssignment; count += 1) valueOf(await open(test.app, at));
    expect(await open(test.app, at)).toEqual(failure("TOO_MANY_UPLOADS"));
  });
});

describe("sending a file", () => {
  it("goes on where it stopped", async () => {
    const at = await anAssignment(test.app);
    const files = aModel();
    const upload = valueOf(await open(test.app, at, files));
    const weights = files["model.safetensors"] ?? Buffer.alloc(0);
    valueOf(await send(test.app, upload, 1, weights.subarray(0, 10)));
    expect(valueOf(await uploadOffset(test.app, await linkOf(test.app, upload, 1)))).toEqual({
      received: 10,
      bytes: weights.length,
    });
    valueOf(await send(test.app, upload, 1, weights.subarray(10), 10));
    valueOf(await send(test.app, upload, 0, files["config.json"] ?? Buffer.alloc(0)));
    expect(valueOf(await completeUpload(test.app, at.miner, { uploadId: upload.id }))).toMatchObject({
      status: "COMPLETE",
    });
  });

  it("is refused at another offset and beyond the declared size, and loses nothing", async () => {
    const at = await anAssignment(test.app);
    const upload = valueOf(await open(test.app, at));
    valueOf(await send(test.app, upload, 1, Buffer.alloc(4)));
    expect(await send(test.app, upload, 1, Buffer.alloc(4))).toEqual(failure("UPLOAD_OFFSET_MISMATCH"));
    expect(await send(test.app, upload, 1, Buffer.alloc(4), 5)).toEqual(failure("UPLOAD_OFFSET_MISMATCH"));
    expect(await send(test.app, upload, 1, Buffer.alloc(100_000), 4)).toEqual(failure("UPLOAD_TOO_LARGE"));
    expect(valueOf(await uploadOffset(test.app, await linkOf(test.app, upload, 1)))).toMatchObject({ received: 4 });
  });

  it("needs the link as it was signed, while it lasts", async () => {
    const at = await anAssignment(test.app);
    const upload = valueOf(await open(test.app, at));
    const link = await linkOf(test.app, upload, 0);
    const changes = [
      { index: 1 },
      { expires: link.expires + 1 },
      { signature: "" },
      { uploadId: randomUUID() },
      { expires: Number.NaN },
    ];
    for (const change of changes) {
      expect(await uploadOffset(test.app, { ...link, ...change })).toEqual(failure("SIGNATURE_INVALID"));
    }
    test.clock.advance(test.app.settings.uploads.expiryMs);
    expect(await uploadOffset(test.app, link)).toEqual(failure("LINK_EXPIRED"));
  });

  it("is over when the upload is complete", async () => {
    const upload = await aCompleteUpload(test.app, await anAssignment(test.app));
    expect(await uploadOffset(test.app, await linkOf(test.app, upload, 0))).toEqual(failure("UPLOAD_NOT_OPEN"));
  });
});

describe("completeUpload", () => {
  it("wants every byte", async () => {
    const at = await anAssignment(test.app);
    const upload = valueOf(await open(test.app, at));
    await send(test.app, upload, 0, (aModel()["config.json"] ?? Buffer.alloc(0)).subarray(1));
    const complete = () => completeUpload(test.app, at.miner, { uploadId: upload.id });
    expect(await complete()).toMatchObject({
      error: { code: "UPLOAD_INCOMPLETE", message: expect.stringContaining("config.json") },
    });
  });

  it("refuses other bytes than announced, says so, and takes the right ones then", async () => {
    const at = await anAssignment(test.app);
    const files = aModel(1);
    const other = aModel(2)["model.safetensors"] ?? Buffer.alloc(0);
    const upload = valueOf(await open(test.app, at, files));
    await sendAll(test.app, upload, { ...files, "model.safetensors": other });
    const complete = () => completeUpload(test.app, at.miner, { uploadId: upload.id });
    const refused = await complete();
    expect(refused).toEqual(failure("UPLOAD_DIGEST_MISMATCH"));
    expect(refused).toMatchObject({ error: { message: expect.stringContaining(sha256Of(other)) } });
    expect(await test.app.artifacts.stat(sha256Of(other))).toBeNull();
    valueOf(await send(test.app, upload, 1, files["model.safetensors"] ?? Buffer.alloc(0)));
    expect(valueOf(await complete())).toMatchObject({ status: "COMPLETE" });
  });

  it("may be called again, and twice at the same time", async () => {
    const at = await anAssignment(test.app);
    const upload = valueOf(await open(test.app, at));
    await sendAll(test.app, upload, aModel());
    const complete = () => completeUpload(test.app, at.miner, { uploadId: upload.id });
    for (const result of await Promise.all([complete(), complete()])) expect(valueOf(result).status).toBe("COMPLETE");
    expect(valueOf(await complete()).status).toBe("COMPLETE");
    expect(await test.app.uploadParts.list()).not.toContain(upload.id);
  });

  it("demands the bytes of a file that somebody else has stored", async () => {
    await aCompleteUpload(test.app, await anAssignment(test.app), aModel());
    const at = await anAssignment(test.app);
    const upload = valueOf(await open(test.app, at, aModel()));
    expect(await completeUpload(test.app, at.miner, { uploadId: upload.id })).toEqual(failure("UPLOAD_INCOMPLETE"));
  });

  it("is for the own upload only", async () => {
    const upload = valueOf(await open(test.app, await anAssignment(test.app)));
    const stranger = await aMiner(test.app);
    expect(await completeUpload(test.app, stranger, { uploadId: upload.id })).toEqual(failure("NOT_FOUND"));
  });
});

describe("uploads whose time is over", () => {
  it("are ended and leave no parts, others stay", async () => {
    const old = valueOf(await open(test.app, await anAssignment(test.app)));
    await send(test.app, old, 1, Buffer.alloc(8));
    test.clock.advance(test.app.settings.uploads.expiryMs);
    const at = await anAssignment(test.app);
    const young = valueOf(await open(test.app, at));
    await send(test.app, young, 1, Buffer.alloc(8));
    await expireUploads(test.app);
    expect(await test.app.store.findOne("uploads", { id: old.id })).toMatchObject({ status: "REJECTED" });
    const kept = await test.app.uploadParts.list();
    expect(kept).toContain(young.id);
    expect(kept).not.toContain(old.id);
    expect(await uploadOffset(test.app, await linkOf(test.app, young, 1))).toMatchObject({ value: { received: 8 } });
  });
});

describe("download links", () => {
  it("open the artefact that they name until they end", async () => {
    const files = aModel();
    await aCompleteUpload(test.app, await anAssignment(test.app), files);
    const config = files["config.json"] ?? Buffer.alloc(0);
    const url = new URL(
      signDownload(test.app, sha256Of(config), "config.json", new Date(test.clock.now().getTime() + 1000)),
      "http://test.invalid",
    );
    const signature = url.searchParams.get("signature") ?? "";
    const link = {
      sha256: sha256Of(config),
      name: "config.json",
      expires: Number(url.searchParams.get("expires")),
      holder: null,
      signature,
    };
    const download = valueOf(await openDownload(test.app, link));
    expect(await buffer(download.body)).toEqual(config);
    expect(download).toMatchObject({ name: "config.json", bytes: config.length });
    expect(await openDownload(test.app, { ...link, name: "other.json" })).toEqual(failure("SIGNATURE_INVALID"));
    expect(await openDownload(test.app, { ...link, sha256: "0".repeat(64) })).toEqual(failure("SIGNATURE_INVALID"));
    expect(await openDownload(test.app, { ...link, holder: randomUUID() })).toEqual(failure("SIGNATURE_INVALID"));
    test.clock.advance(1000);
    expect(await openDownload(test.app, link)).toEqual(failure("LINK_EXPIRED"));
  });
});
