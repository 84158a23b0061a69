import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { startBuiltLive } from '../support/built-house.ts'
import { atLeast, calibrate } from '../support/delay-calibration.ts'
import { delayProbe } from '../support/delay-probe.ts'

const EVENTS = 2000

/** A row as large as Frigate's are, whose object was followed for a while. */
function event(index: number) {
  const start_time = 1_718_000_000 + index
  return {
    id: `${start_time}.123456-abc${index}`,
    camera: index % 4 === 0 ? 'Nursery' : 'Driveway',
    label: 'person',
    sub_label: null,
    zones: ['Porch', 'Driveway'],
    start_time,
    end_time: start_time + 30.5,
    has_clip: true,
    has_snapshot: true,
    data: {
      box: [0.1, 0.2, 0.3, 0.4],
      score: 0.84375,
      path_data: Array.from({ length: 30 }, (_, i) => [[0.5123, 0.6421], start_time + i / 3]),
    },
  }
}

const list = JSON.stringify(Array.from({ length: EVENTS }, (_, index) => event(index)))

const row = (camera: string) => `{"name":"${camera}","zones":{},"rest":"${'r'.repeat(20_000)}"}`
/** Of a house of 200 cameras: 4 MB. */
const config = `{"cameras":{${['Driveway', 'Nursery', ...Array.from({ length: 198 }, (_, i) => `Camera_${i}`)]
  .map(camera => `"${camera}":${row(camera)}`)
  .join(',')}},"mqtt":{}}`

const recordings = JSON.stringify(
  Array.from({ length: 17_000 }, (_, i) => ({
    id: `${1_718_000_000 + i * 10}.0-abcdef`,
    start_time: 1_718_000_000 + i * 10,
    end_time: 1_718_000_010 + i * 10,
    segment_size: 4.25,
    motion: 1200,
    objects: 3,
    duration: 10,
  })),
)

const ANSWERS: ReadonlyMap<string, Buffer> = new Map(
  Object.entries({
    '/api/version': '0.16.4',
    '/api/config': config,
    '/api/stats': '{"cameras":{}}',
    '/api/events': list,
    '/api/review': list,
    '/api/exports': list,
    '/api/Driveway/recordings': recordings,
    '/api/Driveway/recordings/summary': list,
  }).map(([path, text]) => [path, Buffer.from(text)]),
)

const ASKED = [
  '/api/events?limit=2000',
  '/api/review?limit=2000',
  '/api/exports',
  '/api/recordings/Driveway?after=1718000000&before=1718172000',
  '/api/recordings/Driveway/summary',
  '/api/frigate/cameras',
  '/api/debug/memory/history?range=30d&format=csv',
  '/api/admin/audit?limit=500',
]

/** The built server before a Frigate that answers at once and whole. */
async function startLarge(t: Test, answers = ANSWERS) {
  const frigate = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '', 'http://frigate').pathname
    response.setHeader('content-type', 'application/json')
    response.end(answers.get(path) ?? '{}')
  })
  // Else it closes connections that are just being used again, on a busy machine.
  frigate.keepAliveTimeout = 120_000
  await new Promise<void>(resolve => frigate.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    frigate.closeAllConnections()
    frigate.close()
  })
  const origin = `http://127.0.0.1:${(frigate.address() as AddressInfo).port}`
  const go2rtc = answers.has('/api/streams') ? { GO2RTC_HOST: origin } : {}
  return startBuiltLive(t, { env: { FRIGATE_HOST: origin, API_REQUESTS_PER_MINUTE: '1000000', ...go2rtc } })
}

t.test('no request must hold the loop for as long as a long list takes at once, nor 32 of them', async t => {
  const unit = await calibrate(t)
  const { admin: user, port, pid } = await startLarge(t)
  const probe = await delayProbe(t, { port, pid })
  const ask = async (path: string) => {
    const reply = await user.request(path)
    const body = await reply.text()
    if (reply.status !== 200) t.fail(`${path}: ${reply.status} ${body.slice(0, 200)}`)
  }
  t.ok(list.length > 2_000_000, `${list.length} bytes`)
  for (const path of ASKED.slice(0, 2)) await ask(path)
  for (const path of ASKED) {
    const longest = await atLeast(unit / 2, () => probe.during(() => ask(path)))
    t.ok(
      longest < unit / 2,
      `${path}: others wait ${longest.toFixed(1)} ms, and ${unit.toFixed(1)} ms for a list at once`,
    )
  }
  const atOnce = () => Promise.all(Array.from({ length: 32 }, () => ask(ASKED[0]!)))
  const many = await atLeast(unit, () => probe.during(atOnce))
  t.ok(many < unit, `32 at once: others wait ${many.toFixed(1)} ms`)
})

/** What is asked of a house whose upstreams tell as much as is read. */
const ASKED_OF_ALL = [
  '/api/frigate/cameras',
  '/api/cameras',
  '/api/go2rtc/streams',
  '/api/stream-buffer/status',
  '/api/system/status',
]

t.test('a house of eight megabytes of zones and 200,000 streams must not hold the loop', async t => {
  const zone = (index: number) =>
    `"Zone_${index}":{"objects":["person","car"],"coordinates":"0.1,0.2,0.3,0.4"}`
  const zones = Array.from({ length: 215 }, (_, index) => zone(index)).join()
  const cameras = Array.from({ length: 500 }, (_, i) => `"Camera_${i}":{"live":{},"zones":{${zones}}}`)
  const streams = Array.from({ length: 200_000 }, (_, i) => `"s${i}":{}`)
  const large = Buffer.from(`{"cameras":{${cameras.join()}}}`)
  t.ok(large.length > 7_500_000 && large.length < 8 * 1024 * 1024, `${large.length} bytes`)
  const unit = await calibrate(t)
  const {
    admin: user,
    port,
    pid,
  } = await startLarge(
    t,
    new Map([
      ['/api/version', Buffer.from('0.17.2')],
      ['/api/config', large],
      ['/api/streams', Buffer.from(`{${streams.join()}}`)],
    ]),
  )
  const probe = await delayProbe(t, { port, pid })
  const ask = async (path: string) => {
    const reply = await user.request(path)
    if (reply.status !== 200) t.fail(`${path}: ${reply.status} ${await reply.text()}`)
    return (await reply.json()) as object
  }
  t.equal(Object.keys(await ask('/api/frigate/cameras')).length, 500)
  t.equal(Object.keys(await ask('/api/go2rtc/streams')).length, 2000)
  for (const path of ASKED_OF_ALL) {
    const longest = await atLeast(unit / 2, () => probe.during(() => ask(path)))
    t.ok(
      longest < unit / 2,
      `${path}: others wait ${longest.toFixed(1)} ms, and ${unit.toFixed(1)} ms for a list at once`,
    )
  }
})

t.test('what comes in pieces must be what Frigate says, row by row', async t => {
  const { admin: user } = await startLarge(t)
  const events = await (await user.request('/api/events?limit=2000')).json()
  t.equal(JSON.stringify(events), list)
  const rows = (await (
    await user.request('/api/recordings/Driveway?after=1718000000&before=1718172000')
  ).json()) as Record<string, number>[]
  t.equal(rows.length, 17_000)
  t.match(rows[16_999], { file_size: 4_456_448, duration: 10, motion: 1200 })
})
