import type { IncomingMessage } from "node:http";
import { type App, type Principal, principalFromToken, readMinerToken } from "../core/app/index.ts";
import { bearerToken, MALFORMED_TOKEN } from "./bearer.ts";

/** Who is at the other end of one socket, for as long as its token is good. */
export interface SocketSession {
  /** The principal now, or null after telling `onRefused` why not. */
  principal(): Promise<Principal | null>;
  /** Looks at the token's end alone, without a database; tells `onRefused` where it has passed. */
  checkExpiry(): void;
  /** Goes on with a newer token. */
  renewToken(token: string): void;
}

/** Keys do not end by themselves. */
const isApiKey = (token: string): boolean => token.startsWith("gr_");

function givenToken(request: IncomingMessage, params: Readonly<Record<string, unknown>>): string | null {
  const token = params["token"] ?? null;
  if (token !== null) return typeof token === "string" ? token : MALFORMED_TOKEN;
  return bearerToken(params["authorization"] ?? params["Authorization"] ?? request.headers.authorization);
}

/**
 * A session by the token of `connection_init` ({token} or {authorization: "Bearer …"}), else of the upgrade request.
 * Never by an address: those end up in logs.
 */
export function openSession(
  app: App,
  request: IncomingMessage,
  params: Readonly<Record<string, unknown>>,
  onRefused: (reason: string) => void,
): SocketSession {
  let token = givenToken(request, params);
  return {
    checkExpiry() {
      if (token === null || isApiKey(token)) return;
      const hotkey = readMinerToken(app, token);
      if (!hotkey.ok) onRefused(hotkey.error.message);
    },
    async principal() {
      const principal = await principalFromToken(app, token);
      if (principal.ok) return principal.value;
      onRefused(principal.error.message);
      return null;
    },
    renewToken(newer) {
      token = newer;
    },
  };
}
