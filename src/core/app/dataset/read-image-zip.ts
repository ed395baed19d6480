import type { JsonObject } from "../../contract/index.ts";
import { readZipDirectory, readZipEntry, type ZipEntry } from "./zip-file.ts";

/** What a zip of images may hold; it is refused before anything beyond is decompressed. */
export const ZIP_LIMITS = Object.freeze({
  entries: 9_999,
  imageBytes: 32 * 1024 * 1024,
  captionBytes: 64 * 1024,
  totalBytes: 512 * 1024 * 1024,
});

const IMAGE = /\.(png|jpe?g|webp)$/i;
const CAPTION = /\.txt$/i;
const ARCHIVE = /\.(zip|tar|t?gz|bz2|xz|7z|rar|jar)$/i;
/** What macOS and Windows add on their own. */
const IGNORED = /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/;
const SHOWN_NAMES = 5;

/**
 * Rows {image, caption} of a zip with PNG, JPEG or WebP images and a caption of the same stem for each ("cats/1.png" and
 * "cats/1.txt"), in the order of names; images as base64. Nothing is written to disk.
 *
 * @throws {Error} that says which entry is wrong, and how.
 */
export async function readImageZip(bytes: Uint8Array, signal?: AbortSignal): Promise<readonly JsonObject[]> {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const files = checkEntries(readZipDirectory(zip));
  const names = [...files.keys()].sort();
  requireUniqueStems(names);
  const captions = new Map(
    [...files].filter(([name]) => CAPTION.test(name)).map(([name, file]) => [stemOf(name), file]),
  );
  const images = names.filter((name) => IMAGE.test(name));
  const missing = images.filter((name) => !captions.has(stemOf(name)));
  if (missing.length > 0)
    throw new Error(`expected a caption beside each image (a.png, a.txt), found none for ${listed(missing)}`);
  const imageStems = new Set(images.map(stemOf));
  const orphans = names.filter((name) => CAPTION.test(name) && !imageStems.has(stemOf(name)));
  if (orphans.length > 0)
    throw new Error(`expected an image beside each caption (a.png, a.txt), found none for ${listed(orphans)}`);
  if (images.length === 0) throw new Error("expected PNG, JPEG or WebP images with captions, found none");
  const rows: JsonObject[] = [];
  for (const name of images) {
    signal?.throwIfAborted();
    const [image, caption] = [files.get(name), captions.get(stemOf(name))];
    if (image === undefined || caption === undefined) throw new Error(`expected a pair of ${shown(name)}`);
    rows.push({
      image: (await readZipEntry(zip, image)).toString("base64"),
      caption: readCaption(name, await readZipEntry(zip, caption)),
    });
  }
  return rows;
}

/** Images and captions by their names; all that can be said without decompressing them is said here. */
function checkEntries(entries: readonly ZipEntry[]): ReadonlyMap<string, ZipEntry> {
  if (entries.length > ZIP_LIMITS.entries)
    throw new Error(`expected at most ${ZIP_LIMITS.entries} entries, found more`);
  const seen = new Set<string>();
  const files = new Map<string, ZipEntry>();
  let total = 0;
  for (const entry of entries) {
    const { name } = entry;
    if (seen.has(name)) throw new Error(`expected different names, found ${shown(name)} twice`);
    seen.add(name);
    requireSafeName(name);
    if (name.endsWith("/") || IGNORED.test(name)) continue;
    requireReadable(entry);
    total += entry.bytes;
    if (total > ZIP_LIMITS.totalBytes)
      throw new Error(`expected at most ${ZIP_LIMITS.totalBytes} bytes when decompressed, found more`);
    files.set(name, entry);
  }
  return files;
}

function requireReadable({ name, bytes, method, encrypted, link }: ZipEntry): void {
  if (ARCHIVE.test(name)) throw new Error(`expected no archive inside, found ${shown(name)}`);
  if (!IMAGE.test(name) && !CAPTION.test(name))
    throw new Error(`expected only .png, .jpg, .jpeg and .webp images and .txt captions, found ${shown(name)}`);
  if (link) throw new Error(`expected files, found the link ${shown(name)}`);
  if (encrypted) throw new Error(`expected files without a password, found ${shown(name)} encrypted`);
  if (method !== 0 && method !== 8)
    throw new Error(`expected stored or deflated entries, found compression ${method} in ${shown(name)}`);
  const most = IMAGE.test(name) ? ZIP_LIMITS.imageBytes : ZIP_LIMITS.captionBytes;
  if (bytes > most) throw new Error(`expected ${shown(name)} to have at most ${most} bytes, found ${bytes}`);
}

/** No entry may name a place outside of the zip, even though nothing is written there. */
function requireSafeName(name: string): void {
  const unsafe =
    name === "" || name.startsWith("/") || /[\\\0]|^[A-Za-z]:/.test(name) || name.split("/").includes("..");
  if (unsafe) throw new Error(`expected names inside of the zip, found ${shown(name)}`);
}

function requireUniqueStems(names: readonly string[]): void {
  for (const pattern of [IMAGE, CAPTION]) {
    const seen = new Set<string>();
    for (const stem of names.filter((name) => pattern.test(name)).map(stemOf)) {
      if (seen.has(stem))
        throw new Error(`expected one image and one caption of each name, found two of ${shown(stem)}`);
      seen.add(stem);
    }
  }
}

function readCaption(image: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch (cause) {
    throw new Error(`expected the caption of ${shown(image)} to be UTF-8 text`, { cause });
  }
}

const stemOf = (name: string): string => name.replace(/\.[^./]*$/, "");

const shown = (name: string): string => JSON.stringify(name.slice(0, 100));

const listed = (names: readonly string[]): string =>
  `${names.slice(0, SHOWN_NAMES).map(shown).join(", ")}${names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : ""}`;
