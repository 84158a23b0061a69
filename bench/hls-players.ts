import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { Go2rtc } from '../demo/go2rtc/go2rtc.ts'
import { openHlsPlayers, PWA_SETTINGS } from '../test/support/hls-player.ts'
import { playedByFfmpeg, runGo2rtc } from './cameras/go2rtc.ts'
import { datedCamera } from './load/dated-camera.ts'
import {
  distribution,
  type Figures,
  hlsUrl,
  keepWarm,
  openEmptyPage,
  openLowLatencyPage,
  openWebSocketPage,
  watch,
  withTest,
} from './load/pictures.ts'
import { freePort } from './process/free-port.ts'
import { type RunningServer, runServer } from './process/server.ts'

/**
 * hls.js in Chromium, and the built-in page's player by WebSocket beside it, for a minute each: the first picture,
 * stalls, and how old the picture is that is shown. `npm run bench:hls-players`, or only some of it:
 * `npm run bench:hls-players -- cold plain lowLatency joins joinsReal webSocket video nine`. `joins` is low latency with
 * `--joins` players one after another, `--seconds` each, in a browser of its own; `joinsReal` the same behind the go2rtc of
 * GO2RTC_BIN, whose pictures say by the playlist's dates when they reached the server.
 */
const { values: options, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { joins: { type: 'string', default: '10' }, seconds: { type: 'string', default: '20' } },
})
const SECONDS = 60
const JOIN_SECONDS = Number(options.seconds)
const NAMES = Array.from({ length: 9 }, (_, index) => `cam_${index}`)
const cameras = NAMES.map(() => datedCamera())
const camera = cameras[0]!
/** What a plain `<video>` is tried with: from next to no bits to those of a real camera. */
const plain = [2, 10].flatMap(gopSeconds =>
  [0, 30, 37, 45, 100].map(grain => ({
    name: `gop_${gopSeconds}_grain_${grain}`,
    gopSeconds,
    ...datedCamera({ gopSeconds, grain }),
  })),
)
const JOINS = 2
const go2rtc = new Go2rtc({
  streams: {
    ...Object.fromEntries(NAMES.map((name, index) => [name, [cameras[index]!.footage]])),
    ...Object.fromEntries(plain.map(({ name, footage }) => [name, [footage]])),
  },
})

const measurements: Readonly<Record<string, (server: RunningServer, t: Test) => Promise<void>>> = {
  async cold(server, t) {
    const { page } = await openHlsPlayers(t, server.origin, [{ url: hlsUrl(server, NAMES[0]!) }])
    report('plain, cold (a picture within 4 s)', await watch(page, 10, camera))
  },
  async plain(server, t) {
    await keepWarm(server, NAMES)
    const { page } = await openHlsPlayers(t, server.origin, [
      { url: hlsUrl(server, NAMES[0]!), settings: PWA_SETTINGS },
    ])
    report(
      'plain, warm (a picture within 2 s, none older than three segments)',
      await watch(page, SECONDS, camera),
    )
  },
  async lowLatency(server, t) {
    await keepWarm(server, NAMES)
    const page = await openLowLatencyPage(t, server, NAMES[0]!)
    report('low latency, warm (a picture at most 1.5 s old)', await watch(page, SECONDS, camera))
  },
  async joins(server) {
    await joinAgain(server, 'low latency', NAMES, (page, at) => watch(page, JOIN_SECONDS, cameras[at]!))
  },
  async joinsReal() {
    if (process.env.GO2RTC_BIN === undefined) return
    const real = await runGo2rtc(playedByFfmpeg([NAMES[0]!]), await freePort())
    const server = await runServer(real.origin)
    try {
      await joinAgain(server, `low latency behind go2rtc ${real.version}`, [NAMES[0]!], page =>
        watchDates(page, JOIN_SECONDS),
      )
    } finally {
      await server.stop()
      await real.stop()
    }
  },
  async webSocket(server, t) {
    await keepWarm(server, NAMES)
    const page = await openWebSocketPage(t, server, NAMES[0]!)
    report('Media Source Extensions by WebSocket, warm', await watch(page, SECONDS, camera))
  },
  async video(server, t) {
    await keepWarm(
      server,
      plain.map(({ name }) => name),
    )
    for (const one of plain) {
      for (let join = 0; join < JOINS; join++) {
        const page = await openEmptyPage(t, server)
        const url = `/api/go2rtc/mse/${one.name}?token=${server.token}`
        await page.evaluate(`playPlain(${JSON.stringify(url)})`)
        const camera = `${Math.round(one.bitrate)} kbit/s, GOP ${one.gopSeconds} s`
        report(
          `a plain <video> on stream.mp4, ${camera} (a picture at most 0.5 s old after 5 s)`,
          await watch(page, 8, one),
        )
        await page.close()
      }
    }
  },
  async nine(server, t) {
    await keepWarm(server, NAMES)
    const { page } = await openHlsPlayers(
      t,
      server.origin,
      NAMES.map(name => ({ url: hlsUrl(server, name), settings: PWA_SETTINGS })),
    )
    report('plain, nine at once, warm', await watch(page, SECONDS, camera))
  },
}

/**
 * Players one after another: how old the picture is depends on the moment at which one joins, and on whether there is a
 * past to choose from. Each camera is joined twice in a row, so that the first opens its window where there are several.
 */
async function joinAgain(
  server: RunningServer,
  title: string,
  names: readonly string[],
  watchOne: (
    page: Page,
    camera: number,
  ) => Promise<{ readonly pictureAgeMs: ReturnType<typeof distribution> }>,
): Promise<void> {
  const medians: number[][] = [[], []]
  for (let join = 0; join < Number(options.joins); join++)
    await withTest(async t => {
      const at = (join >> 1) % names.length
      if (join % 2 === 0) await keepWarm(server, [names[at]!])
      const page = await openLowLatencyPage(t, server, names[at]!)
      const figures = await watchOne(page, at)
      medians[join % 2]!.push(figures.pictureAgeMs.p50)
      report(`${title}, ${names[at]}, join ${join + 1}, ${JOIN_SECONDS} s`, figures)
    })
  const [first, second] = medians.map(ages => ages.toSorted((a, b) => a - b))
  report(`${title}, joins of ${JOIN_SECONDS} s each (no picture older than 1.5 s)`, {
    medianPictureAgeMs: { first, second },
  })
}

/** The same for one player of a camera whose pictures carry no number: its age is that since it reached the server. */
async function watchDates(page: Page, seconds: number) {
  const ages: number[] = []
  for (let look = 0; look < seconds * 10; look++) {
    await sleep(100)
    const [first] = await page.evaluate<Figures[]>('figures()')
    if (look >= 50 && first?.ageMs !== undefined) ages.push(first.ageMs)
  }
  const [{ firstPictureMs, stalls, fatal } = {} as Figures] = await page.evaluate<Figures[]>('figures()')
  return { firstPictureMs, stalls, fatal, pictureAgeMs: distribution(ages) }
}

function report(title: string, figures: Readonly<Record<string, unknown>>): void {
  console.log(`\n${title}`)
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name}: ${JSON.stringify(value)}`)
}

await go2rtc.start()
try {
  for (const [name, measure] of Object.entries(measurements)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    const server = await runServer(go2rtc.origin)
    try {
      await withTest(t => measure(server, t))
    } finally {
      await server.stop()
    }
  }
} finally {
  await go2rtc.stop()
}
