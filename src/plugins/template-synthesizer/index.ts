import { z } from "zod";
import { definePlugin, defineSynthesizer } from "../../core/contract/index.ts";
import { readFamilies } from "./family-files.ts";
import { rewriteByTemplate } from "./rewrite.ts";

/** Makes SYNTH rows without a model: the same answer, asked for with another template of the data set's family. */
export const templateSynthesizer = defineSynthesizer({
  name: "template",
  options: z.strictObject({
    /** Paths of family files; null takes those of the data sets that ship with the package. */
    families: z.array(z.string().min(1)).min(1).nullable().default(null),
  }),
  create: (options) => {
    const families = readFamilies(options.families);
    return { method: "template", rewrite: async (request) => rewriteByTemplate(families, request) };
  },
});

export default definePlugin({ name: "template-synthesizer", version: "1.0.0", provides: [templateSynthesizer] });
