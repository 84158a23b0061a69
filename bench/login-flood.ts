import { setTimeout as sleep } from 'node:timers/promises'
import { runStandIn } from './cameras/stand-in.ts'
import { runCrowd } from './process/crowd.ts'
import { Sampler } from './process/sampler.ts'
import { runServer } from './process/server.ts'

/**
 * Two hundred login attempts a second from everywhere, while fifty viewers stream: no viewer may miss a frame.
 * `npm run bench:login-flood`, about a minute.
 */
const RATE = 200
const SECONDS = 20

const standIn = await runStandIn({ load: { gop: 2, bitrate: 4_000_000 } })
const server = await runServer(standIn.origin, { BCRYPT_ROUNDS: '12', TRUSTED_PROXIES: '127.0.0.1' })
const url = `${server.origin.replace('http', 'ws')}/api/ws?src=load&token=${server.token}`

/** Each attempt claims another address, or the block would answer for nearly all of them. */
async function attempt(index: number): Promise<number> {
  const reply = await fetch(`${server.origin}/api/auth/login`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `198.51.${(index >> 8) & 255}.${index & 255}`,
    },
    body: JSON.stringify({ username: index % 2 ? 'bench' : 'nobody', password: `guess ${index}` }),
  })
  await reply.arrayBuffer()
  return reply.status
}

async function flood() {
  const statuses: Record<number, number> = {}
  const pending: Promise<void>[] = []
  for (let index = 0; index < RATE * SECONDS; index++) {
    pending.push(
      attempt(index).then(status => {
        statuses[status] = (statuses[status] ?? 0) + 1
      }),
    )
    if (index % 10 === 9) await sleep(10_000 / RATE)
  }
  await Promise.all(pending)
  return statuses
}

try {
  for (const [title, work] of [
    ['nobody logs in', () => sleep(SECONDS * 1000)],
    [`${RATE} login attempts a second`, flood],
  ] as const) {
    const crowd = runCrowd({ url, viewers: 50, seconds: SECONDS, ramp: 3 })
    await crowd.playing()
    const busy = new Sampler(server.pid)
    const statuses = await work()
    const { missedFrames, videoBreaks, ended } = await crowd.summary()
    console.log(title, JSON.stringify({ statuses, missedFrames, videoBreaks, ended, ...busy.stop() }))
    await crowd.stop()
  }
} finally {
  await Promise.all([server.stop(), standIn.stop()])
}
