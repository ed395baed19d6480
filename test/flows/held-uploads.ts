import { vi } from "vitest";

/** Uploads over HTTP that stop half way until the test lets them go on. */
export interface HeldUploads extends Disposable {
  /** The next large PUT sends half of its bytes and then waits. */
  holdNext(): void;
  /** Resolves when half of the held upload has left. */
  readonly halfSent: Promise<void>;
  release(): void;
  /** The offsets at which PUTs began, in order. */
  readonly offsets: readonly number[];
}

const LARGE_BYTES = 1_000_000;

/** Puts itself between the SDK and the network of this process. */
export function heldUploads(): HeldUploads {
  const halfSent = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const offsets: number[] = [];
  let armed = false;
  const network = globalThis.fetch;

  async function* halfOf(body: AsyncIterable<Uint8Array>, half: number): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const chunk of body) {
      yield chunk;
      sent += chunk.length;
      if (sent < half) continue;
      halfSent.resolve();
      await released.promise;
    }
  }

  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    if (init?.method !== "PUT") return network(input, init);
    const headers = new Headers(init.headers);
    offsets.push(Number(headers.get("upload-offset")));
    const bytes = Number(headers.get("content-length"));
    if (!armed || bytes < LARGE_BYTES || !(init.body instanceof ReadableStream)) return network(input, init);
    armed = false;
    return network(input, { ...init, body: ReadableStream.from(halfOf(init.body, bytes / 2)) });
  });
  return {
    holdNext: () => {
      armed = true;
    },
    halfSent: halfSent.promise,
    release: () => released.resolve(),
    offsets,
    [Symbol.dispose]() {
      released.resolve();
      spy.mockRestore();
    },
  };
}
