const ORIENTATION_TAG = 0x0112;
const ENTRY_BYTES = 12;
const [LITTLE_ENDIAN, BIG_ENDIAN, TIFF] = [0x4949, 0x4d4d, 42];
const PREFIX = "Exif\0\0";

/** The orientation (1 to 8) that EXIF data give an image; 1, upright, where they give none that makes sense. */
export function exifOrientation(data: Uint8Array): number {
  const exif = hasPrefix(data) ? data.subarray(PREFIX.length) : data;
  if (exif.length < 14) return 1;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const little = view.getUint16(0) === LITTLE_ENDIAN;
  // Other data lie in the same places: descriptions in XML, previews.
  if ((!little && view.getUint16(0) !== BIG_ENDIAN) || view.getUint16(2, little) !== TIFF) return 1;
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return 1;
  for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (at + ENTRY_BYTES > exif.length) return 1;
    if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
    const orientation = view.getUint16(at + 8, little);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

/** Files of JPEG have it, those of PNG have not, WebP's have it now and then. */
const hasPrefix = (data: Uint8Array): boolean => String.fromCodePoint(...data.subarray(0, PREFIX.length)) === PREFIX;
