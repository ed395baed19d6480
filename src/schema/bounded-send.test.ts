import { describe, expect, it, vi } from "vitest";
import { boundedSend } from "./bounded-send.ts";

const OPEN = 1;
const CLOSING = 2;

function aSocket(given: { readonly readyState?: 1 | 2; readonly bufferedAmount?: number } = {}) {
  const left: (() => void)[] = [];
  const send = vi.fn<(text: string, done: () => void) => void>((_text, done) => void left.push(done));
  return {
    readyState: OPEN,
    OPEN,
    bufferedAmount: 0,
    close: vi.fn<(code: number, reason: string) => void>(),
    ...given,
    send,
    left,
  } as const;
}

describe("boundedSend", () => {
  it("waits until the message has left", async () => {
    const socket = aSocket();
    let sent = false;
    const sending = boundedSend(socket, "hello", 10).then(() => (sent = true));
    await Promise.resolve();
    expect([socket.send.mock.calls.map(([text]) => text), sent]).toEqual([["hello"], false]);
    socket.left[0]?.();
    await sending;
    expect(sent).toBe(true);
  });

  it("cuts a reader off that lets more wait than allowed, and sends it nothing more", async () => {
    const socket = aSocket({ bufferedAmount: 11 });
    await boundedSend(socket, "hello", 10);
    expect(socket.close).toHaveBeenCalledWith(1013, expect.stringContaining("too slowly"));
    expect(socket.send).not.toHaveBeenCalled();
  });

  it("drops what is for a socket that is closing", async () => {
    const socket = aSocket({ readyState: CLOSING, bufferedAmount: 11 });
    await boundedSend(socket, "hello", 10);
    expect([socket.send, socket.close].map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
  });
});
