import { setTimeout as sleep } from 'node:timers/promises'
import { runCameras } from '../../cameras/camera.ts'
import { type CamgateFront, camgate } from '../../fronts/camgate.ts'
import { mirrorHls } from '../../fronts/hls-mirror.ts'
import { mediamtx } from '../../fronts/mediamtx.ts'
import { deployedCache, nginxCache, nginxFiles } from '../../fronts/nginx.ts'
import { runCrowd } from '../../process/crowd.ts'
import { Opened } from '../../process/opened.ts'
import { cpuSeconds, forgetPeak, readProcess } from '../../process/proc.ts'
import { BITRATE } from '../contest/transports.ts'
import { digits, figure, print } from '../page/figure.ts'
import type { Target } from '../page/verdict.ts'
import { type Plan, takesPart } from '../plan.ts'
import { section } from '../section.ts'

const PLAYERS = 200
/** Three segments. */
const LOOK_SECONDS = 6
const RAMP_SECONDS = 3
/** Everybody has joined, and plays. */
const SETTLE_MS = 3000
const CAMGATE = 'camgate'
const BEHIND = 'camgate behind `deploy/nginx-hls.conf`'
const FILES = 'nginx, files'
const CACHE = 'nginx, `proxy_cache` before files'
const MEDIAMTX = 'MediaMTX'

/** Lets the bench read what the server counts. */
const METRICS_TOKEN = 'of-a-measurement'

interface Server {
  readonly name: string
  readonly url: string
  readonly pids: readonly number[]
  /** What the camgate behind a cache has come to. */
  readonly asked?: () => Promise<Asked>
}

interface Asked {
  /** Of players, for HLS, so far. */
  readonly requests: number
  /** The number of the newest segment. */
  readonly newest: number
}

interface Look {
  /** Of a core, each of the server's processes. */
  readonly cpu: readonly number[]
  readonly peakMb: number
  /** What the cache asked camgate for, and how many segments and playlists were new. */
  readonly asked?: { readonly requests: number; readonly news: number }
}

interface Played {
  readonly looks: readonly Look[]
  readonly megabitsEach: number
}

type Round = Readonly<Record<string, Look & { readonly megabitsEach: number }>>

/** HLS out of memory, beside servers of files and caches. */
export const hls = section<Round>({
  title: `HLS, ${PLAYERS} players of one camera`,
  targets: () => [
    ratio(2.5, CAMGATE, CAMGATE),
    ratio(1.1, BEHIND, 'camgate behind its nginx, both together'),
    {
      what: 'HLS: what the cache asks camgate for, for each new segment and playlist',
      is: 'at most',
      limit: 1,
      unit: 'requests',
      of: round => {
        const { requests, news } = round[BEHIND]!.asked!
        return requests / news
      },
    },
  ],
  measure,
  tables: rounds => [
    {
      title: 'CPU while all play',
      columns: ['from', 'of a core', 'of it the cache', 'peak RSS, MB', 'Mbit/s each'],
      rows: Object.keys(rounds[0]!).map(name => {
        const of = (pick: (look: Round[string]) => number) =>
          print(figure(rounds.map(round => pick(round[name]!))))
        return [
          name,
          of(whole),
          name === BEHIND ? of(({ cpu }) => cpu[0]!) : '–',
          of(({ peakMb }) => peakMb),
          of(({ megabitsEach }) => megabitsEach),
        ]
      }),
      note: noteOn(rounds),
    },
  ],
})

function ratio(limit: number, name: string, what: string): Target<Round> {
  return {
    what: `HLS: ${what}, to nginx with files`,
    is: 'at most',
    limit,
    unit: '×',
    of: round => whole(round[name]!) / whole(round[FILES]!),
  }
}

function whole({ cpu }: Look): number {
  return cpu.reduce((sum, share) => sum + share, 0)
}

function noteOn(rounds: readonly Round[]): string {
  const notes = [
    'Two at a time. camgate also takes the camera in and makes the segments; nginx is given files, which a script copies from camgate.',
    `Behind the cache camgate was asked ${askedIn(rounds)}.`,
  ]
  if (MEDIAMTX in rounds[0]!)
    notes.push(
      'MediaMTX plays alone. It has its camera from ffmpeg by RTSP, and makes segments of 2 s itself.',
    )
  return notes.join(' ')
}

function askedIn(rounds: readonly Round[]): string {
  const asked = rounds.map(round => round[BEHIND]!.asked!)
  const all = (of: 'requests' | 'news') => digits(asked.reduce((sum, one) => sum + one[of], 0))
  return `${all('requests')} times for ${all('news')} new segments and playlists`
}

async function measure(plan: Plan): Promise<Round[]> {
  await using opened = new Opened()
  const cameras = await opened.add(runCameras({ load: { gop: 2, bitrate: BITRATE } }))
  const [direct, asked] = await Promise.all([
    opened.add(camgate(cameras.origin)),
    opened.add(
      camgate(cameras.origin, {
        HLS_SHARED_CACHE: '1',
        TRUSTED_PROXIES: '127.0.0.1',
        METRICS_TOKEN,
      }),
    ),
  ])
  const [url, behind] = [playlistOf(direct), playlistOf(asked)]
  await text(url)
  const media = new URL((await text(behind)).trim().split('\n').at(-1)!, behind)
  await sleep(plan.quick ? 4000 : 10_000)
  const files = await opened.add(mirrorHls(url))
  const served = await opened.add(nginxFiles(files.root))
  const cache = await opened.add(nginxCache(served.origin))
  const front = await opened.add(deployedCache(asked.server.origin))
  const turns: Server[][] = [
    [
      { name: CAMGATE, url, pids: [direct.pid] },
      { name: FILES, url: `${served.origin}/master.m3u8`, pids: [served.pid] },
    ],
    [
      {
        name: BEHIND,
        url: behind.replace(asked.server.origin, front.origin),
        pids: [front.pid, asked.pid],
        asked: asking(asked, media),
      },
      { name: CACHE, url: `${cache.origin}/master.m3u8`, pids: [cache.pid] },
    ],
  ]
  if (takesPart(plan, 'MEDIAMTX_BIN') && !plan.quick) {
    const { url, pid } = await opened.add(mediamtx())
    turns.push([{ name: MEDIAMTX, url, pids: [pid] }])
  }
  const played: Record<string, Played> = {}
  for (const servers of turns) Object.assign(played, await play(servers, plan.rounds))
  return Array.from({ length: plan.rounds }, (_, round) =>
    Object.fromEntries(
      Object.entries(played).map(([name, { looks, megabitsEach }]) => [
        name,
        { ...looks[round]!, megabitsEach },
      ]),
    ),
  )
}

function playlistOf({ server }: CamgateFront): string {
  return `${server.origin}/api/camera/load/stream.m3u8?token=${server.token}`
}

/** A crowd for each of these, all at the same time. Throws when a player was refused anything. */
async function play(servers: readonly Server[], rounds: number): Promise<Record<string, Played>> {
  const seconds = rounds * LOOK_SECONDS + SETTLE_MS / 1000 + 2
  const crowds = servers.map(({ url }) => runCrowd({ url, viewers: PLAYERS, seconds, ramp: RAMP_SECONDS }))
  try {
    await Promise.all(crowds.map(crowd => crowd.playing()))
    await sleep(SETTLE_MS)
    for (const pid of servers.flatMap(({ pids }) => pids)) forgetPeak(pid)
    const readings = [await Promise.all(servers.map(read))]
    for (let round = 0; round < rounds; round++) {
      await sleep(LOOK_SECONDS * 1000)
      readings.push(await Promise.all(servers.map(read)))
    }
    const summaries = await Promise.all(crowds.map(crowd => crowd.summary()))
    return Object.fromEntries(
      servers.map(({ name }, index) => {
        const { megabytes = 0, seconds = 1, gotPicture, ended } = summaries[index]!
        if (gotPicture < PLAYERS || Object.keys(ended).length > 0)
          throw new Error(
            `${name}: ${gotPicture} of ${PLAYERS} players got a picture, ended ${JSON.stringify(ended)}`,
          )
        const looks = readings.slice(1).map((now, round) => look(readings[round]![index]!, now[index]!))
        return [name, { looks, megabitsEach: (megabytes * 8) / seconds / PLAYERS }]
      }),
    )
  } finally {
    await Promise.all(crowds.map(crowd => crowd.stop()))
  }
}

interface Reading {
  readonly cpu: readonly number[]
  readonly peakMb: number
  readonly asked?: Asked
}

async function read({ pids, asked }: Server): Promise<Reading> {
  const cpu = pids.map(cpuSeconds)
  const peakMb = pids.reduce((sum, pid) => sum + readProcess(pid).peakMb, 0)
  return { cpu, peakMb, ...(asked ? { asked: await asked() } : {}) }
}

function look(before: Reading, after: Reading): Look {
  const cpu = after.cpu.map((seconds, index) => (seconds - before.cpu[index]!) / LOOK_SECONDS)
  const [was, is] = [before.asked, after.asked]
  if (!was || !is) return { cpu, peakMb: after.peakMb }
  // Each new segment makes a new playlist.
  const asked = { requests: is.requests - was.requests, news: 2 * (is.newest - was.newest) }
  return { cpu, peakMb: after.peakMb, asked }
}

/** Counts what players ask a camgate for; what is asked for to know the newest segment is left out. */
function asking({ server }: CamgateFront, media: URL): () => Promise<Asked> {
  let ours = 0
  return async () => {
    const metrics = await text(`${server.origin}/metrics`, { authorization: `Bearer ${METRICS_TOKEN}` })
    const counts = metrics.matchAll(/^camgate_http_requests_total\{[^}]*route="\/api\/hls[^}]*\} (\d+)$/gm)
    const requests = [...counts].reduce((sum, [, count]) => sum + Number(count), 0) - ours
    const playlist = await text(String(media))
    ours++
    const [, first] = /#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist)!
    return { requests, newest: Number(first) + playlist.match(/#EXTINF/g)!.length }
  }
}

async function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  const reply = await fetch(url, { headers })
  if (reply.status !== 200) throw new Error(`${new URL(url).pathname} answered ${reply.status}`)
  return reply.text()
}
