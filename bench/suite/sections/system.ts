import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../../cameras/camera.ts'
import { playedByFfmpeg, type RealGo2rtc, runGo2rtc } from '../../cameras/go2rtc.ts'
import { type Front, go2rtcPaths } from '../../fronts/front.ts'
import { nginx } from '../../fronts/nginx.ts'
import { runDrain } from '../../process/drain.ts'
import { freePort } from '../../process/free-port.ts'
import { Opened } from '../../process/opened.ts'
import { forgetPeak, readProcess } from '../../process/proc.ts'
import { atMost, Contest, type ContestRound, costTable, type Entry, together } from '../contest/contest.ts'
import { type Scene, taskOf, total } from '../contest/scene.ts'
import { TRANSPORTS, type Transport } from '../contest/transports.ts'
import { WARM_CAMERAS, warmCamgate } from '../contest/warm-up.ts'
import { figure, print } from '../page/figure.ts'
import type { Table } from '../page/print.ts'
import type { Target } from '../page/verdict.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

const CAMGATE = 'camgate and go2rtc'
const NGINX = 'nginx and go2rtc'
const ALONE = 'go2rtc alone'
const CAMERAS = Array.from({ length: 9 }, (_, index) => `camera_${index}`)
const SCENES = [
  { cameras: 9, viewers: 4, nginx: 0.8 },
  { cameras: 1, viewers: 100, nginx: 0.3 },
]
/** Who come and leave in the same moment. */
const LEAVING: Scene = { transport: 'mp4', cameras: 1, viewers: 100 }
const STAY_MS = 2000

/** What 100 who leave at once find and leave behind. */
interface Leaving {
  readonly frontMb: number | undefined
  readonly go2rtcMb: number
  /** go2rtc was not there any more. */
  readonly ended: boolean
}

interface Round {
  readonly costs: ContestRound
  readonly leaving: Readonly<Record<string, Leaving>>
}

/** A go2rtc, and what stands before it; nothing does where viewers come straight. */
interface Side {
  readonly name: string
  readonly port: number
  readonly front?: Front
  go2rtc: RealGo2rtc
}

/** What the whole machine has to do: a front and the real go2rtc behind it, and one that serves the viewers itself. */
export const system = section<Round>({
  title: 'Front and a real go2rtc together',
  needs: 'GO2RTC_BIN',
  targets: plan => scenesOf(plan).map(targetOf),
  measure,
  tables: rounds => {
    const costs = rounds.map(round => round.costs)
    return [
      {
        ...costTable('Seconds of CPU of both per GB delivered', costs, together),
        note: 'All at the same time, each with a go2rtc of its own. All of these take their cameras by RTSP from another go2rtc, as from cameras.',
      },
      leavingTable(rounds),
    ]
  },
})

function transportsOf({ quick }: Plan): readonly Transport[] {
  return quick ? ['mp4'] : TRANSPORTS
}

function scenesOf(plan: Plan): (Scene & { readonly nginx: number })[] {
  return transportsOf(plan).flatMap(transport => SCENES.map(scene => ({ ...scene, transport })))
}

function targetOf(scene: Scene & { readonly nginx: number }): Target<Round> {
  const target = atMost(scene.nginx, CAMGATE, NGINX, taskOf(scene), together)
  return { ...target, of: ({ costs }) => target.of(costs) }
}

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const sources = await opened.add(runGo2rtc(playedByFfmpeg(CAMERAS), await freePort()))
  const rtsp = Object.fromEntries(CAMERAS.map(name => [name, sources.rtsp(name)]))
  const sides = await openSides(opened, rtsp, plan)
  const contest = new Contest({ seconds: plan.quick ? 2 : 4, times: plan.rounds, after: 2 })
  for (const scene of scenesOf(plan)) {
    await revive(opened, sides, rtsp)
    await contest.measure(sides.map(side => entryOf(side, scene)))
  }
  const rounds: Round[] = []
  for (const costs of contest.rounds) {
    await revive(opened, sides, rtsp)
    rounds.push({ costs, leaving: await leaveAtOnce(sides) })
  }
  return rounds
}

async function openSides(
  opened: Opened,
  rtsp: Readonly<Record<string, string>>,
  plan: Plan,
): Promise<Side[]> {
  const [first, second, third] = [await freePort(), await freePort(), await freePort()]
  const fronts = [
    { name: CAMGATE, port: first, front: await opened.add(warmBefore(first, plan)) },
    { name: NGINX, port: second, front: await opened.add(nginx(`http://127.0.0.1:${second}`)) },
    { name: ALONE, port: third },
  ]
  return Promise.all(
    fronts.map(async side => ({ ...side, go2rtc: await opened.add(runGo2rtc(rtsp, side.port)) })),
  )
}

/** A warm camgate for a go2rtc that is not there yet: the cameras that warm it up have its port before it does. */
async function warmBefore(port: number, plan: Plan): Promise<Front> {
  const cameras = await runCameras(WARM_CAMERAS, port)
  try {
    return await warmCamgate(cameras.origin, transportsOf(plan), plan.quick)
  } finally {
    await cameras.stop()
  }
}

/** go2rtc may end when many of its viewers leave, soon after. */
async function revive(
  opened: Opened,
  sides: readonly Side[],
  rtsp: Readonly<Record<string, string>>,
): Promise<void> {
  await sleep(STAY_MS)
  for (const side of sides)
    if (!side.go2rtc.isRunning()) side.go2rtc = await opened.add(runGo2rtc(rtsp, side.port))
}

function urlsOf({ front, go2rtc }: Side, { transport, cameras }: Scene): string[] {
  const paths = front ?? go2rtcPaths(go2rtc.origin)
  return CAMERAS.slice(0, cameras).map(paths[transport]!)
}

function entryOf(side: Side, scene: Scene): Entry {
  const { name, front, go2rtc } = side
  return {
    name,
    task: taskOf(scene),
    ...(front ? { pid: front.pid, upstreamPid: go2rtc.pid } : { pid: go2rtc.pid }),
    urls: urlsOf(side, scene),
    viewers: total(scene),
    ramp: 0.5,
  }
}

async function leaveAtOnce(sides: readonly Side[]): Promise<Record<string, Leaving>> {
  const found = await Promise.all(sides.map(async side => [side.name, await left(side)] as const))
  return Object.fromEntries(found)
}

async function left(side: Side): Promise<Leaving> {
  const { front, go2rtc } = side
  const pids = [go2rtc.pid, ...(front ? [front.pid] : [])]
  for (const pid of pids) forgetPeak(pid)
  const crowd = runDrain({ urls: urlsOf(side, LEAVING), viewers: total(LEAVING) })
  await crowd.playing()
  await sleep(STAY_MS)
  const [go2rtcMb, frontMb] = pids.map(pid => readProcess(pid).peakMb) as [number, number?]
  await crowd.stop()
  await sleep(STAY_MS)
  return { frontMb, go2rtcMb, ended: !go2rtc.isRunning() }
}

function leavingTable(rounds: readonly Round[]): Table {
  const of = (name: string) => rounds.map(({ leaving }) => leaving[name]!)
  return {
    title: `${total(LEAVING)} viewers of one camera come over MP4, and all leave in the same moment`,
    columns: [
      '',
      'peak RSS of the front, MB',
      'peak RSS of go2rtc, MB',
      `go2rtc has ended, of ${rounds.length} times`,
    ],
    rows: [CAMGATE, NGINX, ALONE].map(name => {
      const frontMb = of(name).flatMap(one => one.frontMb ?? [])
      return [
        name,
        frontMb.length > 0 ? print(figure(frontMb)) : '–',
        print(figure(of(name).map(({ go2rtcMb }) => go2rtcMb))),
        String(of(name).filter(({ ended }) => ended).length),
      ]
    }),
    note: 'All three at the same time. The camgate has served 400 viewers of 20 cameras before.',
  }
}
