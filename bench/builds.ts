import { parseArgs } from 'node:util'
import { runCameras } from './cameras/camera.ts'
import { FRAMES_PER_SECOND } from './cameras/tape.ts'
import { camgate } from './fronts/camgate.ts'
import { floor } from './fronts/floor.ts'
import { Contest, type ContestRound, costTable, type Entry } from './suite/contest/contest.ts'
import type { Looks } from './suite/contest/fan-out.ts'
import { BITRATE, type Transport } from './suite/contest/transports.ts'
import { WARM_CAMERAS, warmUp } from './suite/contest/warm-up.ts'
import { printTable } from './suite/page/print.ts'

/**
 * What a change gave: builds beside each other and beside the floor, in turns, or `--together`.
 * `npm run bench:builds -- --viewers 400 .bench/before/server.js dist/server.js`; `--apart`: each viewer in a GOP of its own.
 */
const { values, positionals: builds } = parseArgs({
  allowPositionals: true,
  options: {
    transport: { type: 'string', default: 'websocket' },
    viewers: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '3' },
    apart: { type: 'boolean', default: false },
    together: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '2' },
  },
})
const transport = values.transport as Transport
const viewers = Number(values.viewers)
const task = `${viewers} viewers`
const cameras = await runCameras({
  load: { gop: values.apart ? 1 / FRAMES_PER_SECOND : 2, bitrate: BITRATE },
  ...WARM_CAMERAS,
})
const least = await floor(cameras.origin)
const fronts = [least]
try {
  for (const build of builds) {
    const front = await camgate(cameras.origin, { LIVE_LINGER_SECONDS: '1' }, build)
    fronts.push({ ...front, name: build })
    await warmUp(front, transport, false)
  }
  const entries = fronts.map(front => ({
    name: front.name,
    task,
    pid: front.pid,
    upstreamPid: cameras.pid,
    urls: [front[transport]!('load')],
    viewers,
    ramp: values.apart ? viewers / FRAMES_PER_SECOND : 0.2,
  }))
  const looks = { seconds: Number(values.seconds), times: Number(values.rounds), after: 1.5 }
  const rounds = values.together ? await measured(entries, looks) : await inTurns(entries, looks)
  console.log(printTable(costTable('Seconds of CPU of the serving process per GB delivered', rounds)))
} finally {
  await Promise.all(fronts.map(front => front.stop()))
  await cameras.stop()
}

async function measured(entries: readonly Entry[], looks: Looks): Promise<ContestRound[]> {
  const contest = new Contest(looks)
  await contest.measure(entries)
  return contest.rounds
}

async function inTurns(entries: readonly Entry[], looks: Looks): Promise<ContestRound[]> {
  const rounds: ContestRound[] = []
  for (let round = 0; round < looks.times; round++) {
    const contest = new Contest({ ...looks, times: 1 })
    for (const entry of entries) await contest.measure([entry])
    rounds.push(...contest.rounds)
  }
  return rounds
}
