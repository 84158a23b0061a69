import { parseArgs } from 'node:util'
import { camgate } from './fronts/camgate.ts'
import { floor } from './fronts/floor.ts'
import { runCameras } from './process/camera.ts'
import { FRAMES_PER_SECOND } from './process/tape.ts'
import { Contest } from './suite/contest.ts'
import { printTable } from './suite/print.ts'
import { BITRATE, type Transport } from './suite/transports.ts'
import { WARM_CAMERAS, warmUp } from './suite/warm-up.ts'

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
const cameras = await runCameras({
  load: { gop: values.apart ? 1 / FRAMES_PER_SECOND : 2, bitrate: BITRATE },
  ...WARM_CAMERAS,
})
const least = await floor(cameras.origin)
const fronts = [least]
const contest = new Contest()
try {
  for (const build of builds) {
    const front = await camgate(cameras.origin, { LIVE_LINGER_SECONDS: '1' }, build)
    fronts.push({ ...front, name: build })
    await warmUp(front, transport, false)
  }
  const entries = fronts.map(front => ({
    name: front.name,
    task: `${viewers} viewers`,
    pid: front.pid,
    upstreamPid: cameras.pid,
    urls: [front[transport]!('load')],
    viewers,
    ramp: values.apart ? viewers / FRAMES_PER_SECOND : 0.2,
  }))
  const looks = { seconds: Number(values.seconds), times: Number(values.rounds) }
  if (values.together) await contest.measure(entries, looks)
  else
    for (let round = 0; round < looks.times; round++)
      for (const entry of entries) await contest.measure([entry], { ...looks, times: 1 })
  console.log(printTable(contest.costs('Seconds of CPU of the serving process per GB delivered')))
} finally {
  await Promise.all(fronts.map(front => front.stop()))
  await cameras.stop()
}
