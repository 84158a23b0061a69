import { PlaylistUnusable } from './errors.ts'

/** What a playlist of Frigate may name: files beside it. */
const FILE = /^[A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.(?:m3u8|ts|m4s|mp4|aac|vtt)$/

export function isVodFile(name: string): boolean {
  return name.length <= 128 && FILE.test(name)
}

/**
 * A playlist (RFC 8216) with every address in it put below `prefix`. `folder` is where Frigate has the playlist, with
 * a slash at its end. Queries are dropped: they are Frigate's way to hand a token on. Throws `PLAYLIST_UNUSABLE`
 * if it is none or names anything but files of its own folder.
 */
export function rewritePlaylist(playlist: string, folder: string, prefix: string): string {
  if (!playlist.startsWith('#EXTM3U')) throw new PlaylistUnusable()
  const rewrite = (address: string) => prefix + fileName(address, folder)
  return playlist
    .split(/\r?\n/)
    .map(line => {
      if (line.startsWith('#')) return line.replace(/\bURI="([^"]*)"/g, (_, uri) => `URI="${rewrite(uri)}"`)
      return line.trim() === '' ? line : rewrite(line.trim())
    })
    .join('\n')
}

function fileName(address: string, folder: string): string {
  const url = URL.parse(address, `http://frigate${folder}`)
  const name = url?.pathname.startsWith(folder) ? url.pathname.slice(folder.length) : ''
  if (!isVodFile(name)) throw new PlaylistUnusable()
  return name
}
