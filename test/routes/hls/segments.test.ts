import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startLive } from '../../support/live-server.ts'
import { readPlaylist } from '../../support/playlist.ts'
import { ffmpeg, ffprobe } from '../../support/tools.ts'

const run = promisify(execFile)

t.test('a segment does not decode by itself, or starts otherwise than the playlist says', async t => {
  const { origin, user } = await startLive(t)
  const folder = await mkdtemp(join(tmpdir(), 'camgate-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const url = `${origin}/api/camera/Garage/stream.m3u8?token=${user.token}&ll=1`
  const bytes = async (address: URL) => Buffer.from(await (await fetch(address)).arrayBuffer())
  const media = new URL((await (await fetch(url)).text()).trim().split('\n').at(-1)!, url)
  const first = readPlaylist(String(await bytes(media)))
  const later = await bytes(new URL(`?_HLS_msn=${first.segments.at(-1)!.number + 1}`, media))
  const { segments } = readPlaylist(String(later))
  const map = await bytes(new URL(segments[0]!.map, media))
  let end: number | undefined
  for (const { uri, seconds, parts } of segments) {
    if (uri === undefined) continue
    const file = join(folder, 'segment.mp4')
    await writeFile(file, Buffer.concat([map, await bytes(new URL(uri, media))]))
    const { stderr } = await run(ffmpeg(), ['-v', 'error', '-i', file, '-f', 'null', '-'])
    t.equal(stderr, '', `${uri} decodes`)
    const entries = ['-select_streams', 'v', '-show_entries', 'packet=pts_time,flags', '-of', 'json']
    const { stdout } = await run(ffprobe(), ['-v', 'error', ...entries, file])
    const { packets } = JSON.parse(stdout) as {
      packets: { pts_time: string; flags: string }[]
    }
    const [keyframe] = packets
    if (parts[0]?.independent ?? true) t.match(keyframe!.flags, /^K/, `${uri} starts with a keyframe`)
    const start = Number(keyframe!.pts_time)
    t.ok(end === undefined || Math.abs(start - end) < 0.001, `${uri} begins at ${start}, not ${end}`)
    end = start + seconds
  }
})
