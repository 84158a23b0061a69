import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { datedCamera } from '../../../bench/load/dated-camera.ts'
import { initSegment } from '../../../demo/fmp4/init-segment.ts'
import { Muxer } from '../../../demo/fmp4/muxer.ts'
import { BLOCK_BYTES } from '../../../src/live/viewers/block-fill.ts'
import { openPage } from '../../support/browser.ts'
import { until } from '../../support/until.ts'

const PICTURES = 60

/** The reason for `block-fill.ts`: where this fails, it can go. */
t.test(
  'Chromium plays what lies in a block that is not full, so that nothing needs to be filled',
  async t => {
    const { tracks, samples } = datedCamera({ gopSeconds: 10 }).footage
    const muxer = new Muxer(tracks)
    const pieces = [initSegment(tracks)]
    const media = samples()
    for (let pictures = 0; pictures < PICTURES; ) {
      const { value } = media.next()
      if (tracks[value.track]!.kind === 'video') pictures++
      pieces.push(muxer.fragment(value.track, value))
    }
    const bytes = Buffer.concat(pieces)
    t.ok(bytes.length < BLOCK_BYTES - 8, `${bytes.length} bytes of ${PICTURES} pictures`)

    const responses: ServerResponse[] = []
    const server = createServer((request, response) => {
      if (request.url !== '/stream.mp4') {
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<video muted src="/stream.mp4"></video>')
        return
      }
      response.writeHead(200, { 'content-type': 'video/mp4' })
      response.write(bytes)
      responses.push(response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      for (const response of responses) response.destroy()
      server.close()
    })
    const page = await openPage(t)
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await until(() => responses.length > 0)
    await sleep(2000)
    const readyState = () => page.evaluate<number>('document.querySelector("video").readyState')
    t.equal(await readyState(), 0, 'not even the init segment has been read')
    const free = Buffer.alloc(BLOCK_BYTES - bytes.length)
    free.writeUInt32BE(free.length)
    free.write('free', 4, 'latin1')
    for (const response of responses) response.write(free)
    await until(async () => (await readyState()) >= 2)
  },
)
