import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { BUNDLED_CAMERAS } from '../../demo/footage/bundled.ts'
import { writeBundledMedia } from '../../demo/frigate/bundled-media.ts'
import { Frigate } from '../../demo/frigate/frigate.ts'
import { sampleHousehold } from '../../demo/frigate/household.ts'
import { ffprobe } from '../support/tools.ts'

const run = promisify(execFile)

t.test('the bundled clips as what Frigate recorded: pictures, clips and HLS of the right camera', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'camgate-bundled-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const cameras = Object.fromEntries(BUNDLED_CAMERAS.map(camera => [camera, { zones: [camera] }]))
  const household = sampleHousehold(cameras)
  const frigate = new Frigate({ version: '0.17', household, media: await writeBundledMedia(folder) })
  await frigate.start()
  t.teardown(() => frigate.stop())

  const bytes = async (path: string) =>
    Buffer.from(await (await fetch(`${frigate.origin}${path}`)).arrayBuffer())
  const seen = new Set<string>()
  for (const { id } of household.events.slice(0, 4)) {
    const clip = await bytes(`/api/events/${id}/clip.mp4`)
    t.equal(clip.toString('latin1', 4, 8), 'ftyp')
    seen.add(clip.toString('base64'))
    const picture = await bytes(`/api/events/${id}/snapshot.jpg`)
    t.equal(picture.toString('hex', 0, 3), 'ffd8ff')
    t.equal(picture.toString('hex', picture.length - 2), 'ffd9')
  }
  t.equal(seen.size, 4, 'each camera has a clip of its own')

  const master = `${frigate.origin}/vod/event/${household.events[0]?.id}/master.m3u8`
  const { stdout } = await run(ffprobe(), [
    ...['-v', 'error', '-of', 'json', '-count_packets', '-show_streams', master],
  ])
  t.match(JSON.parse(stdout).streams, [
    { codec_name: 'h264', nb_read_packets: '400' },
    { codec_name: 'aac', nb_read_packets: '251' },
  ])
})
