import t from 'tap'
import { startApp } from '../support/app.ts'

t.test('the page opens without a login and holds no script or style of its own in the markup', async t => {
  const { origin } = await startApp(t)
  const reply = await fetch(origin)
  t.equal(reply.status, 200)
  t.match(reply.headers.get('content-type'), 'text/html')
  const html = await reply.text()
  t.notMatch(html, /<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/)
})

t.test('a browser asks again after an update and gets 304 without one', async t => {
  const { origin } = await startApp(t)
  const first = await fetch(`${origin}/app.js`)
  t.match(first.headers.get('content-type'), 'javascript')
  t.equal(first.headers.get('cache-control'), 'no-cache')
  await first.text()
  const again = await fetch(`${origin}/app.js`, {
    // fetch adds Cache-Control: no-cache to a conditional request by itself, as a reload would
    headers: { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
  })
  t.equal(again.status, 304)
})

t.test('every file that the page names is there', async t => {
  const { origin } = await startApp(t)
  const seen = new Set<string>()
  const visit = async (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    const reply = await fetch(origin + path)
    t.equal(reply.status, 200, path)
    const text = await reply.text()
    if (path.startsWith('/vendor/')) return
    const named = text.matchAll(
      /(?:from|import|import\(|src=|href=|loadStyle\()\s*['"]([./][^'"#]*\.\w+)['"]/g,
    )
    for (const [, name = ''] of named) await visit(new URL(name, origin + path).pathname)
  }
  await visit('/index.html')
  t.ok(seen.size > 15, `${seen.size} files`)
})

t.test('the charts come from the installed package', async t => {
  const { origin } = await startApp(t)
  for (const [file, type] of [
    ['uplot.js', 'javascript'],
    ['uplot.css', 'text/css'],
  ]) {
    const reply = await fetch(`${origin}/vendor/${file}`)
    t.equal(reply.status, 200)
    t.match(reply.headers.get('content-type'), type)
    await reply.text()
  }
})

t.test('nothing outside the page can be read', async t => {
  const { app } = await startApp(t)
  const paths = [
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/vendor/../../package.json',
    '/%',
    '/%00',
    '/.git/config',
    '/lib',
    '/lib/',
    `/${'x'.repeat(5000)}`,
  ]
  for (const url of paths) {
    const reply = await app.inject({ url, headers: { accept: 'text/html' } })
    t.ok([400, 404, 414].includes(reply.statusCode), `${url.slice(0, 30)} answers ${reply.statusCode}`)
    t.match(reply.headers['content-type'], 'application/json', url.slice(0, 30))
  }
})

t.test('an unknown address below /api is a JSON 404 also for a browser', async t => {
  const { origin } = await startApp(t)
  for (const path of ['/api', '/api/nothing', '/live/nothing', '/metrics', '/nothing']) {
    const reply = await fetch(origin + path, { headers: { accept: 'text/html' } })
    t.equal(reply.status, 404, path)
    t.match(await reply.json(), { error: 'Not found', code: 'NOT_FOUND' })
  }
})
