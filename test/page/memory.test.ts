import t from 'tap'
import { startApp } from '../support/app.ts'
import { startGo2rtc } from '../support/go2rtc.ts'
import { openBuiltInPage } from '../support/page.ts'
import { signIn } from '../support/sign-in.ts'

interface Held {
  add(time: number, streams: { stream: string; held_bytes: number }[]): void
  columns(): { time: number[]; rows: { stream: string; bytes: number[] }[] }
}
const { Held, stacked } = (await import(
  new URL('../../public/views/memory/held.js', import.meta.url).href
)) as { Held: new () => Held; stacked(rows: number[][]): number[][] }

t.test('the memory is charted without a word of the content security policy', async t => {
  const { origin } = await startApp(t)
  const page = await openBuiltInPage(t, origin, { path: '#/manage/memory' })
  await page.getByText('No stream is running.').waitFor()
  for (const figure of ['Unreclaimable', 'Resident', 'Swap']) await page.getByText(figure).first().waitFor()
  await page.locator('.chart canvas').nth(3).waitFor()
  await page.getByRole('row', { name: /start/ }).waitFor()
})

t.test('what each stream holds of the budget would not be charted', async t => {
  const go2rtc = await startGo2rtc(t)
  const { app, origin } = await startApp(t, { GO2RTC_HOST: go2rtc.origin, FRIGATE_HOST: 'none' })
  const { request } = await signIn(origin)
  const streams = Object.keys((await (await request('/api/go2rtc/streams')).json()) as object).slice(0, 2)
  const gone = new AbortController()
  t.teardown(() => gone.abort())
  for (const stream of streams) {
    const reply = await request(`/api/go2rtc/mse/${stream}`, { signal: gone.signal })
    void reply.body?.pipeTo(new WritableStream()).catch(() => {})
  }
  const page = await openBuiltInPage(t, origin, { path: '#/manage/memory' })
  const chart = page.locator('figure', { hasText: 'Live video by stream' })
  for (const stream of streams) await chart.locator('.u-legend').getByText(stream, { exact: true }).waitFor()
  await chart.locator('canvas').waitFor()
  await chart
    .getByText(/[\d.]+ (KiB|MiB)/)
    .first()
    .waitFor()
  t.equal([...app.live.hubs()].length, 2)
})

t.test("streams that come, go or are many would be drawn in each other's place", async t => {
  const held = new Held()
  held.add(1, [
    { stream: 'a', held_bytes: 1 },
    { stream: 'b', held_bytes: 20 },
  ])
  held.add(2, [{ stream: 'b', held_bytes: 30 }])
  t.same(held.columns(), {
    time: [1, 2],
    rows: [
      { stream: 'b', bytes: [20, 30] },
      { stream: 'a', bytes: [1, 0] },
    ],
  })
  held.add(
    3,
    'cdefg'.split('').map((stream, i) => ({ stream, held_bytes: 10 * (i + 1) })),
  )
  const { rows } = held.columns()
  t.same(
    rows.map(({ stream }) => stream),
    ['b', 'g', 'f', 'e', 'Others'],
  )
  t.same(rows.at(-1)?.bytes, [1, 0, 30])
  t.same(
    stacked(rows.map(({ bytes }) => bytes)).map(row => row[2]),
    [150, 150, 100, 60, 30],
    'each on top of those behind it',
  )
  for (let i = 4; i < 1000; i++) held.add(i, [])
  t.equal(held.columns().time.length, 360)
  t.same(held.columns().rows, [], 'what is long gone is forgotten')
})
