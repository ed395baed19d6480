/** Keys and signatures: adapters for the Hotkeys and Signer ports. */
export { createHotkeys } from "./hotkeys.ts";
export { createSigner } from "./signer.ts";
export { decodeSs58, encodeSs58 } from "./ss58.ts";
