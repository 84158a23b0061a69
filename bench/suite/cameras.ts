import { floor } from '../fronts/floor.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { Contest } from './contest.ts'
import type { Section } from './section.ts'
import { BITRATE, TRANSPORT_NAMES, TRANSPORTS } from './transports.ts'
import { WARM_CAMERAS, warmCamgate } from './warm-up.ts'

const CAMERAS = Array.from({ length: 9 }, (_, index) => `camera_${index}`)
const VIEWERS_EACH = 50

/** The same viewers, spread over a wall of cameras. */
export const cameras: Section = {
  title: `${CAMERAS.length} cameras with ${VIEWERS_EACH} viewers each`,
  slow: true,
  async run() {
    const upstream = await runCameras({
      ...Object.fromEntries(CAMERAS.map(name => [name, { gop: 2, bitrate: BITRATE }])),
      ...WARM_CAMERAS,
    })
    const fronts = await Promise.all([
      warmCamgate(upstream.origin, TRANSPORTS, false),
      nginx({ upstream: upstream.origin }),
      floor(upstream.origin),
    ])
    const contest = new Contest()
    const taskOf = (transport: (typeof TRANSPORTS)[number]) => `${TRANSPORT_NAMES[transport]}, 9 × 50 viewers`
    try {
      for (let round = 0; round < 2; round++)
        for (const transport of TRANSPORTS)
          for (const front of fronts)
            await contest.measure(
              [
                {
                  name: front.name,
                  task: taskOf(transport),
                  pid: front.pid,
                  upstreamPid: upstream.pid,
                  urls: CAMERAS.map(front[transport]!),
                  viewers: CAMERAS.length * VIEWERS_EACH,
                  ramp: 0.5,
                },
              ],
              { seconds: 2 },
            )
    } finally {
      await Promise.all(fronts.map(front => front.stop()))
      await upstream.stop()
    }
    return {
      tables: [contest.costs('Seconds of CPU of the serving process per GB delivered'), contest.shares()],
      targets: TRANSPORTS.flatMap(transport => contest.atMost(0.7, 'camgate', 'nginx', taskOf(transport))),
      plots: [],
      raw: contest.measurements,
    }
  },
}
