import type { Test } from 'tap'
import type { FrigateOptions } from '../../demo/frigate/exchange.ts'
import type { Go2rtcOptions } from '../../demo/go2rtc/go2rtc.ts'
import type { Environment } from '../../src/config/setting.ts'
import { startApp } from './app.ts'
import { startFrigate } from './frigate.ts'
import { startGo2rtc } from './go2rtc.ts'
import { signIn } from './sign-in.ts'
import { newUser } from './users.ts'

/** The server between the stand-ins for Frigate and go2rtc, and its administrator logged in. */
export async function startHouse(
  t: Test,
  frigateOptions: Partial<FrigateOptions> = {},
  env: Environment = {},
  streams?: Go2rtcOptions['streams'],
) {
  const frigate = await startFrigate(t, frigateOptions)
  const go2rtc = await startGo2rtc(t, streams)
  const { app, origin, routes } = await startApp(t, {
    FRIGATE_HOST: frigate.origin,
    GO2RTC_HOST: go2rtc.origin,
    ...env,
  })
  const admin = await signIn(origin)
  /** Somebody who sees only these cameras. */
  const guest = async (...cameras: string[]) => {
    const user = await newUser(origin, admin, `guest${cameras.join('')}`)
    const reply = await admin.request(`/api/admin/users/${user.user.id}/cameras`, {
      method: 'PUT',
      body: { mode: 'custom', cameras },
    })
    if (reply.status !== 200) throw new Error(`cameras answered ${reply.status}: ${await reply.text()}`)
    return user
  }
  return { frigate, go2rtc, app, origin, routes, admin, guest, request: admin.request }
}
