import type { Test } from 'tap'
import { bundledStreams } from '../../demo/go2rtc/cameras.ts'
import { Go2rtc, type Go2rtcOptions } from '../../demo/go2rtc/go2rtc.ts'

/** The stand-in for go2rtc, stopped with the test; by default with the bundled cameras. */
export async function startGo2rtc(
  t: Test,
  streams: Go2rtcOptions['streams'] = bundledStreams(),
  options: Omit<Go2rtcOptions, 'streams'> = {},
): Promise<Go2rtc> {
  const go2rtc = new Go2rtc({ ...options, streams })
  await go2rtc.start()
  t.teardown(() => go2rtc.stop())
  return go2rtc
}
