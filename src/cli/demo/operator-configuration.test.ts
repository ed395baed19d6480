import { parseEnv } from "node:util";
import { expect, it } from "vitest";
import { environmentFile, operatorConfiguration } from "./operator-configuration.ts";

it("keeps each setting in a file that Node reads as it was, whatever is in it", () => {
  const settings = {
    GRADIENTS_PLUGIN_OPTIONS: '{"local": {"command": ["node", "/opt/choice#2/main.js"]}}',
    GRADIENTS_A: "it's",
    GRADIENTS_B: " spaces ",
    GRADIENTS_C: "two\nlines",
    GRADIENTS_D: "",
  };
  const places = { seed: "1", fields: [8], plugins: null, port: 0, folder: "/tmp/a#b" };
  const configuration = operatorConfiguration({ ...places, settings });
  expect(configuration.environment).toMatchObject(settings);
  expect(parseEnv(environmentFile(configuration))).toEqual(configuration.environment);
});
