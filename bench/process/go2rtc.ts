import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ffmpeg } from '../../test/support/tools.ts'
import { Child } from './child.ts'
import { freePort } from './free-port.ts'

export interface RealGo2rtc {
  readonly pid: number
  readonly origin: string
  readonly version: string
  stop(): Promise<void>
}

const SECONDS = 16

/** The go2rtc of GO2RTC_BIN with one camera of about 4 Mbit/s, GOP 2 s: a file that ffmpeg plays in a loop. */
export async function runGo2rtc(camera: string, port: number): Promise<RealGo2rtc> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-go2rtc-'))
  const clip = join(folder, 'camera.mp4')
  const rtspPort = await freePort()
  const source = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=1280x720:rate=30,noise=alls=40:allf=t',
    '-f',
    'lavfi',
    '-i',
    'sine=sample_rate=48000',
  ]
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '60',
    '-sc_threshold',
    '0',
  ]
  const rate = ['-b:v', '4M', '-minrate', '4M', '-maxrate', '4M', '-bufsize', '4M']
  execFileSync(ffmpeg(), [
    '-loglevel',
    'error',
    ...source,
    ...video,
    ...rate,
    '-c:a',
    'aac',
    '-t',
    String(SECONDS),
    clip,
  ])
  const play = `${ffmpeg()} -loglevel error -re -stream_loop -1 -i ${clip} -c copy -rtsp_transport tcp -f rtsp {output}`
  const config = join(folder, 'go2rtc.yaml')
  await writeFile(
    config,
    `api: {listen: "127.0.0.1:${port}"}\nrtsp: {listen: "127.0.0.1:${rtspPort}"}\nwebrtc: {listen: ""}\nlog: {level: error}\nstreams:\n  ${camera}: "exec:${play}"\n`,
  )
  const child = new Child(process.env.GO2RTC_BIN!, ['-config', config])
  const origin = `http://127.0.0.1:${port}`
  return {
    pid: child.pid,
    origin,
    version: await versionOf(origin),
    stop: async () => {
      await child.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function versionOf(origin: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return ((await (await fetch(`${origin}/api`)).json()) as { version: string }).version
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(50)
    }
  }
}
