import type { Readable } from "node:stream";
import { ok } from "../../domain/index.ts";
import type { App } from "../app.ts";
import { fail, type AppResult } from "../errors.ts";
import { linkProblem, signLink, type LinkSignature } from "../signed-link.ts";

const SHA256 = /^[0-9a-f]{64}$/;

/** A download's link, taken apart; `name` is what the file is called on the receiver's disk. */
export interface DownloadLink extends LinkSignature {
  readonly sha256: string;
  readonly name: string;
}

/** An artefact on its way out. */
export interface Download {
  readonly name: string;
  readonly bytes: number;
  readonly body: Readable;
}

/** A link to an artefact for whoever may read it: the caller has checked that. @param holder the miner that it is for. */
export function signDownload(
  app: Pick<App, "settings" | "signer">,
  sha256: string,
  name: string,
  expiresAt: Date,
  holder: string | null = null,
): string {
  return signLink(app, "download", downloadPath(sha256, name), expiresAt, holder);
}

/** Opens what a signed link names. */
export async function openDownload(
  app: App,
  { sha256, name, ...signature }: DownloadLink,
): Promise<AppResult<Download>> {
  const problem = await linkProblem(app, "download", downloadPath(sha256, name), signature);
  if (problem) return problem;
  const blob = SHA256.test(sha256) ? await app.artifacts.stat(sha256) : null;
  const body = blob && (await app.artifacts.open(sha256));
  if (!blob || !body) return fail("NOT_FOUND", "this file is not stored any more");
  return ok({ name, bytes: blob.bytes, body });
}

const downloadPath = (sha256: string, name: string): string => `/files/${sha256}/${encodeURIComponent(name)}`;
