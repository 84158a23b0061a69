import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'
import { startFrigate } from '../support/frigate.ts'
import { openBuiltInPage } from '../support/page.ts'
import { until } from '../support/until.ts'

async function openEvents(t: Test) {
  const frigate = await startFrigate(t)
  const { origin } = await startApp(t, { FRIGATE_HOST: frigate.origin, GO2RTC_HOST: 'http://127.0.0.1:9' })
  const page = await openBuiltInPage(t, origin, { path: '#/events' })
  const list = page.getByRole('list', { name: 'Events' })
  await list.getByRole('button').first().waitFor()
  return { frigate, page, list }
}

t.test('the list has a picture for each event, and filters it by camera', async t => {
  const { page, list } = await openEvents(t)
  const picture = page.locator('.event-thumb').first()
  await until(async () => (await picture.evaluate(image => Reflect.get(image, 'naturalWidth') as number)) > 0)
  const all = await list.getByRole('button').count()
  await page.getByLabel('Camera').selectOption('Driveway')
  await list.getByText('Front Door ·').first().waitFor({ state: 'detached' })
  const some = await list.getByRole('button').count()
  t.ok(some > 0 && some < all, `${some} of ${all}`)
})

t.test('an event’s clip plays, and Escape closes it', async t => {
  const { page, list } = await openEvents(t)
  await list.getByRole('button').first().click()
  await page.getByRole('dialog').waitFor()
  const video = page.locator('.clip-stage video')
  await until(async () => (await video.evaluate(clip => Reflect.get(clip, 'currentTime') as number)) > 0.2)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

t.test('an event that begins while one looks is there at once', async t => {
  const { frigate, page, list } = await openEvents(t)
  const event = {
    id: '1700000000.5-zzzzzz',
    camera: 'Driveway',
    label: 'giraffe',
    start_time: Date.now() / 1000,
    end_time: null,
    has_clip: false,
    has_snapshot: false,
  }
  // The connection that carries it is made in its own time.
  const publish = setInterval(
    () => frigate.publish('events', JSON.stringify({ type: 'new', before: event, after: event })),
    500,
  )
  t.teardown(() => clearInterval(publish))
  await list.getByText('Giraffe').waitFor()
  t.equal(await page.locator('.event-new').count(), 1)
})
