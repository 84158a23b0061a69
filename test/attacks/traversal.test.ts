import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startBuiltHouse } from '../support/built-server.ts'
import { startFrigate } from '../support/frigate.ts'
import { repliesIn, sendRaw } from '../support/raw-http.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const SECRET = 'what nobody may read'

/** A folder with a page, between files that are none of it. */
async function folders(t: Test) {
  const folder = await temporaryFolder(t)
  const root = join(folder, 'www')
  mkdirSync(join(root, 'assets'), { recursive: true })
  mkdirSync(join(folder, 'www-private'))
  mkdirSync(join(root, '.git'))
  writeFileSync(join(root, 'index.html'), '<title>the page</title>')
  writeFileSync(join(root, 'assets/a b.js'), '// an asset')
  for (const file of ['secret.txt', 'www-private/secret.txt', 'www/.env', 'www/.git/config'])
    writeFileSync(join(folder, file), SECRET)
  return { folder, root }
}

/** Ways to say the parent folder. */
const UP = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '.%2e/',
  '..\\',
  '..%5c',
  '%2e%2e%5c',
  '..%252f',
  '%252e%252e%252f',
  '%c0%ae%c0%ae/',
  '..%c0%af',
  '%e0%80%ae%e0%80%ae/',
  '..%ef%bc%8f',
  '..;/',
  '....//',
  '..%00/',
  '.%00./',
  './../',
  '//../',
  '/%2f../',
]

function ask(port: number, path: string, ...headers: string[]) {
  const head = [`GET ${path} HTTP/1.1`, 'Host: h', 'Connection: close', ...headers]
  return sendRaw(port, `${head.join('\r\n')}\r\n\r\n`)
}

t.test('a file outside of the page is read', async t => {
  const { root, folder } = await folders(t)
  const own = await startBuiltHouse(t, { WEB_ROOT: root })
  const builtIn = await startBuiltHouse(t)
  t.match(await ask(own.port, '/assets/a%20b.js'), 'an asset', 'what is in it can be')
  t.match(await ask(own.port, '/index.html'), 'the page')
  t.match(await ask(builtIn.port, '/lib/dom.js'), 'createElement')

  const targets = ['secret.txt', 'www-private/secret.txt', 'package.json', 'etc/passwd', 'proc/self/environ']
  const paths = [
    ...UP.flatMap(up =>
      [1, 2, 8].flatMap(times =>
        targets.flatMap(target => [
          `/${up.repeat(times)}${target}`,
          `/assets/${up.repeat(times)}${target}`,
          `/vendor/${up.repeat(times)}${target}`,
          `/lib/${up.repeat(times)}${target}`,
        ]),
      ),
    ),
    '//etc/passwd',
    '/%2fetc%2fpasswd',
    '/%2f%2fetc/passwd',
    `//${folder}/secret.txt`,
    `/${encodeURIComponent(join(folder, 'secret.txt'))}`,
    'file:///etc/passwd',
    'http://h/../../etc/passwd',
    '/index.html/../../secret.txt',
    '/index.html%00.js',
    '/secret.txt%00.html',
    '/.env',
    '/%2eenv',
    '/.git/config',
    '/assets/../.env',
    '/www/.env',
    '/C:/Windows/win.ini',
    '/CON',
    '/~root/.bashrc',
  ]
  for (const { port, name } of [
    { port: own.port, name: 'a page of one’s own' },
    { port: builtIn.port, name: 'the built-in page' },
  ])
    for (const path of paths) {
      const received = await ask(port, path)
      if (!/^HTTP\/1\.1 [4]\d\d/.test(received)) t.fail(`${name}: ${path}: ${received.slice(0, 300)}`)
      if (/what nobody may read|root:|"devDependencies"|SECRET_KEY|PATH=/.test(received))
        t.fail(`${name}: ${path}`)
    }
  t.pass(`${paths.length} paths`)
  // A browser that navigates gets the page, and nothing but the page.
  for (const path of paths) {
    const received = await ask(own.port, path, 'Accept: text/html')
    if (/^HTTP\/1\.1 200/.test(received)) t.match(received, '<title>the page</title>', path)
    if (/what nobody may read|root:/.test(received)) t.fail(path)
  }
})

t.test('a link in WEB_ROOT leads out of it', async t => {
  const { root, folder } = await folders(t)
  symlinkSync(join(folder, 'secret.txt'), join(root, 'linked.txt'))
  symlinkSync(folder, join(root, 'up'))
  symlinkSync('/etc', join(root, 'assets/etc'))
  symlinkSync(join(root, 'assets'), join(root, 'inside'))
  const { port } = await startBuiltHouse(t, { WEB_ROOT: root })
  t.match(await ask(port, '/inside/a%20b.js'), 'an asset', 'one that stays inside is followed')
  for (const path of ['/linked.txt', '/up/secret.txt', '/up/www-private/secret.txt', '/assets/etc/passwd']) {
    const received = await ask(port, path)
    t.match(received, /^HTTP\/1\.1 404 /, path)
    t.notMatch(received, /what nobody may read|root:/, path)
  }
})

t.test('a WEB_ROOT that is itself a link serves nothing', async t => {
  const { root, folder } = await folders(t)
  symlinkSync(root, join(folder, 'current'))
  const { port } = await startBuiltHouse(t, { WEB_ROOT: join(folder, 'current') })
  t.match(await ask(port, '/'), 'the page', 'releases are switched so')
  t.match(await ask(port, '/../secret.txt'), /^HTTP\/1\.1 404 /)
})

t.test('the id of a clip or the name of a file is a path at Frigate or on the disk', async t => {
  const frigate = await startFrigate(t)
  const cache = await temporaryFolder(t)
  writeFileSync(join(cache, 'secret~etag.mp4'), SECRET)
  const { port, admin } = await startBuiltHouse(t, {
    FRIGATE_HOST: frigate.origin,
    CLIP_CACHE_PATH: join(cache, 'clips'),
  })
  const event = frigate.household.events[1]!.id
  const authorization = `Authorization: Bearer ${admin.token}`
  t.match(await ask(port, `/api/events/${event}/clip.mp4`, authorization), /^HTTP\/1\.1 200 /)
  const [playlist] = repliesIn(await ask(port, `/api/events/${event}/clip.m3u8`, authorization))
  const handle = /hls\/clip\/([\w-]+)\//.exec(playlist!.body)?.[1]
  t.ok(handle)
  t.match(await ask(port, `/api/hls/clip/${handle}/master.m3u8`), /^HTTP\/1\.1 200 /)
  const before = frigate.requests.length

  const ids = [
    ...UP.flatMap(up => [`${up}config`, `${up}${up}secret`, `${event}${up}`, `${up}${event}`]),
    '.',
    '..',
    '%2e',
    '..config',
    'a..b',
    `${event}%00`,
    `${event}%0d%0aX:%20y`,
    `${event}%3fx=y`,
    `${event}%23`,
    `${event}%20`,
    `${event};x`,
    'secret~etag',
    '-rf',
    'a/b',
    'a%2fb',
    'x'.repeat(65),
  ]
  for (const id of ids)
    for (const path of [
      `/api/events/${id}/clip.mp4`,
      `/api/events/${id}/snapshot.jpg`,
      `/api/events/${id}/clip.m3u8`,
      `/api/review/${id}/viewed`,
      `/api/hls/clip/${handle}/${id}`,
      `/api/hls/clip/${handle}/${id}.ts`,
      `/api/hls/clip/${handle}/${id}.m3u8`,
    ]) {
      const received = await ask(port, path, authorization)
      if (!/^HTTP\/1\.1 4\d\d/.test(received)) t.fail(`${path}: ${received.slice(0, 200)}`)
      t.notMatch(received, SECRET, path)
    }
  const asked = frigate.requests.slice(before).map(({ url }) => url)
  for (const url of asked) t.notMatch(url, /config\.|secret|%00|%0d|\.\.|%2e|%2f|;|\/\/$/i, url)
  await until(() => frigate.answering === 0)
})

t.test('the name of a camera is a path at Frigate or go2rtc', async t => {
  const frigate = await startFrigate(t)
  const { port, admin } = await startBuiltHouse(t, { FRIGATE_HOST: frigate.origin })
  const authorization = `Authorization: Bearer ${admin.token}`
  t.match(await ask(port, '/api/camera/Driveway/snapshot', authorization), /^HTTP\/1\.1 200 /)
  for (const up of UP)
    for (const path of [
      `/api/camera/${up}config/snapshot`,
      `/api/camera/${encodeURIComponent(`${up}config`)}/snapshot`,
      `/api/camera/Driveway${up}/snapshot`,
      `/api/recordings/${up}config`,
      `/api/recordings/${encodeURIComponent(`${up}config`)}/summary`,
      `/api/go2rtc/mse/${encodeURIComponent(`${up}config`)}`,
      `/api/go2rtc/frame.jpeg?src=${encodeURIComponent(`${up}config`)}`,
      `/api/go2rtc/${up}config`,
      `/api/go2rtc/frame.jpeg/${up}config`,
    ]) {
      const received = await ask(port, path, authorization)
      if (!/^HTTP\/1\.1 (4\d\d|502)/.test(received)) t.fail(`${path}: ${received.slice(0, 200)}`)
    }
  for (const { url } of frigate.requests) t.notMatch(url, /%2e|%2f|\.\.|%5c|;|%00/i, url)
})
