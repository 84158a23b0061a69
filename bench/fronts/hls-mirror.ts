import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 250

/** A folder that follows a live HLS stream: the same segments under plain names, for a server of files. */
export async function mirrorHls(multivariantUrl: string) {
  const root = await mkdtemp(join(tmpdir(), 'camgate-bench-hls-'))
  const load = async (url: string) => {
    const reply = await fetch(url)
    if (!reply.ok) throw new Error(`${url}: ${reply.status}`)
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
    const uris = kept.flatMap(line =>
      line === '' || line.startsWith('#') ? (/URI="([^"]+)"/.exec(line)?.[1] ?? []) : line,
    )
    for (const uri of uris.filter(uri => !known.has(name(uri)))) {
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
  return {
    root,
    stop: async () => {
      stop.abort()
      await following
      await rm(root, { recursive: true, force: true })
    },
  }
}
