import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { Go2rtc } from '../../../demo/go2rtc/go2rtc.ts'
import { datedCamera } from '../../load/dated-camera.ts'
import { keepWarm, openLowLatencyPage, openWebSocketPage, watch, withTest } from '../../load/pictures.ts'
import { Opened } from '../../process/opened.ts'
import { type RunningServer, runServer } from '../../process/server.ts'
import { figure, print } from '../page/figure.ts'
import type { Table } from '../page/print.ts'
import type { Plan } from '../plan.ts'
import { section } from '../section.ts'

/** Of the picture by WebSocket before all cameras were read on one beat; `npm run bench:hls-players -- webSocket` gave it, in another run. */
const BEFORE_MS = 639
const MORE_MS = 30
const LOW_LATENCY_MS = 1500
/** In each round: the first opens the camera's window, the others find one. */
const JOINS = 3
const SECONDS = { webSocket: 9, lowLatency: 8 }

type Watched = Awaited<ReturnType<typeof watch>>

interface Round {
  readonly webSocket: Watched
  readonly lowLatency: readonly Watched[]
}

/** What a browser shows: Chromium with the built-in page's player by WebSocket, and with hls.js. */
export const players = section<Round>({
  title: "The picture's age in Chromium",
  slow: true,
  targets: plan => [
    {
      what: `WebSocket: the picture's age, p50 (${BEFORE_MS} ms before there was a beat, measured elsewhere, and ${MORE_MS})`,
      is: 'at most',
      limit: BEFORE_MS + MORE_MS,
      unit: 'ms',
      of: ({ webSocket }) => webSocket.pictureAgeMs.p50,
    },
    {
      what: `low latency: the picture's age, p50, in the oldest of ${JOINS * plan.rounds} joins`,
      is: 'at most',
      limit: LOW_LATENCY_MS,
      unit: 'ms',
      worst: true,
      of: ({ lowLatency }) => Math.max(...lowLatency.map(({ pictureAgeMs }) => pictureAgeMs.p50)),
    },
  ],
  measure,
  tables: rounds => [
    agesOf(
      'WebSocket, the built-in page',
      rounds.map(({ webSocket }) => webSocket),
    ),
    agesOf(
      'Low-Latency HLS, hls.js, joins one after another',
      rounds.flatMap(({ lowLatency }) => lowLatency),
    ),
  ],
})

function agesOf(title: string, joins: readonly Watched[]): Table {
  const of = (pick: (join: Watched) => number) => print(figure(joins.map(pick)))
  return {
    title,
    columns: ['joins', 'first picture, ms', 'stalls', 'age of the picture, ms: p5', 'p50', 'p95', 'max'],
    rows: [
      [
        String(joins.length),
        of(({ firstPictureMs }) => firstPictureMs[0]!),
        String(joins.reduce((sum, { stalls }) => sum + stalls[0]!, 0)),
        ...(['p5', 'p50', 'p95', 'max'] as const).map(part => of(({ pictureAgeMs }) => pictureAgeMs[part])),
      ],
    ],
    note: `320 × 180 at 25 pictures a second, GOP 2 s. Each picture says when it was taken; it counts from the fifth second on.`,
  }
}

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const cameras = Array.from({ length: plan.rounds + 1 }, () => datedCamera())
  const names = cameras.map((_, index) => `cam_${index}`)
  const go2rtc = new Go2rtc({
    streams: Object.fromEntries(names.map((name, index) => [name, [cameras[index]!.footage]])),
  })
  await go2rtc.start()
  await opened.add({ stop: () => go2rtc.stop() })
  const server = await opened.add(runServer(go2rtc.origin))
  const see = (
    index: number,
    seconds: number,
    open: (t: Test, server: RunningServer, name: string) => Promise<Page>,
  ) => withTest(async t => seen(await watch(await open(t, server, names[index]!), seconds, cameras[index]!)))
  const rounds: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    await keepWarm(server, [names[round]!, names.at(-1)!])
    const webSocket = await see(plan.rounds, SECONDS.webSocket, openWebSocketPage)
    const lowLatency: Watched[] = []
    for (let join = 0; join < JOINS; join++)
      lowLatency.push(await see(round, SECONDS.lowLatency, openLowLatencyPage))
    rounds.push({ webSocket, lowLatency })
  }
  return rounds
}

/** Throws where nothing was seen: nothing is not young. */
function seen(watched: Watched): Watched {
  if (watched.pictures === 0 || watched.fatal.length > 0)
    throw new Error(`a player showed ${watched.pictures} pictures: ${watched.fatal.join(', ') || 'no error'}`)
  return watched
}
