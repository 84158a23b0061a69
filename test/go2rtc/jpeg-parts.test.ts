import t from 'tap'
import { JpegParts } from '../../src/go2rtc/jpeg-parts.ts'
import { BytesBody } from '../support/pulled-body.ts'

const part = (body: string, type = 'image/jpeg', length = body.length) =>
  `--frame\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}\r\n`
const good = part('first') + part('\r\n--frame\r\nContent-Type: text/html\r\n\r\n') + part('third')

/** What a reader gets of it, so many bytes at a time. */
async function read(text: string, size: number): Promise<string> {
  const body = new JpegParts(new BytesBody(Buffer.from(text)), 'frame')
  const page = Buffer.alloc(size)
  let all = ''
  for (let bytes = await body.read(page); bytes > 0; bytes = await body.read(page))
    all += page.toString('latin1', 0, bytes)
  return all
}

t.test('pictures must pass however they are split, also one that looks like a head', async t => {
  for (let size = 1; size < good.length; size++)
    t.equal(await read(good, size), good, `${size} bytes at a time`)
})

t.test('a head that is not one of a picture must be the end, however it is split', async t => {
  for (const bad of [
    part('x', 'text/html'),
    part('x', 'image/svg+xml'),
    part('x', 'image/jpeg\r\nContent-Security-Policy: none'),
    part('x', 'image/jpeg', -1),
    part('x', 'image/jpeg', 1.5),
    part('x', 'image/jpeg').replace('--frame', '--other'),
    part('x').replace('Content-Length: 1\r\n', ''),
    '--frame\r\n\r\nx',
    `--frame\r\nContent-Type: ${'x'.repeat(600)}`,
  ])
    for (const size of [1, 2, 7, 64, 1000])
      await t.rejects(read(good + bad, size), { code: 'GO2RTC_MALFORMED' }, `${bad}, ${size} bytes at a time`)
})
