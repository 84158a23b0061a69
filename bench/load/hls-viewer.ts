import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Meter } from './meter.ts'
import type { Viewer } from './viewer.ts'

/** Where a live player starts: so many segments before the end. */
const START = 3

/** Followed from one address to another; beyond that they go in a circle. */
const MOST_REDIRECTS = 3

/** A plain HLS player: reads the playlists, those of sound apart too, and each segment once; never decodes. */
export function openHlsViewer(url: string): Viewer {
  const meter = new Meter(false)
  const startedAt = performance.now()
  const agent = new Agent({ keepAlive: true, maxSockets: 2 })
  const stop = new AbortController()
  const { signal } = stop
  let ended: string | undefined

  const load = (address: string, redirects = 0) =>
    new Promise<Buffer>((resolve, reject) => {
      const request = get(address, { agent, signal }, reply => {
        const pieces: Buffer[] = []
        reply.on('data', (piece: Buffer) => pieces.push(piece))
        reply.on('error', reject)
        reply.on('end', () => {
          const { statusCode, headers } = reply
          if (statusCode === 200) resolve(Buffer.concat(pieces))
          else if (statusCode === 302 && redirects < MOST_REDIRECTS)
            resolve(load(String(new URL(headers.location!, address)), redirects + 1))
          else reject(new Error(String(statusCode)))
        })
      })
      request.on('error', reject)
    })

  const play = async () => {
    const multivariant = (await load(url)).toString()
    const pictures = new URL(multivariant.trim().split('\n').at(-1)!, url)
    const sounds = [...multivariant.matchAll(/^#EXT-X-MEDIA:TYPE=AUDIO.*URI="([^"]+)"/gm)]
    await Promise.all([
      follow(pictures, bytes => {
        meter.push(bytes)
      }),
      ...sounds.map(([, uri]) =>
        follow(new URL(uri!, url), bytes => {
          meter.bytes += bytes.length
        }),
      ),
    ])
  }
  const follow = async (media: URL, take: (bytes: Buffer) => void) => {
    const at = (uri: string) => String(new URL(uri, media))
    let next = 0
    let map = ''
    for (;;) {
      const { first, uris, init, lastSeconds } = readPlaylist((await load(String(media))).toString())
      if (next === 0) next = Math.max(first, first + uris.length - START)
      if (next < first) {
        meter.videoBreaks++
        next = first
      }
      const news = uris.slice(next - first)
      if (init !== map && news.length > 0) {
        take(await load(at(init)))
        map = init
      }
      for (const uri of news) {
        take(await load(at(uri)))
        meter.firstFrameAt ??= performance.now()
        next++
      }
      await sleep((news.length > 0 ? lastSeconds : lastSeconds / 2) * 1000, undefined, { signal })
    }
  }
  play().catch((error: Error) => {
    if (!signal.aborted) ended ??= error.message
  })
  return {
    meter,
    startedAt,
    get ended() {
      return ended
    },
    stall: () => stop.abort(),
    close: () => {
      stop.abort()
      agent.destroy()
    },
  }
}

function readPlaylist(text: string) {
  return {
    first: Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0),
    uris: text.split('\n').filter(line => line !== '' && !line.startsWith('#')),
    init: /#EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1] ?? '',
    lastSeconds: Number([...text.matchAll(/#EXTINF:([\d.]+)/g)].at(-1)?.[1] ?? 1),
  }
}
