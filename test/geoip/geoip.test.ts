import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/database/file/open.ts'
import { GeoIp } from '../../src/geoip/geoip.ts'
import { ipapi } from '../../src/geoip/ipapi.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** A provider that answers what the test says, and what it was asked. */
async function setUp(t: Test, answer: (address: string) => string | undefined) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const address = /^\/json\/([^?]+)\?fields=/.exec(request.url ?? '')?.[1] ?? ''
    asked.push(address)
    const body = answer(address)
    if (body !== undefined) response.setHeader('content-length', Buffer.byteLength(body)).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const database = await openDatabase({
    path: join(await temporaryFolder(t), 'test.db'),
    connections: 2,
    waitMs: 5000,
  })
  t.teardown(() => database.close())
  const geoip = new GeoIp(database, ipapi(new URL(`http://127.0.0.1:${port}`)))
  t.teardown(() => geoip.close())
  const locate = (...addresses: string[]) => database.read(db => geoip.locate(db, addresses))
  return { asked, geoip, database, locate }
}

const bergen = JSON.stringify({
  status: 'success',
  country: 'Norway',
  regionName: 'Vestland',
  city: 'Bergen',
  lat: 60.4,
  lon: 5.3,
})

t.test('a place is there for the next reader, and asked for once', async t => {
  const { asked, locate } = await setUp(t, () => bergen)
  t.equal((await locate('203.0.113.5')).get('203.0.113.5'), undefined, 'nobody waits for it')
  await until(async () => (await locate('203.0.113.5')).get('203.0.113.5') === 'Bergen, Vestland, Norway')
  t.same(asked, ['203.0.113.5'])
})

t.test('private addresses are told to nobody', async t => {
  const { asked, locate } = await setUp(t, () => bergen)
  const places = await locate('192.168.1.5', '10.0.0.1', '127.0.0.1', '::1', 'fd00::1', '100.64.0.1')
  t.same([...new Set(places.values())], ['Private Network'])
  t.same(asked, [])
})

t.test('nonsense from the provider is an unknown place, not an error', async t => {
  const answers: Record<string, string> = {
    '203.0.113.1': 'no json',
    '203.0.113.2': '[]',
    '203.0.113.3': '{"status":"fail"}',
    '203.0.113.4': JSON.stringify({ status: 'success', country: { evil: true }, city: 'x'.repeat(5000) }),
    '203.0.113.5': 'x'.repeat(100_000),
  }
  const { locate } = await setUp(t, address => answers[address])
  const addresses = Object.keys(answers)
  await until(async () => (await locate(...addresses)).size === addresses.length)
  const places = await locate(...addresses)
  t.equal(places.get('203.0.113.1'), 'Unknown')
  t.equal(places.get('203.0.113.4')?.length, 100)
  t.equal(places.get('203.0.113.5'), 'Unknown')
})

t.test('a provider that hangs does not hold up the end', async t => {
  const { asked, geoip, locate } = await setUp(t, () => undefined)
  await locate('203.0.113.1')
  await until(() => asked.length === 1)
  await geoip.close()
  t.pass()
})

t.test('no more addresses wait to be asked for than are allowed to', async t => {
  const { asked, geoip, locate } = await setUp(t, () => undefined)
  await locate(...Array.from({ length: 250 }, (_, i) => `198.51.100.${i}`))
  await until(() => asked.length === 1)
  t.equal(geoip.waiting, 100)
})
