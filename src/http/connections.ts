import type { Socket } from 'node:net'
import { networkOf, plainAddress } from '../network/address.ts'
import { Share } from '../shares/share.ts'
import { TooManyConnections } from './errors.ts'

/** Beyond the limit, so many connections are told so; then the one that came first goes for the next. */
export const MOST_LATE = 32

/**
 * Bounds open connections, with a fair share for each address. An address that many share, such as that of a proxy, may have all of them.
 * At the limit a few are still taken, of such addresses and of those that have none: they are answered once.
 */
export class Connections {
  readonly #share: Share
  readonly #isShared: (address: string) => boolean
  /** In the order in which they came. */
  readonly #late = new Set<Socket>()
  #shared = 0
  #refused = 0

  constructor(limit: number, isShared: (address: string) => boolean) {
    this.#share = new Share({ total: limit, refusal: () => new TooManyConnections() })
    this.#isShared = isShared
  }

  get open(): number {
    return this.#share.used + this.#late.size
  }

  /** Since the start: closed at once, or answered once and closed. */
  get refused(): number {
    return this.#refused
  }

  /** Whether it came beyond the limit, so that it gets one answer. */
  isLate(socket: Socket): boolean {
    return this.#late.has(socket)
  }

  /** Keeps a new connection, or closes it. */
  accept(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '')
    const isShared = this.#isShared(address)
    // Each connection of a shared address is a holder of its own, so that only the limit bounds them.
    const holder = isShared ? `${address} ${this.#shared++}` : networkOf(address)
    try {
      socket.once(
        'close',
        this.#share.take({ user: holder, token: address }, 1, () => socket.destroy()),
      )
      return
    } catch {}
    this.#refused++
    if (isShared || this.#share.usedBy(holder) === 0) this.#acceptLate(socket)
    else socket.destroy()
  }

  #acceptLate(socket: Socket): void {
    const [first] = this.#late
    if (first && this.#late.size >= MOST_LATE) {
      this.#late.delete(first)
      first.destroy()
    }
    this.#late.add(socket)
    socket.once('close', () => this.#late.delete(socket))
  }
}
