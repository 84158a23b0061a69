import type { Front } from '../fronts/front.ts'
import { nginx } from '../fronts/nginx.ts'
import { runCameras } from '../process/camera.ts'
import { freePort } from '../process/free-port.ts'
import { type RealGo2rtc, runGo2rtc } from '../process/go2rtc.ts'
import { runStandIn } from '../process/stand-in.ts'
import { Contest } from './contest.ts'
import { figure, print } from './figure.ts'
import type { Section } from './section.ts'
import { BITRATE, TRANSPORT_NAMES, TRANSPORTS, type Transport } from './transports.ts'
import { WARM_CAMERAS, warmCamgate } from './warm-up.ts'

const VIEWERS = 100
const TIMES = 3
/** The stand-in has its code compiled, too. */
const AFTER = 6

/** What the whole machine has to do: the front and a go2rtc of its own behind it, which nginx asks once for each viewer. */
export const system: Section = {
  title: `Front and go2rtc together, ${VIEWERS} viewers`,
  async run(quick) {
    const contest = new Contest()
    const upstreams = [standIn]
    if (process.env.GO2RTC_BIN && !quick) upstreams.push(real)
    const ports = [await freePort(), await freePort()] as const
    const fronts = [
      await warmBefore(ports[0], quick),
      await nginx({ upstream: `http://127.0.0.1:${ports[1]}` }),
    ]
    try {
      for (const open of upstreams) {
        const behind = await Promise.all(ports.map(open))
        try {
          for (const transport of quick ? (['websocket'] as const) : TRANSPORTS)
            await contest.measure(
              fronts.map((front, index) => ({
                name: front.name,
                task: taskOf(behind[index]!, transport),
                pid: front.pid,
                upstreamPid: behind[index]!.pid,
                urls: [front[transport]!('load')],
                viewers: VIEWERS,
              })),
              { seconds: 2, times: quick ? 1 : TIMES, after: quick ? 2 : AFTER },
            )
        } finally {
          await Promise.all(behind.map(upstream => upstream.stop()))
        }
      }
    } finally {
      await Promise.all(fronts.map(front => front.stop()))
    }
    const both = (one: { withUpstream: number }) => one.withUpstream
    return {
      tables: [
        {
          title: 'Seconds of CPU of front and upstream per GB delivered',
          columns: ['', ...contest.names],
          rows: contest.tasks.map(task => [
            task,
            ...contest.names.map(name => print(figure(contest.of(name, task, both)))),
          ]),
          note: 'Both are served at the same time, each look is a round. The stand-in and a real go2rtc pack each fragment for each consumer.',
        },
      ],
      targets: contest.tasks.flatMap(task => contest.atMost(0.3, 'camgate', 'nginx', task, both)),
      plots: [],
      raw: contest.measurements,
    }
  },
}

interface Upstream {
  readonly name: string
  readonly origin: string
  readonly pid: number
  stop(): Promise<void>
}

const taskOf = ({ name }: Upstream, transport: Transport) => `${name}, ${TRANSPORT_NAMES[transport]}`

/** A warm camgate for an upstream that is not there yet: the cameras that warm it up have its port before it does. */
async function warmBefore(port: number, quick: boolean): Promise<Front> {
  const cameras = await runCameras(WARM_CAMERAS, port)
  try {
    return await warmCamgate(cameras.origin, quick ? ['websocket'] : TRANSPORTS, quick)
  } finally {
    await cameras.stop()
  }
}

async function standIn(port: number): Promise<Upstream> {
  const running = await runStandIn({ load: { gop: 2, bitrate: BITRATE, fps: 30, sampleRate: 48_000 } }, port)
  return { name: 'stand-in in Node', ...running }
}

async function real(port: number): Promise<Upstream> {
  const running: RealGo2rtc = await runGo2rtc('load', port)
  return { name: `go2rtc ${running.version}`, ...running }
}
