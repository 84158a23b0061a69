import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startHouse } from '../support/house.ts'
import { until } from '../support/until.ts'

for (const version of ['0.14', '0.16'] as const) {
  t.test(`${version}: 500 clip requests aborted at random moments leave something behind`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'camgate-storm-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const { origin, admin, frigate, app } = await startHouse(
      t,
      { version },
      { CLIP_CACHE_PATH: folder, API_REQUESTS_PER_MINUTE: '1000000' },
    )
    frigate.delayMs = 20
    const before = openFiles()
    const { events } = frigate.household
    await Promise.all(
      Array.from({ length: 500 }, async (_, i) => {
        await sleep(Math.random() * 2000)
        const path = `/api/events/${events[i % events.length]?.id}/clip.mp4?token=${admin.token}`
        const request = httpRequest(origin + path, {
          method: i % 5 === 0 ? 'HEAD' : 'GET',
          headers: i % 2 === 0 ? { range: `bytes=${i * 100}-` } : {},
          agent: false,
        })
        request.on('response', response => response.resume().on('error', () => {}))
        request.on('error', () => {}).end()
        await sleep(Math.random() * 200)
        request.destroy()
      }),
    )
    await until(() => frigate.answering === 0)
    await until(() => app.clips.running === 0 && app.clips.openFiles === 0 && app.viewers.size === 0)
    await until(() => !readdirSync(folder).some(name => name.endsWith('.part')))
    // Connections that are kept open for the next request are not of the aborted ones.
    await until(() => openFiles() <= before + frigate.connections * 2)
    t.pass('nothing is left')
  })
}

/** Without those of the database: each of its connections is kept for a minute after its last use. */
function openFiles(): number {
  return readdirSync('/proc/self/fd').filter(fd => !linkOf(fd).includes('camgate.db')).length
}

/** The listing itself has one that is closed again. */
function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}
