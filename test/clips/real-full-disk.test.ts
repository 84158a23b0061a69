import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startFrigate } from '../support/frigate.ts'
import { makeLonger } from '../support/frigate-media.ts'
import { NO_OWN_DISK, onOwnDisk } from '../support/full-disk.ts'
import { asPlain } from '../support/plain-mp4.ts'
import { serve } from '../support/serve.ts'
import { signIn } from '../support/sign-in.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

/** What tmpfs is mounted with: half of a clip fits, next to nothing, no file at all. */
const DISKS = ['size=1m', 'size=64k', 'size=1m,nr_inodes=1']

for (const disk of DISKS)
  t.test(
    `a real disk (${disk}) is full: a clip would fail, or leave something there`,
    { skip: NO_OWN_DISK },
    async t => {
      const folder = await temporaryFolder(t)
      const cache = join(folder, 'cache')
      await mkdir(cache)
      const { media } = (await startFrigate(t)).options
      const large = join(folder, 'large.mp4')
      makeLonger(media.clip, 20, large)
      const bytes = await readFile(large)
      t.ok(bytes.length > 2 * 1024 * 1024)
      const frigate = await startFrigate(t, { media: { ...media, fragmented: large } })
      const env = {
        FRIGATE_HOST: frigate.origin,
        GO2RTC_HOST: 'http://127.0.0.1:9',
        DATABASE_PATH: join(folder, 'camgate.db'),
        CLIP_CACHE_PATH: cache,
      }
      const { origin, child, output } = await serve(t, env, { by: onOwnDisk(cache, disk) })
      const { request } = await signIn(origin)
      const path = `/api/events/${frigate.household.events[1]!.id}/clip.mp4`

      const asIs = (body: Buffer) => body.equals(asPlain(bytes)) || body.equals(bytes)
      const whole = async (init?: RequestInit) => {
        const reply = await request(path, init)
        t.equal(reply.status, 200)
        return Buffer.from(await reply.arrayBuffer())
      }
      const bodies = await Promise.all(Array.from({ length: 5 }, () => whole()))
      for (const body of bodies) t.ok(asIs(body), 'all of it')
      t.ok(asIs(await whole({ headers: { range: 'bytes=10-19' } })), 'the whole instead of a part')
      t.equal((await request(path, { method: 'HEAD' })).status, 200)
      const small = await request(`/api/events/${frigate.household.events[1]!.id}/thumbnail.jpg`)
      t.equal(small.status, 200)

      // As the server sees the disk, which nobody else does.
      const left = () => readdir(`/proc/${child.pid}/root${cache}`)
      await until(async () => (await left()).length === 0)
      await until(() => frigate.answering === 0)
      t.notMatch(output(), /"level":(50|"error")/)
    },
  )
