import { z } from "zod";
import {
  heartbeat,
  registerMiner,
  reportFailure,
  respondToOffer,
  suspendMiner,
  updateCapacity,
  withdraw,
} from "../core/app/index.ts";
import { Assignment, Offer } from "./assignment.ts";
import { capacity, id, idempotencyKey } from "./input-shapes.ts";
import { Miner } from "./miner.ts";
import { defineMutation } from "./mutation.ts";
import { DateTimeScalar } from "./scalars.ts";

/** What a miner does besides uploading, and what the operator does to miners. */
export const MINER_MUTATIONS = [
  defineMutation({
    name: "registerMiner",
    description: "Makes the token's hotkey a miner; again renews name and capacity.",
    input: z.strictObject({ idempotencyKey, name: z.string(), ...capacity }),
    payload: { miner: () => Miner },
    run: ({ app, principal }, input) => registerMiner(app, principal, input),
    present: (miner) => ({ miner }),
  }),
  defineMutation({
    name: "updateCapacity",
    description: "What the miner can take on from now on.",
    input: z.strictObject(capacity),
    payload: { miner: () => Miner },
    run: ({ app, principal }, input) => updateCapacity(app, principal, input),
    present: (miner) => ({ miner }),
  }),
  defineMutation({
    name: "suspendMiner",
    description: "The operator shuts a miner out or lets it in again.",
    input: z.strictObject({ minerId: id, suspended: z.boolean() }),
    payload: { miner: () => Miner },
    run: ({ app, principal }, input) => suspendMiner(app, principal, input),
    present: (miner) => ({ miner }),
  }),
  defineMutation({
    name: "heartbeat",
    description: "A sign of life; with an assignment also how far its training is.",
    input: z.strictObject({
      assignmentId: id.optional(),
      phase: z.string().optional(),
      step: z.int().optional(),
      steps: z.int().optional(),
      loss: z.number().optional(),
      etaSeconds: z.number().optional(),
    }),
    payload: { at: () => DateTimeScalar },
    run: ({ app, principal }, input) => heartbeat(app, principal, input),
    present: ({ at }) => ({ at }),
  }),
  defineMutation({
    name: "respondToOffer",
    description: "Takes or declines an own offer.",
    input: z.strictObject({ offerId: id, accept: z.boolean() }),
    payload: { offer: () => Offer },
    run: ({ app, principal }, input) => respondToOffer(app, principal, input),
    present: (offer) => ({ offer }),
  }),
  defineMutation({
    name: "withdraw",
    description: "Gives an assignment up.",
    input: z.strictObject({ assignmentId: id }),
    payload: { assignment: () => Assignment },
    run: ({ app, principal }, input) => withdraw(app, principal, input),
    present: (assignment) => ({ assignment }),
  }),
  defineMutation({
    name: "reportFailure",
    description: "Says that the training failed, and why.",
    input: z.strictObject({ assignmentId: id, message: z.string() }),
    payload: { assignment: () => Assignment },
    run: ({ app, principal }, input) => reportFailure(app, principal, input),
    present: (assignment) => ({ assignment }),
  }),
] as const;
