import type { Turn } from "./conversation.ts";
import type { ChatSpec } from "./spec.ts";

/** A piece of text whose tokens all count, or don't. */
type Segment = {
  readonly text: string;
  readonly counts: boolean;
};

/** ChatML's marks. A turn that contained one could end early, or pretend to be another's. */
export const MARKS: readonly string[] = ["<|im_start|>", "<|im_end|>"];

interface Template {
  readonly before: (role: Turn["role"]) => string;
  /** Where an assistant's turn ends, a model must learn to stop: this counts with the turn. */
  readonly end: string;
  readonly between: string;
}

const templates: Readonly<Record<ChatSpec["template"], Template>> = {
  CHATML: { before: (role) => `<|im_start|>${role}\n`, end: "<|im_end|>", between: "\n" },
  LINES: { before: () => "", end: "\n", between: "" },
};

/**
 * The conversation as segments. The evaluator appends the end of sequence after the last one, which counts; so the last
 * turn of LINES needs no end of its own.
 */
export function toSegments(turns: readonly Turn[], spec: ChatSpec): readonly Segment[] {
  const { before, end, between } = templates[spec.template];
  const { systemPrompt } = spec;
  const all: readonly Turn[] =
    systemPrompt === null || turns[0]?.role === "system"
      ? turns
      : [{ role: "system", content: systemPrompt }, ...turns];
  const last = all.length - 1;
  const pieces = all.flatMap(({ role, content }, index) => {
    const counts = role === "assistant" && (spec.answers === "ALL" || index === last);
    const ending = index === last && spec.template === "LINES" ? "" : end;
    return [
      { text: `${index === 0 ? "" : between}${before(role)}`, counts: false },
      { text: `${content}${ending}`, counts },
    ];
  });
  return merge(pieces);
}

/** Neighbours of one kind become one segment: each segment is tokenised on its own. */
function merge(pieces: readonly Segment[]): readonly Segment[] {
  const merged: Segment[] = [];
  for (const piece of pieces) {
    if (piece.text === "") continue;
    const previous = merged.at(-1);
    if (previous?.counts === piece.counts) {
      merged[merged.length - 1] = { text: previous.text + piece.text, counts: piece.counts };
    } else merged.push(piece);
  }
  return merged;
}
