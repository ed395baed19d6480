/** What a model folder may hold: weights, configs and tokenizer as data. No code, no pickles, no folders. */
const ALLOWED = [
  /^config\.json$/,
  /^generation_config\.json$/,
  /^model\.safetensors$/,
  /^model-\d{5}-of-\d{5}\.safetensors$/,
  /^model\.safetensors\.index\.json$/,
  /^adapter_config\.json$/,
  /^adapter_model\.safetensors$/,
  /^(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$/,
  /^tokenizer\.model$/,
  /^merges\.txt$/,
  /^chat_template\.jinja$/,
  /^README\.md$/,
];

/** True for the name of a file that belongs into a model folder. */
export function isAllowedFileName(path: string): boolean {
  return ALLOWED.some((pattern) => pattern.test(path));
}

/** The allowed names in words, for messages. */
export const ALLOWED_FILES =
  "config.json, generation_config.json, model.safetensors (or its shards with model.safetensors.index.json), " +
  "adapter_config.json, adapter_model.safetensors, tokenizer files, chat_template.jinja and README.md, without folders";
