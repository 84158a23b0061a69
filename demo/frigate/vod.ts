import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Exchange, missing } from './exchange.ts'
import { recordedBy } from './media.ts'

const TYPES: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  ts: 'video/mp2t',
  mp4: 'video/mp4',
  m4s: 'video/mp4',
}

/**
 * nginx-vod-module as Frigate sets it up (`nginx.conf`, `location /vod/`): `secure_token $args` puts the query of
 * a playlist behind every address in it; TS until 0.16, fragmented MP4 from 0.17 (`vod_hls_container_format`).
 */
export function sendVod({ frigate, request, response, groups: [id, name = '', file = ''] }: Exchange) {
  const camera = frigate.household.events.find(event => event.id === id)?.camera ?? name
  const { vod } = recordedBy(frigate.options.media, camera)
  const path = join(vod ?? '', file)
  if (!vod || !existsSync(path)) return missing(response, 'No recordings found.')
  const type = TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' })
  if (type !== TYPES.m3u8) {
    createReadStream(path).pipe(response)
    return
  }
  const [, args = ''] = (request.url ?? '').split('?')
  const playlist = readFileSync(path, 'utf8')
  response.end(args === '' ? playlist : playlist.replace(/^([^#\n]+)$/gm, `$1?${args}`))
}
