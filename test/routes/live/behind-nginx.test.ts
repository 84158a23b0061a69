import t, { type Test } from 'tap'
import { runNginx } from '../../../bench/fronts/run-nginx.ts'
import { startBuiltHouse } from '../../support/built-server.ts'
import { startGo2rtc } from '../../support/go2rtc.ts'
import { upgradeStatus } from '../../support/live-server.ts'
import { openBuiltInPage } from '../../support/page.ts'
import { until } from '../../support/until.ts'

const UPGRADE = `
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;`

/** What people write into their nginx, from its own page on WebSockets, from Nginx Proxy Manager, and what they forget. */
const LOCATIONS = {
  'without Host': UPGRADE,
  'with $host, which has no port': `${UPGRADE} proxy_set_header Host $host;`,
  'with $host and X-Forwarded-Host': `${UPGRADE} proxy_set_header Host $host; proxy_set_header X-Forwarded-Host $http_host;`,
  'with $http_host': `${UPGRADE} proxy_set_header Host $http_host;`,
  'with proxy_pass alone': '',
  'with Host and no Upgrade': 'proxy_set_header Host $http_host;',
} as const

type How = keyof typeof LOCATIONS

const STREAM = 'Garage'

async function start(t: Test, env: Record<string, string> = {}) {
  const go2rtc = await startGo2rtc(t)
  const house = await startBuiltHouse(t, { GO2RTC_HOST: go2rtc.origin, ...env })
  const path = `/api/ws?src=${STREAM}&token=${house.admin.token}`
  return { ...house, path }
}

async function behind(t: Test, how: How, env: Record<string, string> = {}) {
  const house = await start(t, env)
  const proxy = await runNginx(
    ({ port }) =>
      `server { listen 127.0.0.1:${port}; location / { proxy_pass ${house.origin}; ${LOCATIONS[how]} } }`,
  )
  t.teardown(() => proxy.stop())
  const upgrade = (origin: string) => upgradeStatus(proxy.origin + house.path, { origin })
  return { ...house, proxy, upgrade }
}

const TRUSTED = { TRUSTED_PROXIES: '127.0.0.1' }

for (const [how, env, status] of [
  ['with $http_host', {}, 101],
  ['with $host and X-Forwarded-Host', TRUSTED, 101],
  ['with $host and X-Forwarded-Host', {}, 403],
  ['with $host, which has no port', TRUSTED, 403],
  ['without Host', TRUSTED, 403],
  ['with proxy_pass alone', TRUSTED, 403],
  ['with Host and no Upgrade', TRUSTED, 426],
] as const)
  t.test(
    `a WebSocket through nginx ${how}: ${status}${env === TRUSTED ? '' : ', and nobody is trusted'}`,
    async t => {
      const { upgrade, proxy } = await behind(t, how, env)
      t.equal(await upgrade(proxy.origin), status)
      t.equal(await upgrade('http://evil.example'), 403)
    },
  )

t.test('an address that is named in PUBLIC_ORIGINS is refused, or another one is not', async t => {
  const { upgrade, proxy } = await behind(t, 'without Host', { PUBLIC_ORIGINS: 'https://cams.example.org' })
  t.equal(await upgrade('https://cams.example.org'), 101)
  t.equal(await upgrade('http://cams.example.org'), 403)
  t.equal(await upgrade(proxy.origin), 403)
})

t.test('the default port of a scheme makes an origin another one', async t => {
  const { origin, path } = await start(t)
  const upgrade = (from: string, host: string) => upgradeStatus(origin + path, { origin: from, host })
  t.equal(await upgrade('https://cams.example', 'cams.example:443'), 101)
  t.equal(await upgrade('https://cams.example', 'CAMS.example'), 101)
  t.equal(await upgrade('http://cams.example', 'cams.example:80'), 101)
  t.equal(await upgrade('https://cams.example', 'cams.example:80'), 403)
})

for (const [how, says] of [
  ['without Host', /a page of http:\/\/127\.0\.0\.1:\d+ may not open a WebSocket here.*PUBLIC_ORIGINS/i],
  ['with Host and no Upgrade', /does the proxy pass on Upgrade/],
] as const)
  t.test(`behind nginx ${how} the page connects for ever, and nobody knows why`, async t => {
    const { proxy } = await behind(t, how)
    const page = await openBuiltInPage(t, proxy.origin)
    const tile = page.locator('live-video').first()
    await tile.waitFor()
    await until(async () => says.test((await tile.getAttribute('title')) ?? ''))
    t.match(await tile.innerText(), /Cannot be played here/)
  })

t.test('a refusal is logged each time, or never', async t => {
  const { upgrade, output } = await behind(t, 'without Host')
  for (let i = 0; i < 5; i++) await upgrade('http://evil.example')
  await upgrade('http://other.example')
  const refusals = () =>
    output()
      .split('\n')
      .slice(0, -1)
      .filter(line => line.includes('may not open a WebSocket'))
  await until(() => refusals().some(line => line.includes('other.example')))
  const lines = refusals().map(line => JSON.parse(line) as { origin: string; host: string })
  t.same(
    lines.map(({ origin }) => origin),
    ['http://evil.example', 'http://other.example'],
  )
  t.ok(lines.every(({ host }) => host.startsWith('127.0.0.1:')))
})
