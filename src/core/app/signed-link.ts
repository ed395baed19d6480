import type { App } from "./app.ts";
import { fail, type AppError } from "./errors.ts";
import type { SignaturePurpose } from "./ports.ts";

/** What a signed link carries in its query: when it ends (ms) and this server's signature over path and end. */
export interface LinkSignature {
  readonly expires: number;
  readonly signature: string;
}

/** A link to `path` (with its leading slash) that works until `expiresAt` for whoever has it; absolute where the operator set a public URL. */
export function signLink(
  app: Pick<App, "settings" | "signer">,
  purpose: SignaturePurpose,
  path: string,
  expiresAt: Date,
): string {
  const expires = expiresAt.getTime();
  const signature = app.signer.sign(purpose, signedText(path, expires));
  const origin = (app.settings.publicUrl ?? "").replace(/\/+$/, "");
  return `${origin}${path}?expires=${expires}&signature=${signature}`;
}

/** Null where the link is this server's own and still works. */
export function linkProblem(
  app: Pick<App, "clock" | "signer">,
  purpose: SignaturePurpose,
  path: string,
  { expires, signature }: LinkSignature,
): { readonly ok: false; readonly error: AppError } | null {
  if (!Number.isSafeInteger(expires) || !app.signer.verify(purpose, signedText(path, expires), signature)) {
    return fail("SIGNATURE_INVALID", "expected a link as this API gave it, found a changed one: ask for it again");
  }
  if (expires > app.clock.now().getTime()) return null;
  return fail("LINK_EXPIRED", `this link ended at ${new Date(expires).toISOString()}: ask for a new one`);
}

const signedText = (path: string, expires: number): string => `${path}?${expires}`;
