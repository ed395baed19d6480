/** The token of an `Authorization: Bearer …` text; null where there is none. */
export function bearerToken(authorization: unknown): string | null {
  if (typeof authorization !== "string") return null;
  return /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1] ?? null;
}
