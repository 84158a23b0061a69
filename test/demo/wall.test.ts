import t from 'tap'
import { startDemo } from '../../demo/demo.ts'
import { BUNDLED_CAMERAS } from '../../demo/footage/bundled.ts'
import { openBuiltInPage } from '../support/page.ts'
import { waitUntilAllPlay } from '../support/players.ts'
import { until } from '../support/until.ts'

t.test('whoever opens the demo and signs in sees four cameras play, and events with pictures', async t => {
  const demo = await startDemo({ PORT: '0', LOG_LEVEL: 'silent' })
  t.teardown(() => demo.close())
  const page = await openBuiltInPage(t, demo.origin, { login: demo })
  await waitUntilAllPlay(page, BUNDLED_CAMERAS.length)

  const pictures: number[] = []
  page.on('response', reply => {
    if (new URL(reply.url()).pathname.endsWith('.jpg')) pictures.push(reply.status())
  })
  await page.getByRole('link', { name: 'Events' }).click()
  await until(() => pictures.length >= 8)
  t.ok(
    pictures.every(status => status === 200),
    pictures.join(' '),
  )
})
