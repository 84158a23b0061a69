import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 250
/** A player begins with one of so many before the end. */
const PLAYED = 3

/** A folder that follows a live HLS stream: the same segments under plain names, for a server of files. */
export async function mirrorHls(multivariantUrl: string) {
  const root = await mkdtemp(join(tmpdir(), 'camgate-bench-hls-'))
  const load = async (url: string) => {
    const reply = await fetch(url)
    if (reply.status !== 200) throw new Error(`${new URL(url).pathname} answered ${reply.status}`)
    return Buffer.from(await reply.arrayBuffer())
  }
  const name = (uri: string) => new URL(uri, 'http://mirror').pathname.split('/').at(-1)!
  const put = async (file: string, bytes: Buffer | string) => {
    await writeFile(join(root, `.${file}`), bytes)
    await rename(join(root, `.${file}`), join(root, file))
  }
  const multivariant = (await load(multivariantUrl)).toString()
  const lines = multivariant.trim().split('\n')
  const media = new URL(lines.at(-1)!, multivariantUrl)
  await put('master.m3u8', [...lines.slice(0, -1), 'media.m3u8', ''].join('\n'))

  const known = new Set<string>()
  const follow = async () => {
    const playlist = (await load(String(media))).toString()
    const kept = playlist
      .split('\n')
      .filter(line => !/^#EXT-X-(PART|PRELOAD-HINT|SERVER-CONTROL|RENDITION-REPORT)/.test(line))
    const maps = kept.flatMap(line => (line.startsWith('#') ? (/URI="([^"]+)"/.exec(line)?.[1] ?? []) : []))
    const segments = kept.filter(line => line !== '' && !line.startsWith('#'))
    // Those that no player begins with may go while the others are copied.
    if (known.size === 0) for (const uri of segments.slice(0, -PLAYED)) known.add(name(uri))
    for (const uri of [...maps, ...segments].filter(uri => !known.has(name(uri)))) {
      known.add(name(uri))
      await put(name(uri), await load(String(new URL(uri, media))))
    }
    const plain = kept.map(line =>
      line.startsWith('#')
        ? line.replace(/URI="([^"]+)"/, (_, uri: string) => `URI="${name(uri)}"`)
        : line && name(line),
    )
    await put('media.m3u8', plain.join('\n'))
  }
  await follow()
  const stop = new AbortController()
  const following = (async () => {
    while (!stop.signal.aborted) {
      await sleep(LOOK_EVERY_MS)
      await follow()
    }
  })()
  // It is told at the end.
  following.catch(() => {})
  return {
    root,
    stop: async () => {
      stop.abort()
      await following.finally(() => rm(root, { recursive: true, force: true }))
    },
  }
}
