import { expect, it } from "vitest";
import { unkeepableText } from "./unkeepable-text.ts";

it.each([
  [{ template: "{prompt}\n\u{1F600}", beta: 0.1, rewards: [{ source: null }] }, null],
  [{ template: "a\0b" }, ["template"]],
  [{ rewards: [{ source: "x" }, { source: "\ud800" }] }, ["rewards", "1", "source"]],
  [{ params: { "\udc00": 1 } }, ["params", "\udc00"]],
])("finds in %j what the database would change", (value, place) => {
  expect(unkeepableText(value)).toEqual(place);
});
