/** No token of anybody: whoever sends something else than `Bearer …` meant to be somebody, and is no anonymous visitor. */
export const MALFORMED_TOKEN = "malformed";

/** The token of an `Authorization: Bearer …` text; null where there is no such text. */
export function bearerToken(authorization: unknown): string | null {
  if (authorization === undefined || authorization === null) return null;
  const token = typeof authorization === "string" ? /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1] : undefined;
  return token ?? MALFORMED_TOKEN;
}
