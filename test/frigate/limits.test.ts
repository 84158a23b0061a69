import t, { type Test } from 'tap'
import type { CodedError } from '../../src/errors.ts'
import { FrigateClient } from '../../src/frigate/connection/client.ts'
import { Frigate } from '../../src/frigate/frigate.ts'
import { FRIGATE, serverBefore } from '../support/scripted-server.ts'
import { type Answer, type Answers, startScripted } from '../support/scripted-upstream.ts'

async function frigateThat(t: Test, answers: Answers) {
  const said: CodedError[] = []
  const origin = await startScripted(t, { ...FRIGATE, ...answers })
  const complain = (error: CodedError) => said.push(error)
  const frigate = new Frigate(new FrigateClient({ origin, user: undefined, password: undefined, complain }))
  t.teardown(() => frigate.client.close())
  return { frigate, said }
}

const camera = (zones: Readonly<Record<string, unknown>>, more: object = {}) => ({ live: {}, zones, ...more })
const zone = { objects: ['person'], coordinates: '0,0.5,1,0.5,1,1,0,1' }
const event = (index: number, zone = 'Porch') => ({
  id: `1718000000.${index}-abc`,
  camera: 'Driveway',
  label: 'person',
  zones: [zone],
  start_time: 1_718_000_000,
  end_time: 1_718_000_030,
})

/** Events without end. */
const endless: Answer = (response, { searchParams: query }) => {
  response.write(`[${JSON.stringify(event(0, query.get('zones') ?? ''))}`)
  const row = Array.from({ length: 100 }, (_, i) => `,${JSON.stringify(event(i))}`).join('')
  const send = () => {
    while (!response.destroyed && response.write(row));
  }
  response.on('drain', send)
  send()
}

t.test('a configuration of a thousand cameras must not be kept whole, nor lost', async t => {
  const names = Array.from({ length: 1000 }, (_, i) => `Camera_${i}`)
  const cameras = Object.fromEntries(names.map(name => [name, camera({ Porch: zone })]))
  const { frigate, said } = await frigateThat(t, { '/api/config': JSON.stringify({ cameras }) })
  const { value } = await frigate.config()
  t.same([...value.cameras.keys()], names.slice(0, 500))
  t.match(
    said.map(({ code, message }) => [code, message]),
    [['FRIGATE_LEFT_OUT', 'What Frigate answers is used without cameras beyond 500']],
  )
})

t.test('what is too large of a camera must be left out, and the log told of which', async t => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`Zone_${i}`, zone]))
  const cameras = {
    Door: camera({ Porch: zone }),
    Many: camera(many),
    Long: camera({ ['N'.repeat(101)]: zone, Wide: { ...zone, coordinates: '0,'.repeat(3000) }, Kept: zone }),
    Streams: camera(
      {},
      { live: { streams: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [i, `s${i}`])) } },
    ),
    Huge: camera({}, { motion: { mask: 'm'.repeat(300_000) } }),
    Odd: camera({}, { motion: { mask: Array.from({ length: 30_000 }, () => []) } }),
    Garden: camera({ Lawn: zone }),
  }
  const { frigate, said } = await frigateThat(t, { '/api/config': JSON.stringify({ cameras }) })
  const { value } = await frigate.config()
  const zones = (name: string) => JSON.parse(value.cameras.get(name)?.zones ?? 'null')
  t.same([...value.cameras.keys()], ['Door', 'Many', 'Long', 'Streams', 'Garden'])
  t.same(zones('Door'), { Porch: zone })
  t.equal(Object.keys(zones('Many')).length, 50)
  t.same(Object.keys(zones('Long')), ['Kept'])
  t.equal(value.cameras.get('Streams')?.streams.length, 20)
  t.equal(said.length, 1)
  for (const what of ['zones of Many', 'zones of Long', 'camera Huge', 'camera Odd'])
    t.ok(said[0]?.message.includes(what), what)
})

t.test('zones of all cameras must not be more than one reply holds', async t => {
  const wide = { ...zone, coordinates: '0.1,'.repeat(900) }
  const zones = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`Zone_${i}`, wide]))
  const names = Array.from({ length: 50 }, (_, i) => `Camera_${i}`)
  const user = await serverBefore(t, {
    '/api/config': JSON.stringify({ cameras: Object.fromEntries(names.map(name => [name, camera(zones)])) }),
  })
  const reply = await user.request('/api/frigate/cameras')
  const text = await reply.text()
  const told = JSON.parse(text) as Record<string, { name: string; zones: Record<string, unknown> }>
  t.same(Object.keys(told), names)
  t.same(told.Camera_0, { name: 'Camera_0', zones })
  t.ok(text.length < 1_200_000, `${text.length} characters`)
})

t.test('a list of events that does not keep to `limit` must be cut where it was to end', async t => {
  const user = await serverBefore(t, {
    '/api/events': endless,
    '/api/review': endless,
  })
  for (const path of ['/api/events?limit=7', '/api/review?limit=7']) {
    const reply = await user.request(path)
    t.equal(((await reply.json()) as unknown[]).length, 7, path)
    t.equal(reply.headers.get('x-upstream-error'), null)
  }
})

t.test('twenty zones must not be twenty long lists', async t => {
  const user = await serverBefore(t, { '/api/events': endless })
  const zones = Array.from({ length: 20 }, (_, i) => `Zone_${i}`)
  const reply = await user.request(`/api/events/summary?zones=${zones}`)
  const { items } = (await reply.json()) as { items: { zone: string; id: string }[] }
  t.same(
    items.map(({ zone }) => zone),
    zones,
  )
})

t.test('one event that is a million brackets must be refused, and an ordinary one not', async t => {
  const deep = `{"id":"1.5-a","data":${'['.repeat(400_000)}${']'.repeat(400_000)}}`
  const { frigate } = await frigateThat(t, {
    '/api/events/1.5-a': deep,
    '/api/events/1.5-b': JSON.stringify({ ...event(0), id: '1.5-b' }),
  })
  await t.rejects(frigate.client.json('/api/events/1.5-a', 1024 * 1024), { code: 'FRIGATE_MALFORMED' })
  t.match(await frigate.client.json('/api/events/1.5-b', 1024 * 1024), { id: '1.5-b' })
})

t.test('statistics of a million cameras must not be kept', async t => {
  const cameras = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`c${i}`, { camera_fps: 5 }]))
  const { frigate } = await frigateThat(t, { '/api/stats': JSON.stringify({ cameras }) })
  const rates = await frigate.cameraRates()
  t.equal(rates.size, 500)
  t.equal(rates.get('c0'), 5)
})
