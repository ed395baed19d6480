import { lookup, type LookupAddress } from "node:dns";
import { get } from "node:https";
import type { IncomingMessage } from "node:http";
import { isIP, type LookupFunction } from "node:net";
import { fail, type AppResult } from "../../app/errors.ts";
import type { Download } from "../../app/ports.ts";
import { ok } from "../../domain/index.ts";
import { isPublicAddress } from "./public-address.ts";

const MAX_REDIRECTS = 3;

/**
 * Downloads over https from the public internet: the address that is connected to is the address that was checked, after
 * every redirect, so that a name can't be pointed at the platform's own network meanwhile.
 */
export const download: Download = async (url, { maxBytes, timeoutMs }, signal) => {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const checked = publicHttps(target);
    if (!checked.ok) return checked;
    try {
      const answer = await request(checked.value, limited);
      const location = answer.headers.location;
      if ((answer.statusCode ?? 0) < 300 || location === undefined) return await body(answer, maxBytes);
      answer.destroy();
      target = new URL(location, checked.value).href;
    } catch (error) {
      signal.throwIfAborted();
      return fail(
        "DATASET_UNREADABLE",
        `the download failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return fail("DATASET_UNREADABLE", `the download was redirected more than ${MAX_REDIRECTS} times`);
};

function publicHttps(text: string): AppResult<URL> {
  const url = URL.parse(text);
  if (url?.protocol !== "https:") return fail("DATASET_UNREADABLE", "expected an https URL");
  if (url.username !== "" || url.password !== "")
    return fail("DATASET_UNREADABLE", "expected a URL without a password in it");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) !== 0 && !isPublicAddress(host) ? fail("DATASET_UNREADABLE", "expected a public address") : ok(url);
}

const publicLookup: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return answer(error, []);
    const chosen = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = chosen;
    if (first === undefined) return answer(new Error("the name has no public address"), []);
    return options.all === true ? answer(null, chosen) : answer(null, first.address, first.family);
  });
};

const request = (url: URL, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(url, { lookup: publicLookup, signal }, resolve).on("error", reject);
  });

async function body(answer: IncomingMessage, maxBytes: number): Promise<AppResult<Uint8Array>> {
  if (answer.statusCode !== 200) {
    answer.destroy();
    return fail("DATASET_UNREADABLE", `expected the answer 200, found ${answer.statusCode}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return fail("DATASET_TOO_LARGE", `expected at most ${maxBytes} bytes, found more`);
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks));
}
