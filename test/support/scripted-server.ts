import type { Test } from 'tap'
import { startApp } from './app.ts'
import { startGo2rtc } from './go2rtc.ts'
import { type Answers, startScripted } from './scripted-upstream.ts'
import { signIn } from './sign-in.ts'

/** What is asked of every Frigate. */
export const FRIGATE: Answers = {
  '/api/version': '0.17.2',
  '/api/config': '{"cameras":{"Driveway":{"live":{},"zones":{}}}}',
}

/** The server before a Frigate that answers so, and its administrator logged in. */
export async function serverBefore(t: Test, answers: Answers) {
  const frigate = await startScripted(t, { ...FRIGATE, ...answers })
  const go2rtc = await startGo2rtc(t)
  const { origin } = await startApp(t, { FRIGATE_HOST: frigate.origin, GO2RTC_HOST: go2rtc.origin })
  return signIn(origin)
}
