import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { COLUMNS, datedCamera } from '../../../bench/load/dated-camera.ts'
import { percentile } from '../../../bench/load/summary.ts'
import { openPage } from '../../support/browser.ts'
import { startLive } from '../../support/live-server.ts'
import { curl, ffprobe } from '../../support/tools.ts'
import { until } from '../../support/until.ts'

const run = promisify(execFile)
const PAGE = readFileSync(new URL('../../../bench/load/picture-page.js', import.meta.url), 'utf8')
const BEHIND_MS = 500
/** A browser that starts on a busy machine stays behind by what that took. */
const JOINS = 5

t.test('a plain video element falls seconds behind a camera of few bits and long GOPs', async t => {
  const camera = datedCamera({ gopSeconds: 10 })
  t.ok(camera.bitrate < 100, `${camera.bitrate} kbit/s: a block of 32 KiB is seconds of it`)
  const { app, origin, user } = await startLive(t, { streams: { Quiet: [camera.footage] } })
  app.live.hold('Quiet')
  const kept = () => [...app.live.hubs()].some(({ media }) => media.gop.start && media.ring.length > 100)
  await until(kept)
  const url = `/api/camera/Quiet/stream.mp4?token=${user.token}`

  await t.test('what fills the blocks is an error to ffprobe, or in its way', async t => {
    const file = join(t.testdir({}), 'quiet.mp4')
    await run(curl(), ['-s', '--max-time', '4', '-o', file, origin + url]).catch(() => {})
    t.match(readFileSync(file).toString('latin1'), 'free\0\0\0\0', 'it is filled')
    const entries = ['-show_entries', 'packet=stream_index,dts_time', '-of', 'csv=p=0']
    const { stdout, stderr } = await run(ffprobe(), ['-v', 'warning', ...entries, file])
    t.equal(stderr.replace(/.*partial file\n?/g, ''), '')
    const times = stdout.split('\n').filter(line => line.startsWith('0,'))
    t.ok(times.length > 150, `${times.length} pictures`)
    for (const [i, line] of times.entries())
      if (i > 0 && !(Number(line.slice(2)) > Number(times[i - 1]!.slice(2)))) t.fail(`${line} goes back`)
  })

  const seen: number[] = []
  for (let join = 0; join < JOINS && !seen.some(age => age <= BEHIND_MS); join++) {
    const page = await openPage(t, { bypassCSP: true })
    await page.goto(`${origin}/health`)
    await page.addScriptTag({ content: PAGE })
    await page.evaluate(`playPlain(${JSON.stringify(url)}); watchPictures(${COLUMNS})`)
    await sleep(5000)
    await page.evaluate('pictures()')
    const ages: number[] = []
    const enough = performance.now() + 10_000
    while (ages.length < 25 && performance.now() < enough) {
      await sleep(100)
      const pictures = await page.evaluate<[number, number][]>('pictures()')
      ages.push(...pictures.map(([frame, at]) => camera.ageMs(frame, at)))
    }
    seen.push(percentile(ages, 0.5) ?? Number.POSITIVE_INFINITY)
    await page.close()
  }
  t.ok(
    seen.some(age => age <= BEHIND_MS),
    `5 s after joining its pictures are ${seen.map(Math.round).join(', ')} ms old`,
  )
})
