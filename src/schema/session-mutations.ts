import { z } from "zod";
import { authenticate, refreshToken, requestChallenge } from "../core/app/index.ts";
import { Challenge } from "./account.ts";
import { id } from "./input-shapes.ts";
import { Miner } from "./miner.ts";
import { defineMutation } from "./mutation.ts";
import { DateTimeScalar } from "./scalars.ts";

/** How a miner signs in with its hotkey and stays signed in. */
export const SESSION_MUTATIONS = [
  defineMutation({
    name: "requestChallenge",
    description: "Words to sign with a hotkey. Anybody may ask.",
    input: z.strictObject({ hotkey: z.string().describe("SS58 address.") }),
    payload: { challenge: () => Challenge },
    run: ({ app }, input) => requestChallenge(app, input),
    present: (challenge) => ({ challenge }),
  }),
  defineMutation({
    name: "authenticate",
    description: "Exchanges a signed challenge for a short-lived token; `miner` is null until the hotkey registers.",
    input: z.strictObject({
      challengeId: id,
      hotkey: z.string(),
      signature: z.string().describe("sr25519 over the challenge's message, 128 hex digits."),
    }),
    payload: { token: () => String, expiresAt: () => DateTimeScalar, miner: () => Miner },
    run: ({ app }, input) => authenticate(app, input),
    present: ({ token, expiresAt, miner }) => ({ token, expiresAt, miner }),
  }),
  defineMutation({
    name: "refreshToken",
    description: "A fresh token for a miner; on a socket it also keeps that socket open.",
    input: z.strictObject({}),
    payload: { token: () => String, expiresAt: () => DateTimeScalar },
    run: ({ app, principal }) => refreshToken(app, principal),
    present: ({ token, expiresAt }, { renewToken }) => {
      renewToken(token);
      return { token, expiresAt };
    },
  }),
] as const;
