import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { App } from "../../src/core/app/index.ts";
import { createModelSources } from "../../src/core/infra/sources/index.ts";
import { withTestApp } from "../helpers/test-app.ts";
import { TEST_SETTINGS } from "../helpers/test-settings.ts";
import { anAssignment, type AtWork } from "../intake/an-assignment.ts";
import { announce, aModel, sha256Of } from "../intake/an-upload.ts";
import { failure, valueOf } from "../intake/result.ts";
import { tinyBases } from "../intake/tiny-base.ts";
import { fetchNow, sealSource, verdictOf } from "./a-source.ts";

const SIGNATURE = "X-Amz-Signature=0123456789abcdef";
const test = withTestApp({ parts: { bases: tinyBases } });
const logged: string[] = [];
let answer: (path: string, response: ServerResponse) => void;
const bucket = createServer((request, response) => answer(request.url ?? "", response));
let origin: string;
let app: App;
let at: AtWork;

beforeAll(async () => {
  bucket.listen(0, "127.0.0.1");
  await once(bucket, "listening");
  origin = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`; // a TCP server's address is never a text
  const settings = {
    ...TEST_SETTINGS,
    sources: { ...TEST_SETTINGS.sources, s3Hosts: [origin, "buckets.invalid"] },
    uploads: { ...TEST_SETTINGS.uploads, maxPerAssignment: 100 },
  };
  const note = (...entry: unknown[]): void => void logged.push(JSON.stringify(entry));
  const log = { debug: note, info: note, warn: note, error: note };
  app = { ...test.app, settings, sources: createModelSources(settings), log };
  at = await anAssignment(app, { task: { deadline: new Date("2027-01-01"), dueAt: new Date("2027-01-01") } });
});
afterAll(async () => {
  bucket.closeAllConnections();
  bucket.close();
  await once(bucket, "close");
});
beforeEach(() => {
  const files = aModel();
  answer = (path, response) => {
    const name = /^\/bucket\/([^?]+)\?/.exec(path)?.[1] ?? "";
    const bytes = files[name];
    return bytes && path.endsWith(SIGNATURE) ? response.end(bytes) : response.writeHead(403).end();
  };
});

const links = (base = origin) =>
  announce(aModel()).map((file) => ({ ...file, url: `${base}/bucket/${file.path}?X-Amz-Expires=3600&${SIGNATURE}` }));

it("fetches what was sealed, and forgets the links", async () => {
  const { id } = valueOf(await sealSource(app, at, { s3: { files: links() } }));
  expect(await verdictOf(app, id)).toMatchObject({
    staticVerdict: { status: "VALID" },
    source: { kind: "S3" },
    files: announce(aModel()),
  });
  const fetch = await app.store.findOne("sourceFetches", { submissionId: id });
  expect(fetch?.status).toBe("DONE");
  expect(JSON.stringify(fetch)).not.toContain("X-Amz");
});

it("writes no signature into logs, events or verdicts, also where it fails", async () => {
  const { id } = valueOf(await sealSource(app, at, { s3: { files: links() } }));
  answer = (_, response) => response.writeHead(503).end();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await fetchNow(app, id);
    test.clock.advance(600_000);
  }
  const written = [
    logged,
    await app.store.find("taskEvents", { taskId: at.taskId }),
    await app.store.find("minerEvents", { minerId: at.miner.minerId }),
    await app.store.find("outbox", {}),
    await app.store.find("sourceFetches", { submissionId: id }),
    await app.store.find("submissions", { id }),
    await app.store.find("idempotencyKeys", {}),
  ];
  expect(logged.join()).toContain("503");
  expect(JSON.stringify(written)).not.toContain("X-Amz");
});

it("that stays away is the miner's to answer for: he chose it", async () => {
  const { id } = valueOf(await sealSource(app, at, { s3: { files: links() } }));
  answer = (_, response) => response.writeHead(503).end();
  for (const attempts of [1, 2]) {
    expect(await fetchNow(app, id)).toMatchObject({ status: "PENDING", attempts });
    test.clock.advance(600_000);
  }
  expect((await verdictOf(app, id)).staticVerdict).toMatchObject({ status: "INVALID", code: "SOURCE_UNREACHABLE" });
});

it.each([
  ["a link that has ended", 403, "SOURCE_NOT_FOUND"],
  ["an object that is gone", 404, "SOURCE_NOT_FOUND"],
])("%s is not found", async (_, status, code) => {
  const { id } = valueOf(await sealSource(app, at, { s3: { files: links() } }));
  answer = (__, response) => response.writeHead(status).end();
  expect((await verdictOf(app, id)).staticVerdict).toMatchObject({ code });
});

it("another object than the sealed one is refused at once, and kept nowhere", async () => {
  const { id } = valueOf(await sealSource(app, at, { s3: { files: links() } }));
  const other = Buffer.alloc(announce(aModel())[0]?.bytes ?? 0, "x");
  answer = (_, response) => response.end(other);
  expect((await verdictOf(app, id)).staticVerdict).toMatchObject({ code: "SOURCE_CHANGED" });
  expect(await app.artifacts.stat(sha256Of(other))).toBeNull();
});

it("a redirect is not followed: its signature would be good for nothing there", async () => {
  const { id } = valueOf(await sealSource(app, at, { s3: { files: links() } }));
  answer = (_, response) => response.writeHead(302, { location: "https://other.buckets.invalid/x" }).end();
  expect(await fetchNow(app, id)).toMatchObject({ problem: { code: "SOURCE_UNREACHABLE" } });
});

it.each([
  ["another host", () => links("https://elsewhere.example")],
  ["a host that only ends like an allowed one", () => links("https://evilbuckets.invalid")],
  ["http to an allowed host", () => links("http://my.buckets.invalid")],
  ["the platform's own network", () => links("http://169.254.169.254")],
  ["a password", () => links(origin.replace("//", "//user:word@"))],
  ["another port of a trusted host", () => links("http://127.0.0.1:1")],
  ["no address", () => links().map((file) => ({ ...file, url: "nonsense" }))],
])("links to %s can't be sealed", async (_, files) => {
  expect(await sealSource(app, at, { s3: { files: files() } })).toEqual(failure("SOURCE_NOT_ALLOWED"));
});

it("is held to the rules of uploads, and off where the operator names no host", async () => {
  const pickle = links().map((file) => ({ ...file, path: "pytorch_model.bin" }));
  expect(await sealSource(app, at, { s3: { files: pickle } })).toEqual(failure("UPLOAD_FILE_REFUSED"));
  const huge = links().map((file) => ({ ...file, bytes: 1e12 }));
  expect(await sealSource(app, at, { s3: { files: huge } })).toEqual(failure("UPLOAD_TOO_LARGE"));
  const off = {
    ...app,
    sources: createModelSources({ ...TEST_SETTINGS, sources: { ...TEST_SETTINGS.sources, s3Hosts: [] } }),
  };
  expect(await sealSource(off, at, { s3: { files: links() } })).toEqual(failure("SOURCE_NOT_ALLOWED"));
});
