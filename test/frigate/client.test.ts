import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { CONFIGURED_CAMERAS, readFrigateConfig } from '../../src/frigate/api/config.ts'
import { FrigateClient } from '../../src/frigate/connection/client.ts'
import { FrigateMedia, RECIPIENT } from '../../src/frigate/media/media.ts'
import { membersIn } from '../support/members.ts'
import { until } from '../support/until.ts'

async function client(t: Test, listener: RequestListener): Promise<FrigateClient> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const frigate = new FrigateClient({
    origin: new URL(`http://127.0.0.1:${port}`),
    user: undefined,
    password: undefined,
  })
  t.teardown(() => frigate.close())
  return frigate
}

t.test('an answer without end would fill the memory', async t => {
  let sent = 0
  const frigate = await client(t, (_, response) => {
    const chunk = Buffer.alloc(64 * 1024, 32)
    const send = () => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length
    }
    response.on('drain', send)
    send()
  })
  await t.rejects(frigate.json('/api/config', 1024 * 1024), { code: 'FRIGATE_TOO_LARGE', statusCode: 502 })
  t.ok(sent < 32 * 1024 * 1024)
  await until(() => frigate.load.running === 0)
})

t.test('a list that is too long, breaks off or is none must be an error that says so', async t => {
  const answers: Record<string, string> = {
    '/long': `[${'1,'.repeat(200)}1]`,
    '/cut': '[1,2',
    '/page': '<html>',
    '/other': '{"success":false}',
  }
  const frigate = await client(t, (request, response) => {
    if (request.url === '/gone') {
      response.writeHead(200, { 'content-length': 100 }).write('[1,')
      setTimeout(() => response.destroy(), 20)
    } else response.writeHead(request.url === '/down' ? 503 : 200).end(answers[request.url ?? ''] ?? '[1,2]')
  })
  const limits = { bytes: 300, memberBytes: 100 }
  const read = async (path: string) => {
    let count = 0
    const request = { container: { kind: 'array', path: [] }, limits } as const
    for await (const members of frigate.members(path, 'a list', request)) count += members.length
    return count
  }
  t.equal(await read('/good'), 2)
  await t.rejects(read('/long'), { code: 'FRIGATE_TOO_LARGE', statusCode: 502 })
  for (const path of ['/cut', '/page', '/other'])
    await t.rejects(read(path), {
      code: 'FRIGATE_MALFORMED',
      message: 'Frigate answered something else than a list',
    })
  await t.rejects(read('/gone'), { code: 'FRIGATE_UNREACHABLE' })
  await t.rejects(read('/down'), { code: 'FRIGATE_REFUSED', status: 503 })
  await until(() => frigate.load.running === 0)
})

t.test('a Frigate that hangs would hang the client', async t => {
  const frigate = await client(t, () => {})
  const request = { timeoutMs: 300, signal: AbortSignal.timeout(2000) }
  await t.rejects(frigate.json('/api/config', 1024, request), { code: 'FRIGATE_TIMEOUT', statusCode: 504 })
  await until(() => frigate.load.running === 0)
})

t.test('what is no JSON, or an error, would pass for an answer', async t => {
  const frigate = await client(t, (request, response) => {
    response.writeHead(request.url === '/bad' ? 200 : 503).end('<html>')
  })
  await t.rejects(frigate.json('/bad', 1024), { code: 'FRIGATE_MALFORMED' })
  await t.rejects(frigate.json('/down', 1024), { code: 'FRIGATE_REFUSED', status: 503 })
})

t.test('FRIGATE_BUSY: players would leave no connection for anything else', async t => {
  const frigate = await client(t, (request, response) => {
    if (request.url === '/api/version') response.end('0.16.4')
    else response.write('media')
  })
  const gone = new AbortController()
  const playing = await Promise.all(
    Array.from({ length: 24 }, () => frigate.openMedia('/clip', { signal: gone.signal })),
  )
  await t.rejects(frigate.openMedia('/clip', {}), { code: 'FRIGATE_BUSY', statusCode: 503, retryAfter: 2 })
  t.equal((await frigate.bytes('/api/version', 100)).bytes.toString(), '0.16.4')
  t.equal(playing.length, 24)
  gone.abort()
  await until(() => frigate.load.running === 0)
  const again = await frigate.openMedia('/clip', {})
  again.body.close()
})

t.test('a configuration of a strange shape would be taken, or break the start', async t => {
  for (const json of [null, [], 'x', {}, { cameras: [] }, { cameras: null }])
    await t.rejects(readFrigateConfig(membersIn(json, CONFIGURED_CAMERAS)), { name: 'JsonUnreadable' })
  const house = {
    cameras: {
      A: {
        live: { streams: { Main: 'A_main', Sub: 'A_sub', Bad: 7, Empty: '' } },
        zones: { Z: { objects: [1, 'car'] } },
      },
      B: { live: null, zones: null },
      '../config': {},
      C: 7,
    },
  }
  const { cameras } = await readFrigateConfig(membersIn(house, CONFIGURED_CAMERAS))
  t.same([...cameras.keys()], ['A', 'B'])
  t.match(cameras.get('A'), {
    streams: ['A_main', 'A_sub'],
    zones: '{"Z":{"objects":["car"],"coordinates":[]}}',
  })
  t.match(cameras.get('B'), { streams: [], zones: '{}' })
})

t.test('an answer in which there is nothing would be handed on as media', async t => {
  const frigate = await client(t, (request, response) => {
    response.writeHead(200, { 'content-type': 'video/mp4' }).end(request.url === '/full' ? 'media' : '')
  })
  const media = new FrigateMedia(frigate)
  const ask = (path: string) =>
    new Promise((resolve, fail) => {
      const recipient = { signal: new AbortController().signal, type: 'video/mp4', fail } as const
      const headers = { [RECIPIENT]: recipient } as unknown as Parameters<
        FrigateMedia['request']
      >[0]['headers']
      media.request({ method: 'GET', path, headers }, (_, { body }) => {
        body.close()
        resolve('answered')
      })
    })
  await t.rejects(ask('/empty'), { code: 'FRIGATE_EMPTY', statusCode: 502 })
  t.equal(await ask('/full'), 'answered')
})
