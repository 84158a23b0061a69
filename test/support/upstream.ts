import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { BUNDLED_CAMERAS, bundledMedia } from '../../demo/footage/bundled.ts'
import { startGo2rtc } from './go2rtc.ts'
import { ffmpeg } from './tools.ts'
import { until } from './until.ts'

/** A go2rtc with the bundled cameras, of whichever kind. */
export interface Upstream {
  readonly origin: string
  /** Readers that a stream has now, as go2rtc itself lists them. */
  consumers(stream: string): Promise<number>
  /** Killed. */
  stop(): Promise<void>
  /** Back, on the same port. */
  start(): Promise<void>
}

/** The binary that the suite is to be tried with instead of the stand-in. */
export const GO2RTC_BIN = process.env.GO2RTC_BIN || undefined

/** A real go2rtc where GO2RTC_BIN names one, else the stand-in; ended with the test. */
export async function startUpstream(t: Test): Promise<Upstream> {
  const upstream = GO2RTC_BIN === undefined ? await startGo2rtc(t) : await startBinary(t, GO2RTC_BIN)
  return {
    origin: upstream.origin,
    consumers: stream => countConsumers(upstream.origin, stream),
    stop: () => upstream.stop(),
    start: () => upstream.start(),
  }
}

async function countConsumers(origin: string, stream: string): Promise<number> {
  const list = await (await fetch(`${origin}/api/streams`)).json()
  return (list as Record<string, { consumers: unknown[] | null }>)[stream]?.consumers?.length ?? 0
}

async function startBinary(t: Test, binary: string) {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-go2rtc-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const address = `127.0.0.1:${await freePort()}`
  const config = join(folder, 'go2rtc.yaml')
  const play = `${ffmpeg()} -v error -re -stream_loop -1 -i`
  const streams = BUNDLED_CAMERAS.map(camera => {
    const file = fileURLToPath(bundledMedia(`${camera}.mp4`))
    return `  ${camera}: "exec:${play} ${file} -c copy -f mpegts -"`
  })
  const off = ['rtsp', 'webrtc', 'srtp'].map(module => `${module}: { listen: "" }`)
  await writeFile(config, [`api: { listen: "${address}" }`, ...off, 'streams:', ...streams, ''].join('\n'))

  let child: ChildProcess
  const start = async () => {
    child = spawn(binary, ['-config', config], { stdio: 'ignore' })
    await until(async () => (await fetch(`http://${address}/api`).catch(() => undefined))?.ok === true)
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  await start()
  t.teardown(stop)
  return { origin: `http://${address}`, start, stop }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
