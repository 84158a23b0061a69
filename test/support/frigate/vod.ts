import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Exchange, missing } from './routes.ts'

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
export function sendVod({ frigate, request, response, groups: [name = ''] }: Exchange) {
  const file = join(frigate.options.media.vod ?? '', name)
  if (!frigate.options.media.vod || !existsSync(file)) return missing(response, 'No recordings found.')
  const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' })
  if (type !== TYPES.m3u8) {
    createReadStream(file).pipe(response)
    return
  }
  const [, args = ''] = (request.url ?? '').split('?')
  const playlist = readFileSync(file, 'utf8')
  response.end(args === '' ? playlist : playlist.replace(/^([^#\n]+)$/gm, `$1?${args}`))
}
