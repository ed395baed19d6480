import { unzipSync, type UnzipFileInfo } from "fflate";
import type { JsonObject } from "../../contract/index.ts";

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
 * "cats/1.txt"), in the order of names; images as base64. Nothing is written to disk, links are read as what they are:
 * small files.
 *
 * @throws {Error} that says which entry is wrong, and how.
 */
export function readImageZip(bytes: Uint8Array): readonly JsonObject[] {
  const files = unzipSync(bytes, { filter: createFilter() });
  const names = Object.keys(files).sort();
  const captions = new Map(names.filter((name) => CAPTION.test(name)).map((name) => [stemOf(name), files[name]]));
  const images = names.filter((name) => IMAGE.test(name));
  requireUniqueStems(names);
  const missing = images.filter((name) => !captions.has(stemOf(name)));
  if (missing.length > 0)
    throw new Error(`expected a caption beside each image (a.png, a.txt), found none for ${listed(missing)}`);
  const imageStems = new Set(images.map(stemOf));
  const orphans = names.filter((name) => CAPTION.test(name) && !imageStems.has(stemOf(name)));
  if (orphans.length > 0)
    throw new Error(`expected an image beside each caption (a.png, a.txt), found none for ${listed(orphans)}`);
  if (images.length === 0) throw new Error("expected PNG, JPEG or WebP images with captions, found none");
  return images.map((name) => ({
    image: Buffer.from(files[name] ?? []).toString("base64"),
    caption: readCaption(name, captions.get(stemOf(name))),
  }));
}

/** Looks at each entry's name and sizes before it is decompressed. */
function createFilter(): (file: UnzipFileInfo) => boolean {
  const seen = new Set<string>();
  let total = 0;
  return ({ name, originalSize, compression }) => {
    if (seen.has(name)) throw new Error(`expected different names, found ${shown(name)} twice`);
    seen.add(name);
    if (seen.size > ZIP_LIMITS.entries) throw new Error(`expected at most ${ZIP_LIMITS.entries} entries, found more`);
    requireSafeName(name);
    if (name.endsWith("/") || IGNORED.test(name)) return false;
    if (ARCHIVE.test(name)) throw new Error(`expected no archive inside, found ${shown(name)}`);
    if (!IMAGE.test(name) && !CAPTION.test(name))
      throw new Error(`expected only .png, .jpg, .jpeg and .webp images and .txt captions, found ${shown(name)}`);
    if (compression !== 0 && compression !== 8)
      throw new Error(`expected stored or deflated entries, found compression ${compression} in ${shown(name)}`);
    const most = IMAGE.test(name) ? ZIP_LIMITS.imageBytes : ZIP_LIMITS.captionBytes;
    if (originalSize > most)
      throw new Error(`expected ${shown(name)} to have at most ${most} bytes, found ${originalSize}`);
    total += originalSize;
    if (total > ZIP_LIMITS.totalBytes)
      throw new Error(`expected at most ${ZIP_LIMITS.totalBytes} bytes when decompressed, found more`);
    return true;
  };
}

/** No entry may name a place outside of the zip, even though nothing is written there. */
function requireSafeName(name: string): void {
  const unsafe =
    name === "" || name.startsWith("/") || /[\\\0]|^[A-Za-z]:/.test(name) || name.split("/").includes("..");
  if (unsafe) throw new Error(`expected names inside of the zip, found ${shown(name)}`);
}

function requireUniqueStems(names: readonly string[]): void {
  for (const pattern of [IMAGE, CAPTION]) {
    const stems = names.filter((name) => pattern.test(name)).map(stemOf);
    const twice = stems.find((stem, index) => stems.indexOf(stem) !== index);
    if (twice !== undefined)
      throw new Error(`expected one image and one caption of each name, found two of ${shown(twice)}`);
  }
}

function readCaption(image: string, bytes: Uint8Array | undefined): string {
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
