import type { Socket } from 'node:net'

/** What of a repeated request is counted apart. */
export const KINDS = { playlist: 0, media: 1 } as const
export type Kind = keyof typeof KINDS

/** A reply with status 200 that is the same for everybody who may ask for it. */
export interface Answer {
  readonly kind: Kind
  /** Its body. A piece whose memory was given back makes it void. */
  readonly pieces: readonly Uint8Array[]
  /** Sends what of the body comes from that byte on. Calls `done` once, when it has left or the connection is closed. */
  sendRest(socket: Socket, from: number, done: () => void): void
}

/** An answer of a few bytes, which nobody takes away. */
export function shortAnswer(kind: Kind, bytes: Uint8Array): Answer {
  return {
    kind,
    pieces: [bytes],
    sendRest: (socket, from, done) => {
      socket.write(bytes.subarray(from), done)
    },
  }
}

export function isVoid({ pieces }: Answer): boolean {
  return pieces.length === 0 || pieces.some(piece => piece.length === 0)
}
