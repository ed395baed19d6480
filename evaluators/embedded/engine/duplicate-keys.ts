/**
 * The first key that some object of a JSON text holds twice. JSON.parse keeps the last one silently, which would let two
 * readers of one file see different tensors. The text has already been parsed, so its syntax is known to be right.
 */
export function findDuplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let expectsKey = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === "{") {
      open.push(new Set());
      expectsKey = true;
    } else if (character === "[") {
      open.push(undefined);
      expectsKey = false;
    } else if (character === "}" || character === "]") {
      open.pop();
      expectsKey = false;
    } else if (character === ",") {
      expectsKey = open.at(-1) !== undefined;
    } else if (character === '"') {
      const end = endOfString(json, i);
      const keys = open.at(-1);
      if (expectsKey && keys !== undefined) {
        const key = String(JSON.parse(json.slice(i, end + 1)));
        if (keys.has(key)) return key;
        keys.add(key);
        expectsKey = false;
      }
      i = end;
    }
  }
  return undefined;
}

function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (i < json.length && json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i;
}
