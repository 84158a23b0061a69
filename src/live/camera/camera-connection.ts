/** camera/: the connection to a camera, when it is read, and what of it is asked for. */
import { CodedError } from '../../errors.ts'
import { BoxTooLarge } from '../../fmp4/errors.ts'
import type { Fragment } from '../../fmp4/fragments/fragment.ts'
import { FragmentReader, type Memory } from '../../fmp4/fragments/reader.ts'
import type { InitSegment } from '../../fmp4/init/init-segment.ts'
import { later } from '../../ledger/timers.ts'
import { UpstreamEnded, UpstreamSilent } from '../errors.ts'
import type { Variant } from './playable.ts'

/** What receives one upstream connection. After `end` nothing more comes. */
export interface Receiver {
  readonly data: (chunk: Uint8Array) => void
  readonly end: (error?: Error) => void
}

/** An upstream connection. */
export interface LiveConnection {
  /** Ends it, soon if not at once; the receiver hears no more of it. */
  close(): void
  /**
   * Reads what has come, in one of the next turns of the event loop, and pauses reading when that was everything. Before the
   * first call everything is read as it comes.
   */
  read(): void
  /** Nothing is read until the next `read`. */
  readonly paused: boolean
}

/** Where live streams come from: opens the endless fMP4 of a stream. */
export interface LiveSource {
  open(stream: string, variant: Variant, receiver: Receiver): LiveConnection
}

export interface ConnectionOptions {
  readonly fragmentBytes: number
  readonly initBytes: number
  /** After so long without a fragment the connection is made anew, in milliseconds. */
  readonly silentMs: number
  /** The first wait before connecting again; it doubles up to 40 times of this. */
  readonly retryMs: number
}

export interface ConnectionEvents {
  /** Its bytes pass to the receiver: `bytes.length` were taken from memory and are the receiver's to give back. */
  init(init: InitSegment): void
  /** As with `init`: `moof.length + mdat.length` pass to the receiver. */
  fragment(fragment: Fragment): void
  /** The connection has just begun: what came is not to wait for the beat. */
  begun(): void
  /** The connection is lost; another is made after a while. */
  lost(error: CodedError): void
}

/** A camera that sends more than is taken is asked again so much later, in milliseconds: each attempt is a session with it. */
const TOO_LARGE_RETRY_MS = 30_000

/** A read may have been asked for after the poll of a turn: only the second poll without bytes says that there are none. */
const EMPTY_POLLS = 2

/** The camera side of a hub: one upstream connection, watched for silence, made anew with backoff and jitter. */
export class CameraConnection {
  readonly #open: (receiver: Receiver) => LiveConnection
  readonly #memory: Memory
  readonly #options: ConnectionOptions
  readonly #events: ConnectionEvents
  #current: LiveConnection | undefined
  #reader: FragmentReader | undefined
  /** Another connection, of which only the init segment is wanted. */
  #look: { readonly reader: FragmentReader; end(): void } | undefined
  #watchdog: NodeJS.Timeout | undefined
  /** When the last fragment came, by `performance.now()`; undefined before the first. */
  #heardAt: number | undefined
  #retry: NodeJS.Timeout | undefined
  #failures = 0
  /** Since the last look: bytes came, and how many polls brought none. */
  #brought = false
  #emptyPolls = 0
  #closed = false
  connects = 0

  constructor(
    open: (receiver: Receiver) => LiveConnection,
    memory: Memory,
    options: ConnectionOptions,
    events: ConnectionEvents,
  ) {
    this.#open = open
    this.#memory = memory
    this.#options = options
    this.#events = events
  }

  /** Connects, at once if a retry was waiting. Does nothing while connected. */
  connect(): void {
    if (this.#closed || this.#current) return
    clearTimeout(this.#retry)
    this.connects++
    const reader = this.#newReader(init => this.#events.init(init))
    this.#reader = reader
    this.#heardAt = undefined
    // A camera's first keyframe may be a whole GOP away.
    this.#watch(this.#options.silentMs * 2)
    const connection = this.#open({
      data: chunk => {
        if (this.#reader === reader) this.#read(reader, chunk)
      },
      end: error => {
        if (this.#reader === reader) this.#lose(coded(error))
      },
    })
    if (this.#reader === reader) this.#current = connection
    else connection.close()
  }

  /** Leaves the connection, which something is wrong with that it does not say itself, for another one. */
  renew(why: CodedError): void {
    this.#lose(why)
  }

  /**
   * Connects once more beside the connection that there is, for the init segment: goes over to the other connection if `isKnown` says that
   * its tracks are others, and leaves it otherwise. go2rtc says what a camera sends only when one connects.
   */
  lookAgain(isKnown: (init: InitSegment) => boolean): void {
    if (this.#closed || !this.#current || this.#look) return
    let connection: LiveConnection | undefined
    const deadline = later(this.#options.silentMs, () => look.end())
    const reader = this.#newReader(init => {
      clearTimeout(deadline)
      if (isKnown(init)) {
        this.#memory.give(init.bytes.length)
        look.end()
        return
      }
      this.#look = undefined
      this.#drop()
      this.connects++
      this.#reader = reader
      this.#current = connection
      this.#heardAt = undefined
      this.#watch(this.#options.silentMs * 2)
      this.#events.init(init)
    })
    const look = {
      reader,
      end: () => {
        clearTimeout(deadline)
        if (this.#look === look) this.#look = undefined
        reader.close()
        connection?.close()
      },
    }
    this.#look = look
    connection = this.#open({
      data: chunk => {
        if (this.#reader === reader) this.#read(reader, chunk)
        else if (this.#look === look) {
          const error = push(reader, chunk)
          if (error && this.#reader === reader) this.#lose(error)
          else if (error) look.end()
        }
      },
      end: error => {
        if (this.#reader === reader) this.#lose(coded(error))
        else if (this.#look === look) look.end()
      },
    })
    if (this.#look !== look && this.#reader !== reader) connection.close()
  }

  #newReader(init: (init: InitSegment) => void): FragmentReader {
    const reader: FragmentReader = new FragmentReader(this.#options, this.#memory, {
      init,
      fragment: fragment => {
        if (this.#reader === reader) this.#take(fragment)
        else this.#memory.give(fragment.moof.length + fragment.mdat.length)
      },
    })
    return reader
  }

  #take(fragment: Fragment): void {
    const isFirst = this.#heardAt === undefined
    this.#heardAt = performance.now()
    if (isFirst) {
      this.#failures = 0
      this.#watch(this.#options.silentMs)
    }
    this.#events.fragment(fragment)
  }

  /** Until the first fragment what comes is read at once. */
  get #beginning(): boolean {
    return this.#heardAt === undefined
  }

  /** Starts to read what has come. */
  read(): void {
    if (this.#beginning) return
    this.#brought = false
    this.#emptyPolls = 0
    this.#current?.read()
  }

  /** To be called after each poll of the event loop: true once everything that had come has been read. */
  readAll(): boolean {
    if (this.#beginning || !this.#current || this.#current.paused) return true
    if (!this.#brought) return ++this.#emptyPolls === EMPTY_POLLS
    this.#brought = false
    this.#emptyPolls = 0
    return false
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  #read(reader: FragmentReader, chunk: Uint8Array): void {
    const wasBeginning = this.#beginning
    this.#brought = true
    const error = push(reader, chunk)
    if (error) this.#lose(error)
    if (wasBeginning) this.#events.begun()
  }

  /** Looks again after `wait` whether anything has come for `ms`. One timer for all fragments. */
  #watch(ms: number, wait = ms): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = later(wait, () => {
      const left = (this.#heardAt ?? Number.NEGATIVE_INFINITY) + ms - performance.now()
      if (left > 0) this.#watch(ms, left)
      else this.#lose(new UpstreamSilent(ms / 1000))
    })
  }

  /** Leaves it for another one. */
  #lose(error: CodedError): void {
    if (!this.#reader) return
    this.#drop()
    const backoff = Math.min(this.#options.retryMs * 2 ** this.#failures, this.#options.retryMs * 40)
    const base = error instanceof BoxTooLarge ? Math.max(TOO_LARGE_RETRY_MS, backoff) : backoff
    this.#failures++
    this.#retry = later(base * (0.5 + Math.random()), () => this.connect())
    this.#events.lost(error)
  }

  #drop(): void {
    clearTimeout(this.#watchdog)
    clearTimeout(this.#retry)
    this.#watchdog = undefined
    this.#look?.end()
    this.#reader?.close()
    this.#reader = undefined
    this.#current?.close()
    this.#current = undefined
  }
}

function push(reader: FragmentReader, bytes: Uint8Array): CodedError | undefined {
  try {
    reader.push(bytes)
    return undefined
  } catch (error) {
    return coded(error)
  }
}

function coded(error: unknown): CodedError {
  if (error instanceof CodedError) return error
  return error instanceof Error
    ? new CodedError('LIVE_UPSTREAM_ENDED', error.message, 502)
    : new UpstreamEnded()
}
