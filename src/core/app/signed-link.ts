import type { App } from "./app.ts";
import { fail, type AppError } from "./errors.ts";
import type { SignaturePurpose } from "./ports.ts";

/** What a signed link carries in its query: when it ends (ms), whose it is, and this server's signature over path and both. */
export interface LinkSignature {
  readonly expires: number;
  /** The miner that it was made for: it ends with the miner's good standing. Null: anybody's. */
  readonly holder: string | null;
  readonly signature: string;
}

/** A link to `path` (with its leading slash) that works until `expiresAt` for whoever has it; absolute where the operator set a public URL. */
export function signLink(
  app: Pick<App, "settings" | "signer">,
  purpose: SignaturePurpose,
  path: string,
  expiresAt: Date,
  holder: string | null = null,
): string {
  const expires = expiresAt.getTime();
  const signature = app.signer.sign(purpose, signedText(path, expires, holder));
  const origin = (app.settings.publicUrl ?? "").replace(/\/+$/, "");
  return `${origin}${path}?expires=${expires}${holder === null ? "" : `&for=${holder}`}&signature=${signature}`;
}

/** Null where the link is this server's own and still works. */
export async function linkProblem(
  app: Pick<App, "clock" | "signer" | "store">,
  purpose: SignaturePurpose,
  path: string,
  { expires, holder, signature }: LinkSignature,
): Promise<{ readonly ok: false; readonly error: AppError } | null> {
  if (!Number.isSafeInteger(expires) || !app.signer.verify(purpose, signedText(path, expires, holder), signature)) {
    return fail("SIGNATURE_INVALID", "expected a link as this API gave it, found a changed one: ask for it again");
  }
  if (expires <= app.clock.now().getTime()) {
    return fail("LINK_EXPIRED", `this link ended at ${new Date(expires).toISOString()}: ask for a new one`);
  }
  const miner = holder === null ? null : await app.store.findOne("miners", { id: holder });
  return miner?.status === "SUSPENDED" ? fail("MINER_SUSPENDED", "this miner is suspended: ask the operator") : null;
}

const signedText = (path: string, expires: number, holder: string | null): string =>
  `${path}?${expires}${holder === null ? "" : `&${holder}`}`;
