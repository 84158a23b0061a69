import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { runCameras } from './cameras/camera.ts'
import { type CamgateFront, camgate } from './fronts/camgate.ts'
import { floor } from './fronts/floor.ts'
import { runDrain } from './process/drain.ts'
import { forgetPeak, readProcess } from './process/proc.ts'
import { BITRATE } from './suite/contest/transports.ts'
import { printTable } from './suite/page/print.ts'

/**
 * Whether the server lives when everything is short at once: `LIVE_MAX_VIEWERS` and `MAX_CONNECTIONS` out of the way, thousands come within seconds,
 * the system's own memory for TCP is used up by others, and then all of them stop reading at the same moment.
 * `npm run bench:storm -- --viewers 4000 --times 2`; takes 2.5 GB of the machine for that. Fails when the server has ended.
 */
const { values } = parseArgs({
  options: { viewers: { type: 'string', default: '4000' }, times: { type: 'string', default: '2' } },
})
const viewers = Number(values.viewers)
const JOINS_PER_SECOND = 800
/** So many of 4 Mbit/s who do not read fill what Linux gives TCP by itself on a machine of 24 GB. */
const HOGS = 2500
const HOG_SECONDS = 9
/** Longer than a viewer that takes nothing stays. */
const STOPPED_SECONDS = 18
/** Who starts reading again has noticed by then that it was disconnected. */
const NOTICED_MS = 3000

const upstream = await runCameras({ load: { gop: 2, bitrate: BITRATE } })
const other = await floor(upstream.origin)
const hogs = runDrain({ urls: [other.mp4!('load')], viewers: HOGS, ramp: 3 })
const rows: string[][] = []
try {
  await hogs.playing()
  process.kill(hogs.pid, 'SIGSTOP')
  await sleep(HOG_SECONDS * 1000)
  const { used, pressure } = tcpPages()
  if (used < pressure)
    throw new Error(`only ${used} of ${pressure} pages of TCP are used: more must stop reading`)
  for (const transport of ['websocket', 'mp4'] as const) {
    const front = await camgate(upstream.origin, { LIVE_MAX_VIEWERS: '8000', MAX_CONNECTIONS: '8000' })
    try {
      for (let time = 0; time < Number(values.times); time++) rows.push(...(await storm(front, transport)))
    } finally {
      await front.stop()
    }
  }
  const columns = ['', 'viewers', 'peak RSS, MB', 'slowest /health, ms']
  console.log(printTable({ title: `${viewers} come, TCP has no memory left`, columns, rows }))
} finally {
  process.kill(hogs.pid, 'SIGCONT')
  await hogs.stop()
  await other.stop()
  await upstream.stop()
}

async function storm(front: CamgateFront, transport: 'websocket' | 'mp4'): Promise<string[][]> {
  const ramp = viewers / JOINS_PER_SECOND
  const crowd = runDrain({ urls: [front[transport]!('load')], viewers, ramp })
  const coming = await watched(front, ramp + 5)
  const { started } = await crowd.look()
  process.kill(crowd.pid, 'SIGSTOP')
  const stopped = await watched(front, STOPPED_SECONDS)
  process.kill(crowd.pid, 'SIGCONT')
  await sleep(NOTICED_MS)
  const { open } = await crowd.look()
  await crowd.stop()
  const after = await watched(front, 5)
  return [
    [`${transport}: they come`, String(started), ...coming],
    ['none of them reads, so many stay', String(open), ...stopped],
    ['they have gone', '0', ...after],
  ]
}

/** For so long: the peak of resident memory, and how long the slowest of the answers took. Throws when the server is gone. */
async function watched({ server, pid }: CamgateFront, seconds: number): Promise<[string, string]> {
  const end = performance.now() + seconds * 1000
  let slowest = 0
  forgetPeak(pid)
  while (performance.now() < end) {
    const asked = performance.now()
    const { ok } = await fetch(`${server.origin}/health`)
    if (!ok) throw new Error('the server is not well')
    slowest = Math.max(slowest, performance.now() - asked)
    await sleep(100)
  }
  return [readProcess(pid).peakMb.toFixed(0), slowest.toFixed(0)]
}

/** Pages that TCP has on this machine, and from where on Linux lets no connection have more than it needs (tcp(7), `tcp_mem`). */
function tcpPages(): { used: number; pressure: number } {
  const used = Number(/^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1])
  const [, pressure] = readFileSync('/proc/sys/net/ipv4/tcp_mem', 'utf8').trim().split(/\s+/)
  return { used, pressure: Number(pressure) }
}
