import type { Test } from 'tap'
import type { FrigateOptions } from '../../demo/frigate/exchange.ts'
import type { Go2rtcOptions } from '../../demo/go2rtc/go2rtc.ts'
import { startBuiltHouse } from './built-server.ts'
import { startFrigate } from './frigate.ts'
import { startGo2rtc } from './go2rtc.ts'

interface Upstreams {
  readonly env?: Record<string, string>
  readonly streams?: Go2rtcOptions['streams']
}

/** The built server before the stand-in for go2rtc, without Frigate. */
export async function startBuiltLive(t: Test, { env, streams }: Upstreams = {}) {
  const go2rtc = await startGo2rtc(t, streams)
  const house = await startBuiltHouse(t, { GO2RTC_HOST: go2rtc.origin, ...env })
  return { ...house, go2rtc }
}

/** The built server between the stand-ins for Frigate and go2rtc. */
export async function startBuiltWhole(
  t: Test,
  { env, frigateOptions, ...more }: Upstreams & { readonly frigateOptions?: Partial<FrigateOptions> } = {},
) {
  const frigate = await startFrigate(t, frigateOptions)
  const house = await startBuiltLive(t, { ...more, env: { FRIGATE_HOST: frigate.origin, ...env } })
  return { ...house, frigate }
}
