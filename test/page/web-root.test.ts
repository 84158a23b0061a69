import t, { type Test } from 'tap'
import { startApp } from '../support/app.ts'

const NAVIGATION = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

async function startWithPwa(t: Test) {
  const root = t.testdir({
    'index.html': '<!doctype html><title>the PWA</title>',
    'sw.js': '// worker',
    assets: { 'index-DiwrgTda.js': '// hashed', 'logo.svg': '<svg/>' },
    '.env': 'SECRET=1',
  })
  return startApp(t, { WEB_ROOT: root })
}

t.test('an own route of the PWA gets its index when a person opens it', async t => {
  const { origin } = await startWithPwa(t)
  for (const path of ['/', '/events', '/settings/users?tab=2', '/camera/Front_Door.main']) {
    const reply = await fetch(origin + path, { headers: NAVIGATION })
    t.equal(reply.status, 200, path)
    t.match(await reply.text(), 'the PWA')
    t.equal(reply.headers.get('cache-control'), 'no-cache', path)
  }
})

t.test('a missing script is not answered with a page', async t => {
  const { origin } = await startWithPwa(t)
  const reply = await fetch(`${origin}/assets/gone-AbCdEf12.js`)
  t.equal(reply.status, 404)
  t.match(await reply.json(), { code: 'NOT_FOUND' })
})

t.test('an API path never gets the page, nor does anything but GET', async t => {
  const { origin } = await startWithPwa(t)
  for (const path of ['/api/nothing', '/api', '/live/x', '/metrics', '/ready/x']) {
    const reply = await fetch(origin + path, { headers: NAVIGATION })
    t.equal(reply.status, 404, path)
    t.match(await reply.json(), { code: 'NOT_FOUND' })
  }
  const posted = await fetch(`${origin}/events`, { method: 'POST', headers: NAVIGATION })
  t.equal(posted.status, 404)
})

t.test('only files whose name carries their hash are kept for ever', async t => {
  const { origin } = await startWithPwa(t)
  const kept = async (path: string) => (await fetch(origin + path)).headers.get('cache-control')
  t.equal(await kept('/assets/index-DiwrgTda.js'), 'public, max-age=31536000, immutable')
  t.equal(await kept('/assets/logo.svg'), 'no-cache')
  t.equal(await kept('/sw.js'), 'no-cache')
})

t.test('the built-in page and hidden files are out of reach', async t => {
  const { origin } = await startWithPwa(t)
  for (const path of ['/app.js', '/vendor/uplot.js', '/.env']) {
    const reply = await fetch(origin + path)
    t.equal(reply.status, 404, path)
  }
  t.equal((await fetch(`${origin}/sw.js`)).status, 200, 'a file of the folder')
  const builtIn = await startApp(t)
  for (const path of ['/app.js', '/vendor/uplot.js'])
    t.equal((await fetch(builtIn.origin + path)).status, 200, `${path} without WEB_ROOT`)
})

t.test('a folder without a page stops the start', async t => {
  const root = t.testdir({})
  await t.rejects(startApp(t, { WEB_ROOT: root }), {
    message: `WEB_ROOT="${root}" is not usable: a folder with an index.html in it`,
  })
})
