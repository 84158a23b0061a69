import type { Test } from 'tap'
import { synthetic } from '../../demo/footage/synthetic.ts'
import { startLive } from './live-server.ts'
import { readPlaylist } from './playlist.ts'

/** The server with one camera, `Fast`, whose GOP is a second; `open` starts to play it. */
export async function startHls(t: Test, env = {}) {
  const streams = { Fast: [synthetic({ gop: 1, fps: 25, bitrate: 400_000 })] }
  const server = await startLive(t, { streams, env })
  const open = (query = '', token = server.user.token) =>
    openStream(`${server.origin}/api/camera/Fast/stream.m3u8?token=${token}${query}`)
  return { ...server, open }
}

/** As players do: the first playlist, then the one that it names. */
export async function openStream(url: string) {
  const reply = await fetch(url)
  const text = await reply.text()
  if (reply.status !== 200) throw new Error(`${reply.status}: ${text}`)
  const media = new URL(text.trim().split('\n').at(-1)!, url)
  const load = async (query = '') => readPlaylist(await (await fetch(`${media}${query}`)).text())
  const at = (uri: string) => String(new URL(uri, media))
  return { text, media: String(media), load, at }
}

export async function bytesOf(url: string, init?: RequestInit): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url, init)).arrayBuffer())
}
