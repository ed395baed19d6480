import { z } from "zod";

/** The devices that the operator gives a process. */
export type DeviceChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "none" }
  | { readonly kind: "cpu"; readonly slots: number }
  /** Null: every one that there is. */
  | { readonly kind: "gpu"; readonly uuids: readonly string[] | null };

const MOST_SLOTS = 64;
const GPU_UUID = /^(GPU|MIG)-[0-9A-Za-z/-]{1,100}$/;
const EXPECTED =
  "expected auto, none, cpu, cpu:<slots>, gpu, or uuids of GPUs with commas between them, like GPU-8f4e…,GPU-11ab…";

/** Parses GRADIENTS_DEVICES. */
export const deviceChoice = () =>
  z.string().transform((text, context): DeviceChoice => {
    const words = text.split(",").map((word) => word.trim());
    const [first = ""] = words;
    if (words.length === 1 && (first === "auto" || first === "none")) return { kind: first };
    if (words.length === 1 && first === "gpu") return { kind: "gpu", uuids: null };
    const slots = words.length === 1 ? /^cpu(?::(\d{1,3}))?$/.exec(first) : null;
    const count = Number(slots?.[1] ?? 1);
    if (slots && count >= 1 && count <= MOST_SLOTS) return { kind: "cpu", slots: count };
    if (words.every((word) => GPU_UUID.test(word))) return { kind: "gpu", uuids: [...new Set(words)] };
    context.addIssue({ code: "custom", message: EXPECTED });
    return z.NEVER;
  });
