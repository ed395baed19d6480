/** Beginnings of files that hold code, or something packed: none of them belongs into a model folder, whatever its name. */
const MAGIC: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["a zip archive (PyTorch's .bin and .pt are such)", [0x50, 0x4b, 0x03, 0x04]],
  ["an empty zip archive", [0x50, 0x4b, 0x05, 0x06]],
  ["a gzip file", [0x1f, 0x8b]],
  ["a bzip2 file", [0x42, 0x5a, 0x68]],
  ["an xz file", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["a zstandard file", [0x28, 0xb5, 0x2f, 0xfd]],
  ["a 7-zip archive", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["a RAR archive", [0x52, 0x61, 0x72, 0x21]],
  ["a program (ELF)", [0x7f, 0x45, 0x4c, 0x46]],
  ["a program (Mach-O)", [0xcf, 0xfa, 0xed, 0xfe]],
  ["a script (#!)", [0x23, 0x21]],
  ["an HDF5 file (Keras)", [0x89, 0x48, 0x44, 0x46]],
  ["a GGUF file", [0x47, 0x47, 0x55, 0x46]],
  ["a NumPy file", [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
];

/** Where a tar archive says that it is one. */
const TAR_AT = 257;
const HIGHEST_PICKLE_PROTOCOL = 5;

/** How many bytes of a file's beginning are enough to recognise it. */
export const BEGINNING_BYTES = TAR_AT + 5;

/**
 * What a file is that only pretends to belong into a model folder, from its first bytes; null where it may be what its
 * name says. The length in front of a safetensors header may begin like any of these, so a `{` behind it decides: under
 * another name it decides nothing, for an archive or a pickle can hold that too.
 */
export function foreignFormat(name: string, start: Uint8Array): string | null {
  if (name.endsWith(".safetensors") && looksLikeSafetensors(start)) return null;
  const [first = 0, second = 0] = start;
  if (first === 0x80 && second >= 1 && second <= HIGHEST_PICKLE_PROTOCOL) return "a Python pickle";
  const known = MAGIC.find(([, bytes]) => bytes.every((byte, index) => start[index] === byte));
  if (known) return known[0];
  return Buffer.from(start.subarray(TAR_AT, TAR_AT + 5)).toString("latin1") === "ustar" ? "a tar archive" : null;
}

function looksLikeSafetensors(start: Uint8Array): boolean {
  return start[8] === 0x7b && start.subarray(4, 8).every((byte) => byte === 0);
}
