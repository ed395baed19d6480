/** `gr_<prefix>_<secret>`: the prefix finds the row and shows in lists, the whole text is what is hashed. */
const API_KEY = /^gr_([A-Za-z0-9]{4,16})_[A-Za-z0-9_-]{16,128}$/;

/** The prefix of a well-formed API key; null for anything else. */
export function apiKeyPrefix(text: string): string | null {
  return API_KEY.exec(text)?.[1] ?? null;
}

/** Writes a key out of its parts. */
export function apiKeyText(prefix: string, secret: string): string {
  return `gr_${prefix}_${secret}`;
}
