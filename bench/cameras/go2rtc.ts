import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from '../process/child.ts'
import { freePort } from '../process/free-port.ts'
import { playTo } from './clip.ts'

export interface RealGo2rtc {
  readonly pid: number
  readonly origin: string
  readonly version: string
  /** Where it gives its cameras by RTSP. */
  rtsp(camera: string): string
  /** It has not ended by itself. */
  isRunning(): boolean
  stop(): Promise<void>
}

/** Sources of go2rtc's that are cameras of 4 Mbit/s themselves. */
export function playedByFfmpeg(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, `exec:${playTo('{output}', name).join(' ')}`]))
}

/** The go2rtc of GO2RTC_BIN with these cameras, each by its source. */
export async function runGo2rtc(
  cameras: Readonly<Record<string, string>>,
  port: number,
): Promise<RealGo2rtc> {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bench-go2rtc-'))
  const rtspPort = await freePort()
  const config = join(folder, 'go2rtc.yaml')
  const streams = Object.entries(cameras).map(([name, source]) => `  ${name}: ${JSON.stringify(source)}\n`)
  await writeFile(
    config,
    `api: {listen: "127.0.0.1:${port}"}\nrtsp: {listen: "127.0.0.1:${rtspPort}"}\nwebrtc: {listen: ""}\nlog: {level: error}\nstreams:\n${streams.join('')}`,
  )
  const child = new Child(process.env.GO2RTC_BIN!, ['-config', config])
  const origin = `http://127.0.0.1:${port}`
  return {
    pid: child.pid,
    origin,
    version: await versionOf(origin),
    rtsp: camera => `rtsp://127.0.0.1:${rtspPort}/${camera}`,
    isRunning: () => child.isRunning,
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
