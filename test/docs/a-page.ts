/** A fenced code block: its language, the words after it, and its text. */
export interface Block {
  readonly language: string;
  readonly words: string;
  readonly text: string;
}

const fence = /^```(?<language>\w+)(?: (?<words>.+))?\n(?<text>[\s\S]*?)^```$/gm;

/** All code blocks of a page, in order. */
export const blocksOf = (page: string): readonly Block[] =>
  [...page.matchAll(fence)].map(({ groups }) => ({
    language: groups?.["language"] ?? "",
    words: groups?.["words"] ?? "",
    text: groups?.["text"] ?? "",
  }));
