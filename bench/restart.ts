import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { openBuiltInPage } from '../test/support/page.ts'
import { readPlayers, waitUntilAllPlay } from '../test/support/players.ts'
import { runStandIn } from './cameras/stand-in.ts'
import { percentile } from './load/summary.ts'
import { ADMIN, type RunningServer, runServer } from './process/server.ts'
import { StockClient } from './restart/stock-client.ts'

/**
 * What a restart costs fifty viewers: the built-in page in Chromium and stock players over WebSocket, all of them connected
 * for longer than 15 s, as in a house. The server is told to end and started again at once, as a restart policy does. Wants
 * a machine with nothing else to do: `npm run bench:restart`.
 */
const ROUNDS = 3
const STOCK = 49
/** So long a stock player must have been connected to come back at once. */
const SETTLED_MS = 16_000

const standIn = await runStandIn({})
const cameras = Object.keys((await standIn.counts()).streams)
const folder = await mkdtemp(join(tmpdir(), 'camgate-restart-'))
const teardowns: (() => unknown)[] = []
const t = { teardown: (end: () => unknown) => teardowns.push(end), fail: console.error } as unknown as Test

function start(port = '0'): Promise<RunningServer> {
  return runServer(standIn.origin, { DATABASE_PATH: join(folder, 'camgate.db'), PORT: port })
}

/** Milliseconds until `GET path` is answered with 200, asked again and again. */
async function answered(origin: string, path: string): Promise<number> {
  for (;;) {
    const status = await fetch(`${origin}${path}`).then(
      reply => reply.status,
      () => 0,
    )
    if (status === 200) return performance.now()
    await sleep(5)
  }
}

let server = await start()
const { port } = new URL(server.origin)
const { origin } = server
const url = `${origin.replace('http', 'ws')}/api/ws?src=${cameras[0]}&token=${server.token}`
const stock = Array.from({ length: STOCK }, () => new StockClient(url))
try {
  const page = await openBuiltInPage(t, origin, { login: ADMIN })
  for (let round = 0; round < ROUNDS; round++) {
    await waitUntilAllPlay(page, cameras.length)
    await sleep(SETTLED_MS)
    const before = (await readPlayers(page)).map(({ frames }) => frames)
    const stoppingAt = performance.now()
    await server.stop()
    const startedAt = performance.now()
    const [next, firstByteAt, readyAt] = await Promise.all([
      start(port),
      answered(origin, '/health'),
      answered(origin, '/ready'),
    ])
    server = next
    for (;;) {
      const players = await readPlayers(page)
      if (players.every(({ state, frames }, i) => state === 'live' && frames > before[i]!)) break
      await sleep(20)
    }
    const pageAt = performance.now()
    while (stock.some(({ playingSince }) => playingSince === undefined)) await sleep(20)
    const back = stock.map(({ playingSince }) => playingSince!)
    const since = (at: number, from: number) => Math.round(at - from)
    console.log(
      JSON.stringify({
        stopMs: since(startedAt, stoppingAt),
        firstByteMs: since(firstByteAt, startedAt),
        readyMs: since(readyAt, startedAt),
        pageAfterReadyMs: since(pageAt, readyAt),
        stockAfterReadyMs: [0.5, 1].map(share => since(percentile(back, share)!, readyAt)),
        stockAfterStopMs: since(Math.max(...back), stoppingAt),
      }),
    )
  }
} finally {
  for (const client of stock) client.close()
  for (const end of teardowns) await end()
  await server.stop()
  await standIn.stop()
  await rm(folder, { recursive: true, force: true })
}
