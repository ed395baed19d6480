/** Splits a command line into words; quotes, single or double, keep spaces. No shell takes part. @throws RangeError for an open quote or no word. */
export function commandWords(line: string): readonly [string, ...string[]] {
  const words = [...line.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
  const quotes = line.replaceAll(/"[^"]*"|'[^']*'/g, "");
  if (/["']/.test(quotes)) throw new RangeError(`A quote is not closed in the command: ${line}`);
  const [program, ...rest] = words;
  if (program === undefined) throw new RangeError("The command is empty.");
  return [program, ...rest];
}
