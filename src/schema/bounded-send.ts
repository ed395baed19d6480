import type { WebSocket } from "ws";

/** The client may come back at once with its cursor. */
const TRY_AGAIN_LATER = 1013;

type Sender = Pick<WebSocket, "readyState" | "OPEN" | "bufferedAmount" | "close"> & {
  send(text: string, done: (error?: Error) => void): void;
};

/**
 * Hands a message to a socket and waits until it has left, so that whoever makes messages is as slow as their reader.
 * Where more than `maxBufferedBytes` wait already, the reader is cut off instead.
 */
export function boundedSend(socket: Sender, text: string, maxBufferedBytes: number): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (socket.bufferedAmount > maxBufferedBytes) {
    socket.close(TRY_AGAIN_LATER, "you read too slowly: come back with your cursor");
    return Promise.resolve();
  }
  // A failed write ends in the socket's close event, which ends its operations.
  return new Promise((resolve) => socket.send(text, () => resolve()));
}
