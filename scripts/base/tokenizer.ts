const specials = ["<pad>", "<s>", "</s>"] as const;
const splitPattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const alphabet = byteAlphabet();

/** A tokenizer in the layout of tokenizer.json: byte-level BPE (GPT-2's alphabet, digits one by one). */
export type TokenizerJson = ReturnType<typeof trainTokenizer>;

/** What goes into tokenizer_config.json: which tokens are special and that a text starts with BOS. */
export const tokenizerConfig = Object.freeze({
  tokenizer_class: "PreTrainedTokenizerFast",
  bos_token: specials[1],
  eos_token: specials[2],
  pad_token: specials[0],
  add_bos_token: true,
  add_eos_token: false,
  clean_up_tokenization_spaces: false,
  model_max_length: 128,
});

/** The same for special_tokens_map.json. */
export const specialTokensMap = Object.freeze({
  bos_token: specials[1],
  eos_token: specials[2],
  pad_token: specials[0],
});

/**
 * Learns `vocabularySize` tokens from the lines: the most frequent neighbouring pair is merged again and again, ties in
 * favour of the pair that sorts first. Words that occur once are ignored.
 */
export function trainTokenizer(lines: readonly string[], vocabularySize: number) {
  const words = countWords(lines);
  const tokens = new Set<string>([...specials, ...alphabet]);
  const merges: string[] = [];
  const pairs = new PairCounts(words);
  while (tokens.size < vocabularySize) {
    const [left, right] = pairs.mostFrequent();
    merges.push(`${left} ${right}`);
    tokens.add(left + right);
    pairs.merge(left, right);
  }
  return tokenizerJson(tokens, merges);
}

interface Word {
  symbols: string[];
  readonly count: number;
}

/** How often each pair of neighbouring symbols occurs, kept up to date while pairs are merged. */
class PairCounts {
  readonly #counts = new Map<string, number>();
  readonly #where = new Map<string, Set<Word>>();

  constructor(words: readonly Word[]) {
    for (const word of words) this.#count(word, 1);
  }

  mostFrequent(): [left: string, right: string] {
    let best = "";
    let most = 0;
    for (const [pair, count] of this.#counts)
      if (count > most || (count === most && pair < best)) [best, most] = [pair, count];
    const [left, right] = best.split(" ");
    if (left === undefined || right === undefined)
      throw new Error("expected more pairs to merge: the corpus is too small");
    return [left, right];
  }

  merge(left: string, right: string): void {
    for (const word of this.#where.get(`${left} ${right}`) ?? []) {
      this.#count(word, -1);
      word.symbols = mergePair(word.symbols, left, right);
      this.#count(word, 1);
    }
    this.#counts.delete(`${left} ${right}`);
    this.#where.delete(`${left} ${right}`);
  }

  #count(word: Word, sign: 1 | -1): void {
    for (const [index, symbol] of word.symbols.entries()) {
      const next = word.symbols[index + 1];
      if (next === undefined) continue;
      const pair = `${symbol} ${next}`;
      this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + sign * word.count);
      const words = this.#where.get(pair) ?? new Set();
      this.#where.set(pair, words.add(word));
    }
  }
}

function mergePair(symbols: readonly string[], left: string, right: string): string[] {
  const merged: string[] = [];
  for (let index = 0; index < symbols.length; index++) {
    const symbol = symbols[index] ?? "";
    const isPair = symbol === left && symbols[index + 1] === right;
    merged.push(isPair ? left + right : symbol);
    if (isPair) index++;
  }
  return merged;
}

function countWords(lines: readonly string[]): Word[] {
  const pattern = new RegExp(splitPattern, "gu");
  const counts = new Map<string, number>();
  for (const line of lines)
    for (const piece of line.match(pattern) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([piece, count]) => ({ symbols: [...Buffer.from(piece)].map((byte) => alphabet[byte] ?? ""), count }));
}

/** GPT-2's printable stand-ins for the 256 bytes, by byte. */
function byteAlphabet(): readonly string[] {
  let unprintable = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : unprintable++);
  });
}

function tokenizerJson(tokens: ReadonlySet<string>, merges: readonly string[]) {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: splitPattern }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([...tokens].map((token, id) => [token, id])),
      merges,
    },
  };
}
