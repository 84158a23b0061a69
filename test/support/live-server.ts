import type { Test } from 'tap'
import { type ClientOptions, WebSocket } from 'ws'
import type { Go2rtcOptions } from '../../demo/go2rtc/go2rtc.ts'
import type { Environment } from '../../src/config/setting.ts'
import { startApp } from './app.ts'
import { startGo2rtc } from './go2rtc.ts'
import { signIn } from './sign-in.ts'
import { startUpstream } from './upstream.ts'

/** The whole server in front of the stand-in for go2rtc, without Frigate, and somebody who is logged in. */
export async function startLive(
  t: Test,
  options: {
    env?: Environment
    streams?: Go2rtcOptions['streams']
    prepare?: Parameters<typeof startApp>[2]
  } = {},
) {
  const go2rtc = await startGo2rtc(t, options.streams)
  const env = { GO2RTC_HOST: go2rtc.origin, FRIGATE_HOST: 'none', ...options.env }
  const { app, origin } = await startApp(t, env, options.prepare)
  const user = await signIn(origin)
  return { go2rtc, app, origin, user }
}

/** The same in front of a real go2rtc where `GO2RTC_BIN` names one. */
export async function startLiveUpstream(t: Test, env: Environment = {}) {
  const upstream = await startUpstream(t)
  const { app, origin } = await startApp(t, { GO2RTC_HOST: upstream.origin, FRIGATE_HOST: 'none', ...env })
  const user = await signIn(origin)
  return { upstream, app, origin, user }
}

/** A player on go2rtc's WebSocket protocol that keeps what it is sent. */
export class TestPlayer {
  readonly texts: { type: string; value: string }[] = []
  readonly media: Buffer[] = []
  pings = 0
  readonly ws: WebSocket
  closed: { code: number; reason: string } | undefined

  constructor(url: string, headers: Record<string, string> = {}, options: ClientOptions = {}) {
    this.ws = new WebSocket(url.replace(/^http/, 'ws'), { ...options, headers })
    this.ws.on('ping', () => {
      this.pings++
    })
    this.ws.on('message', (data, isBinary) => {
      if (isBinary) this.media.push(data as Buffer)
      else this.texts.push(JSON.parse(String(data)))
    })
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) }
    })
    this.ws.on('error', () => {})
  }

  async opened(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.ws.once('open', resolve)
      this.ws.once('unexpected-response', (_, response) => reject(new Error(String(response.statusCode))))
      this.ws.once('error', reject)
    })
    return this
  }

  say(type: string, value = ''): void {
    this.ws.send(JSON.stringify({ type, value }))
  }
}

/** The HTTP status with which an upgrade is refused; 101 if it is not. */
export async function upgradeStatus(url: string, headers: Record<string, string> = {}): Promise<number> {
  const ws = new WebSocket(url.replace(/^http/, 'ws'), { headers })
  return new Promise((resolve, reject) => {
    ws.once('open', () => {
      ws.terminate()
      resolve(101)
    })
    ws.once('unexpected-response', (request, response) => {
      request.destroy()
      resolve(response.statusCode ?? 0)
    })
    ws.once('error', reject)
  })
}
