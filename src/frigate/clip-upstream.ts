import type { ClipReply, ClipRequest, ClipUpstream } from '../clips/clip.ts'
import { ClipNotFound } from '../clips/errors.ts'
import type { FrigateClient } from './client.ts'
import { FrigateRefused } from './errors.ts'
import type { Frigate } from './frigate.ts'

/** ffmpeg takes its time before the first byte of a clip. */
const FIRST_BYTE_MS = 30_000

const REQUEST_HEADERS = { range: 'range', ifRange: 'if-range', ifNoneMatch: 'if-none-match' } as const
const ANSWER_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
]
/** What is handed on; anything else is an error of Frigate. */
const ANSWERS = new Set([200, 206, 304, 416])

/** Clips as Frigate gives them. */
export class FrigateClips implements ClipUpstream {
  readonly #frigate: Frigate
  readonly #client: FrigateClient

  constructor(frigate: Frigate) {
    this.#frigate = frigate
    this.#client = frigate.client
  }

  async takesRanges(): Promise<boolean> {
    return (await this.#frigate.dialect()).clipRanges
  }

  async forward(id: string, request: ClipRequest): Promise<ClipReply> {
    const headers: Record<string, string> = {}
    for (const [member, name] of Object.entries(REQUEST_HEADERS)) {
      const value = request[member as keyof typeof REQUEST_HEADERS]
      if (value !== undefined) headers[name] = value
    }
    const { method, signal } = request
    const answer = await this.#client.openMedia(clipPath(id), {
      method,
      headers,
      signal,
      timeoutMs: FIRST_BYTE_MS,
    })
    const passed = ANSWER_HEADERS.flatMap(name => {
      const value = answer.headers[name]
      return typeof value === 'string' ? [[name, value] as const] : []
    })
    const reply = {
      status: answer.statusCode,
      headers: { ...Object.fromEntries(passed), 'cache-control': 'private, no-cache' },
    }
    if (!ANSWERS.has(answer.statusCode)) throw await this.#refusal(answer)
    if (answer.statusCode < 300 && method === 'GET') return { ...reply, body: answer.body }
    answer.body.destroy()
    return reply
  }

  async open(id: string, signal: AbortSignal) {
    const answer = await this.#client.openMedia(clipPath(id), { signal, timeoutMs: FIRST_BYTE_MS })
    if (answer.statusCode !== 200) throw await this.#refusal(answer)
    const length = Number(answer.headers['content-length'])
    return { body: answer.body, length: Number.isSafeInteger(length) ? length : undefined }
  }

  async #refusal(answer: Awaited<ReturnType<FrigateClient['openMedia']>>) {
    answer.body.destroy()
    if (answer.statusCode === 404 || answer.statusCode === 400) return new ClipNotFound()
    this.#frigate.suspectVersion()
    return new FrigateRefused(answer.statusCode)
  }
}

function clipPath(id: string): string {
  return `/api/events/${encodeURIComponent(id)}/clip.mp4`
}
