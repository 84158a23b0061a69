import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { runCrowd } from '../../bench/process/crowd.ts'
import { askInOwnProcess } from '../../bench/process/requests.ts'

async function serve(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('an answer that is not a 200 would count as one', async t => {
  let asked = 0
  const origin = await serve(t, (request, reply) => {
    asked++
    reply.statusCode = request.url === '/sometimes' && asked % 50 === 0 ? 503 : 200
    reply.end('{}')
  })
  const load = { origin, connections: 2, rate: 200, seconds: 1 }
  t.match(await askInOwnProcess({ ...load, path: '/always' }), { failed: 0, perSecond: Number })
  await t.rejects(askInOwnProcess({ ...load, path: '/sometimes' }), {
    message: /^\d+ answers of \/sometimes were not 200$/,
  })
})

const PLAYLIST = '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-MAP:URI="init"\n#EXTINF:1,\nsegment\n'
const MULTIVARIANT =
  '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="sound.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8\n'

/** HLS whose every address but `redirect.m3u8` is answered with 200, but for one. */
function hlsThatRefuses(refused?: string): { readonly asked: string[]; readonly answer: RequestListener } {
  const asked: string[] = []
  const answer: RequestListener = ({ url = '' }, reply) => {
    const name = url.slice(1)
    asked.push(name)
    if (name === 'redirect.m3u8') reply.writeHead(302, { location: '/master.m3u8' }).end()
    else if (name === refused) reply.writeHead(403).end()
    else if (name === 'master.m3u8') reply.end(MULTIVARIANT)
    else reply.end(name.endsWith('.m3u8') ? PLAYLIST : 'xxxx')
  }
  return { asked, answer }
}

t.test('a player of HLS that is refused a playlist or a segment would seem to play', async t => {
  const { asked, answer } = hlsThatRefuses()
  const origin = await serve(t, answer)
  const crowd = runCrowd({ url: `${origin}/redirect.m3u8`, viewers: 2, seconds: 1, ramp: 0 })
  t.teardown(() => crowd.stop())
  t.match(await crowd.summary(), { gotPicture: 2, ended: {} })
  t.same(
    new Set(asked),
    new Set(['redirect.m3u8', 'master.m3u8', 'media.m3u8', 'sound.m3u8', 'init', 'segment']),
    'redirects are followed, and sound that comes apart',
  )
  for (const refused of ['master.m3u8', 'media.m3u8', 'sound.m3u8', 'segment']) {
    const url = `${await serve(t, hlsThatRefuses(refused).answer)}/redirect.m3u8`
    const crowd = runCrowd({ url, viewers: 2, seconds: 1, ramp: 0 })
    t.teardown(() => crowd.stop())
    t.match(await crowd.summary(), { ended: { 403: 2 } }, refused)
  }
})
