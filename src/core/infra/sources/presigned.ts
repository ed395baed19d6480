import type { Readable } from "node:stream";
import type { ListedFile, SourceFault } from "../../app/ports.ts";
import type { ModelSource } from "../../app/records.ts";
import { ok, type Result } from "../../domain/index.ts";
import { isBusy, openUrl } from "../download/index.ts";
import { hostGate } from "./host-list.ts";
import { notFound, thrownFault, unreachable } from "./http-fault.ts";

type S3Source = Extract<ModelSource, { readonly kind: "S3" }>;

/**
 * Files in miners' own buckets behind presigned links. The platform's credentials play no part, so nobody can have it read
 * what only the platform may; what the files must be, their seal has fixed.
 */
export function createPresigned(hosts: readonly string[]) {
  const allowed = hostGate(hosts);
  return {
    refusal({ files }: S3Source): string | null {
      if (hosts.length === 0) return "expected an upload: the operator takes no S3 links";
      for (const { path, url } of files) {
        const parsed = URL.parse(url);
        const trust = parsed && allowed(parsed);
        if (parsed === null || trust === null || (trust === "public" && parsed.protocol !== "https:"))
          return `expected an https link for ${path} to one of ${hosts.join(", ")}`;
        if (parsed.username !== "" || parsed.password !== "") return `expected a link without a password for ${path}`;
      }
      return null;
    },
    list({ files }: S3Source): Result<readonly ListedFile[], SourceFault> {
      return ok(files.map(({ path, bytes, sha256 }) => ({ path, bytes, digest: { kind: "sha256", hex: sha256 } })));
    },
    async open({ files }: S3Source, path: string, signal: AbortSignal): Promise<Result<Readable, SourceFault>> {
      const file = files.find((candidate) => candidate.path === path);
      if (file === undefined) throw new Error(`the source has no file ${path}`);
      const { host } = new URL(file.url);
      // A signature is good for one host: a redirect is no way on.
      const oneHost = (url: URL) => (url.host === host ? allowed(url) : null);
      try {
        const answer = await openUrl(file.url, oneHost, signal);
        const status = answer.statusCode ?? 0;
        if (status === 200) return ok(answer);
        answer.destroy();
        if (isBusy(status)) return unreachable(`${path}: ${host} answered ${status}`);
        return notFound(`${path} is not there, or its link has ended (${host} answered ${status})`);
      } catch (error) {
        return thrownFault(error, path, signal);
      }
    },
  };
}
