import { createReadStream, statSync } from 'node:fs'
import { type Exchange, missing } from './exchange.ts'
import { recordedBy } from './media.ts'
import { minor } from './shapes.ts'

/**
 * `frigate/api/media.py` `event_clip`. 0.14 hands a file to nginx, which gives it a length and takes Range; 0.15
 * and later pipe a fragmented MP4 out of ffmpeg as it is made.
 */
export function sendClip({ frigate, request, response, groups: [id] }: Exchange) {
  const event = frigate.household.events.find(event => event.id === id)
  if (!event) return missing(response, 'Event not found')
  if (!event.hasClip) return missing(response, 'Clip not available')
  const { clip, fragmented } = recordedBy(frigate.options.media, event.camera)
  if (minor(frigate.options.version) >= 15) {
    response.writeHead(200, { 'content-type': 'video/mp4' })
    const file = createReadStream(fragmented, frigate.clipPaused ? { end: 65_535 } : {})
    response.on('close', () => file.destroy())
    file.pipe(response, { end: !frigate.clipPaused })
    return
  }
  const { size, mtime } = statSync(clip)
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = from === '' && to !== '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  const whole = from === '' && to === ''
  const headers = {
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'last-modified': mtime.toUTCString(),
    etag: `"${Math.floor(mtime.getTime() / 1000).toString(16)}-${size.toString(16)}"`,
  }
  if (!whole && start > end) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end()
    return
  }
  const part = whole ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }
  response.writeHead(whole ? 200 : 206, { ...headers, ...part, 'content-length': end - start + 1 })
  if (request.method === 'HEAD' || size === 0) {
    response.end()
    return
  }
  const file = createReadStream(clip, { start, end })
  response.on('close', () => file.destroy())
  file.pipe(response)
}
