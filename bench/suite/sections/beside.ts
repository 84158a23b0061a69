import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../../cameras/camera.ts'
import { type CamgateFront, camgate } from '../../fronts/camgate.ts'
import { type DrainOptions, runDrain } from '../../process/drain.ts'
import { Opened } from '../../process/opened.ts'
import { askInOwnProcess, type RequestResults } from '../../process/requests.ts'
import { BITRATE } from '../contest/transports.ts'
import { digits, figure, print } from '../page/figure.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

const CAMERAS = Array.from({ length: 9 }, (_, index) => `camera_${index}`)
const SETTLE_MS = 1500

interface Besides {
  /** Who watches meanwhile, over WebSocket. */
  readonly crowd: string
  readonly path: string
  readonly cameras: readonly string[]
  readonly viewers: number
  /** Of them do not read. */
  readonly stalled: number
}

const BESIDES: readonly Besides[] = [
  { crowd: '9 cameras × 20 viewers', path: '/health', cameras: CAMERAS, viewers: 180, stalled: 0 },
  {
    crowd: '400 viewers of one camera, 40 of them stalled',
    path: '/api/auth/me',
    cameras: CAMERAS.slice(0, 1),
    viewers: 400,
    stalled: 40,
  },
]
const MOST_MS = 10

interface Asked extends RequestResults {
  /** Fragments that those who read did not get. */
  readonly missed: number
}

/** By crowd. */
type Round = Readonly<Record<string, Asked>>

/** Whether many viewers, and such as do not read, are felt by others. */
export const beside = section<Round>({
  title: 'Requests beside viewers, and viewers beside stalled ones',
  targets: () =>
    BESIDES.flatMap(({ crowd, path }) => [
      {
        what: `${path} beside ${crowd}, p99`,
        is: 'at most',
        limit: MOST_MS,
        unit: 'ms',
        of: round => round[crowd]!.p99Ms,
      },
      {
        what: `fragments that those who read miss, of ${crowd}`,
        is: 'at most',
        limit: 0,
        unit: '',
        worst: true,
        of: round => round[crowd]!.missed,
      },
    ]),
  measure,
  tables: rounds => [
    {
      title: '100 requests a second meanwhile',
      columns: ['', 'p50, ms', 'p99, ms', 'fragments missed', 'the asking process, of a core'],
      rows: BESIDES.map(({ crowd, path }) => {
        const of = (pick: (asked: Asked) => number) => figure(rounds.map(round => pick(round[crowd]!)))
        return [
          `${path} beside ${crowd}`,
          print(of(({ p50Ms }) => p50Ms)),
          print(of(({ p99Ms }) => p99Ms)),
          digits(of(({ missed }) => missed).high),
          print(of(({ cpu }) => cpu)),
        ]
      }),
    },
  ],
})

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const upstream = await opened.add(
    runCameras(Object.fromEntries(CAMERAS.map(name => [name, { gop: 2, bitrate: BITRATE }]))),
  )
  const ours = await opened.add(camgate(upstream.origin))
  const rounds: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    const asked: Record<string, Asked> = {}
    for (const one of BESIDES) asked[one.crowd] = await ask(ours, one, plan)
    rounds.push(asked)
  }
  return rounds
}

/** The server lets go of those who do not read: each round has its own crowd. */
async function ask(ours: CamgateFront, besides: Besides, { quick }: Plan): Promise<Asked> {
  await using opened = new Opened()
  const { path, cameras, viewers, stalled } = besides
  const options: DrainOptions = { urls: cameras.map(ours.websocket!), viewers, stalled, marks: true }
  const crowd = await opened.add(runDrain(options))
  await crowd.playing()
  await sleep(SETTLE_MS)
  const before = await crowd.look()
  const asked = await askInOwnProcess({
    origin: ours.server.origin,
    path,
    headers: { authorization: `Bearer ${ours.server.token}` },
    connections: 10,
    rate: 100,
    seconds: quick ? 3 : 8,
  })
  const after = await crowd.look()
  if (after.open < viewers) throw new Error(`${viewers - after.open} of ${viewers} viewers were let go of`)
  return { ...asked, missed: after.missed - before.missed }
}
