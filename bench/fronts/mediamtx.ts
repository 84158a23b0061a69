import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { playTo } from '../cameras/clip.ts'
import { Child } from '../process/child.ts'
import { freePort } from '../process/free-port.ts'

/** The MediaMTX of MEDIAMTX_BIN with one camera of 4 Mbit/s, and its plain HLS of fragmented MP4; nothing else of it runs. */
export async function mediamtx() {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-mediamtx-'))
  const [rtsp, hls] = [await freePort(), await freePort()]
  const config = join(folder, 'mediamtx.yml')
  const off = ['rtmp', 'webrtc', 'srt', 'moq'].map(name => `${name}: no`)
  await writeFile(
    config,
    [
      ...['logLevel: error', 'rtsp: yes', `rtspAddress: 127.0.0.1:${rtsp}`, 'rtspTransports: [tcp]', ...off],
      ...['hls: yes', `hlsAddress: 127.0.0.1:${hls}`, 'hlsAlwaysRemux: yes', 'hlsVariant: fmp4'],
      ...['paths:', '  load:', ''],
    ].join('\n'),
  )
  const server = new Child(process.env.MEDIAMTX_BIN!, [config])
  await answering(`http://127.0.0.1:${hls}/`)
  const [ffmpeg, ...options] = playTo(`rtsp://127.0.0.1:${rtsp}/load`, 'load')
  const camera = new Child(ffmpeg!, options)
  return {
    pid: server.pid,
    url: `http://127.0.0.1:${hls}/load/index.m3u8`,
    stop: async () => {
      await camera.stop()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Until anything is answered there. */
async function answering(url: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await fetch(url)
      return
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(50)
    }
  }
}
