import { lookup, type LookupAddress } from "node:dns";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "./public-address.ts";

const MAX_REDIRECTS = 3;
/** A server that says nothing for this long has gone. */
const SILENCE_MS = 30_000;

/**
 * Whether an address may be asked: `trusted` ones were written down by the operator and may be anywhere, `public` ones
 * must be https and on the public internet; null: it is not asked.
 */
export type Gate = (url: URL) => "trusted" | "public" | null;

/** The gate does not let an address through: nothing was asked of it. */
export class GateError extends Error {}

/** Any address on the public internet. */
export const publicGate: Gate = () => "public";

/**
 * GETs an address and follows redirects, each through the gate: the address that is connected to is the address that was
 * checked, so that a name can't be pointed at the platform's own network meanwhile. Nothing is decompressed.
 *
 * @throws GateError; Error where the connection fails or falls silent. Messages name hosts, never whole addresses: a query
 * may hold a signature.
 */
export async function openUrl(url: string, gate: Gate, signal: AbortSignal): Promise<IncomingMessage> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const checked = check(target, gate);
    const answer = await request(checked.url, checked.trust, signal);
    const { location } = answer.headers;
    if ((answer.statusCode ?? 0) < 300 || location === undefined) return answer;
    answer.destroy();
    target = URL.parse(location, checked.url.href)?.href ?? "";
  }
  throw new Error(`the answer was redirected more than ${MAX_REDIRECTS} times`);
}

function check(target: string, gate: Gate): { readonly url: URL; readonly trust: "trusted" | "public" } {
  const url = URL.parse(target);
  if (url === null) throw new GateError("expected an address");
  if (url.username !== "" || url.password !== "") throw new GateError("expected an address without a password in it");
  const trust = gate(url);
  if (trust === null) throw new GateError(`the host ${url.host} is not one that the operator allows`);
  if (trust === "trusted") {
    if (url.protocol !== "https:" && url.protocol !== "http:") throw new GateError("expected an http or https address");
    return { url, trust };
  }
  if (url.protocol !== "https:") throw new GateError("expected an https address");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new GateError("expected a public address");
  return { url, trust };
}

const publicLookup: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return answer(error, []);
    const chosen = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = chosen;
    if (first === undefined) return answer(new GateError("the name has no public address"), []);
    return options.all === true ? answer(null, chosen) : answer(null, first.address, first.family);
  });
};

function request(url: URL, trust: "trusted" | "public", signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.protocol === "http:" ? getHttp : getHttps;
  const options = {
    signal,
    // A connection of its own: one that was made to a trusted address must not be used again where only a public one is let through.
    agent: false,
    headers: { "accept-encoding": "identity", "user-agent": "gradients" },
    ...(trust === "public" ? { lookup: publicLookup } : {}),
  };
  return new Promise((resolve, reject) => {
    const asked = get(url, options, resolve).on("error", reject);
    asked.setTimeout(SILENCE_MS, () => asked.destroy(new Error(`${url.host} was silent for ${SILENCE_MS / 1000} s`)));
  });
}
