import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";

/** A file in a zip, as the zip's directory has it; nothing of it was decompressed. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes that it decompresses to. */
  readonly bytes: number;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  /** A symbolic link of a Unix system: its content is a path. */
  readonly link: boolean;
  readonly crc32: number;
  /** Where its compressed bytes lie in the zip. */
  readonly start: number;
  readonly end: number;
}

const [DIRECTORY_ENTRY, FILE_HEADER, DIRECTORY_END] = [0x02014b50, 0x04034b50, 0x06054b50];
const [ENTRY_BYTES, HEADER_BYTES, END_BYTES] = [46, 30, 22];
const LONGEST_COMMENT = 0xffff;
/** Stands for a number that only the extension for more than 4 GiB can say. */
const [TOO_LARGE, TOO_MANY] = [0xffffffff, 0xffff];
const [ENCRYPTED, UTF8] = [0x1, 0x800];
const [UNIX, FILE_TYPE, LINK] = [3, 0o170000, 0o120000];

/**
 * The directory of a zip, each entry checked against the header in front of its bytes. No two entries may share bytes:
 * a small file could be a great many large ones.
 *
 * @throws {Error} that says what is wrong with the file.
 */
export function readZipDirectory(zip: Buffer): readonly ZipEntry[] {
  const end = findEnd(zip);
  const count = zip.readUInt16LE(end + 10);
  const start = zip.readUInt32LE(end + 16);
  if (start === TOO_LARGE || count === TOO_MANY)
    throw new Error("expected a zip without the extension for huge files (zip64)");
  if (start + zip.readUInt32LE(end + 12) !== end || zip.readUInt16LE(end + 8) !== count)
    throw new Error("expected a whole zip, found one with a damaged directory");
  const entries: ZipEntry[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + ENTRY_BYTES > end || zip.readUInt32LE(at) !== DIRECTORY_ENTRY)
      throw new Error("expected a whole zip, found one with a damaged directory");
    entries.push(readEntry(zip, at, start));
    at += ENTRY_BYTES + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  const inOrder = entries.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const shared = inOrder.find((entry, index) => entry.start < (inOrder[index - 1]?.end ?? 0));
  if (shared)
    throw new Error(`expected bytes of its own for each entry, found ${shown(shared.name)} inside of another`);
  return entries;
}

const inflate = promisify(inflateRaw);

/** The file's bytes. @throws {Error} where they are not as long, or not the ones, that the directory says. */
export async function readZipEntry(zip: Buffer, entry: ZipEntry): Promise<Buffer> {
  const packed = zip.subarray(entry.start, entry.end);
  const damaged = `expected ${shown(entry.name)} to be intact, found it damaged`;
  // One byte more than it may have: that it goes on is seen without decompressing the rest.
  const unpacked =
    entry.method === 0
      ? packed
      : await inflate(packed, { maxOutputLength: entry.bytes + 1 }).catch((cause: unknown) => {
          throw new Error(damaged, { cause });
        });
  if (unpacked.length !== entry.bytes || crc32(unpacked) !== entry.crc32) throw new Error(damaged);
  return unpacked;
}

/** Where the last record begins: behind it is nothing but the comment that it announces. */
function findEnd(zip: Buffer): number {
  const first = Math.max(0, zip.length - END_BYTES - LONGEST_COMMENT);
  for (let at = zip.length - END_BYTES; at >= first; at -= 1) {
    if (zip.readUInt32LE(at) === DIRECTORY_END && at + END_BYTES + zip.readUInt16LE(at + 20) === zip.length) return at;
  }
  throw new Error("expected a whole zip, found no directory at its end");
}

function readEntry(zip: Buffer, at: number, directory: number): ZipEntry {
  const flags = zip.readUInt16LE(at + 8);
  const nameBytes = zip.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + zip.readUInt16LE(at + 28));
  const name = nameOf(nameBytes, flags);
  const [packed, bytes, header] = [zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24), zip.readUInt32LE(at + 42)];
  if ([packed, bytes, header].includes(TOO_LARGE))
    throw new Error(`expected entries without the extension for huge files (zip64), found ${shown(name)}`);
  const method = zip.readUInt16LE(at + 10);
  const start = startOf(zip, header, nameBytes, method);
  if (start === null || start + packed > directory)
    throw new Error(`expected ${shown(name)} where the zip's directory has it, found something else`);
  const mode = zip.readUInt8(at + 5) === UNIX ? zip.readUInt16LE(at + 40) : 0;
  return {
    name,
    bytes,
    method,
    encrypted: (flags & ENCRYPTED) !== 0,
    link: (mode & FILE_TYPE) === LINK,
    crc32: zip.readUInt32LE(at + 16),
    start,
    end: start + packed,
  };
}

/** Where an entry's bytes begin, behind a header that is about the same file; null where there is no such header. */
function startOf(zip: Buffer, header: number, name: Buffer, method: number): number | null {
  if (header + HEADER_BYTES > zip.length || zip.readUInt32LE(header) !== FILE_HEADER) return null;
  const nameEnd = header + HEADER_BYTES + zip.readUInt16LE(header + 26);
  const same = zip.readUInt16LE(header + 8) === method && zip.subarray(header + HEADER_BYTES, nameEnd).equals(name);
  return same ? nameEnd + zip.readUInt16LE(header + 28) : null;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Names without the mark for UTF-8 are in it all the same where they can be: most programs that write zips leave it out. */
function nameOf(bytes: Buffer, flags: number): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    if ((flags & UTF8) === 0) return bytes.toString("latin1");
    throw new Error("expected names in UTF-8, found another encoding", { cause });
  }
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 100));
