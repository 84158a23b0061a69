import { runRequests } from './load/requests.ts'
import { runBare } from './process/bare.ts'
import { runCrowd } from './process/crowd.ts'
import { runServer } from './process/server.ts'
import { runStandIn } from './process/stand-in.ts'

/**
 * What a session costs a request: `GET /api/auth/me` beside a bare Fastify route that answers the same bytes, in turns
 * and in one run, and its latency while a hundred viewers stream. `npm run bench:me`, about a minute.
 */
const ROUNDS = 5
const PATH = '/api/auth/me'

const standIn = await runStandIn({ load: { gop: 2, bitrate: 4_000_000 } })
const server = await runServer(standIn.origin, { LOG_LEVEL: 'info', API_REQUESTS_PER_MINUTE: '100000000' })
const bare = await runBare()
try {
  const headers = { authorization: `Bearer ${server.token}` }
  const load = { path: PATH, headers, connections: 20 }
  const full = (origin: string, seconds: number) => runRequests({ ...load, origin, seconds })

  await full(bare.origin, 2)
  await full(server.origin, 2)
  const rounds: { bare: number; camgate: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await full(bare.origin, 3)
    const guarded = await full(server.origin, 3)
    if (alone.failed + guarded.failed > 0) throw new Error('a request was not answered with 200')
    rounds.push({ bare: alone.perSecond, camgate: guarded.perSecond })
  }
  const ratios = rounds.map(({ bare, camgate }) => camgate / bare).sort((a, b) => a - b)
  console.log('requests a second, bare route and camgate in turns:', JSON.stringify(rounds))
  console.log(`of the bare route's requests (at least 50 %): ${Math.round(ratios[ROUNDS >> 1]! * 100)} %`)

  const url = `${server.origin.replace('http', 'ws')}/api/ws?src=load&token=${server.token}`
  const crowd = runCrowd({ url, viewers: 100, seconds: 15, ramp: 5 })
  await crowd.playing()
  const beside = await runRequests({ ...load, origin: server.origin, seconds: 10, rate: 100 })
  console.log('100 requests a second beside 100 viewers (p99 at most 10 ms):', JSON.stringify(beside))
  await crowd.summary()
  await crowd.stop()
} finally {
  await Promise.all([bare.stop(), server.stop(), standIn.stop()])
}
