import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { startLive } from '../../support/live-server.ts'
import { ffmpeg, ffprobe } from '../../support/tools.ts'

const run = promisify(execFile)
const SECONDS = 30

t.test('ffmpeg complains of the playlist', async t => {
  const { origin, user, go2rtc } = await startLive(t)
  const url = (query: string) => `${origin}/api/camera/Garage/stream.m3u8?token=${user.token}${query}`
  const play = async (query: string) => {
    const args = ['-v', 'error', '-i', url(query), '-t', String(SECONDS), '-f', 'null', '-']
    const { stderr } = await run(ffmpeg(), args)
    t.equal(stderr, '', `?${query}`)
  }
  await Promise.all([play(''), play('&ll=1')])
  const { stdout } = await run(ffprobe(), [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name',
    '-of',
    'csv',
    url(''),
  ])
  t.match(stdout, /h264\s.*aac/)
  t.equal(go2rtc.stream('Garage').opened, 1)
})
