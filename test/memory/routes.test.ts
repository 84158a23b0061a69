import t from 'tap'
import { startLive, TestPlayer } from '../support/live-server.ts'
import { signIn } from '../support/sign-in.ts'
import { until } from '../support/until.ts'

t.test('the PWA misses a figure that it knows, or somebody sees more than they may', async t => {
  const { origin, user } = await startLive(t)
  const person = { username: 'anna', password: 'Some-Pass-1' }
  await user.request('/api/admin/users', { method: 'POST', body: { ...person, is_admin: false } })
  const anna = await signIn(origin, person)
  const seen = (await (await anna.request('/api/debug/memory')).json()) as Record<string, unknown>
  t.same(Object.keys(seen), ['memory', 'thresholds'])
  t.same(Object.keys(seen.memory as object), [
    'unreclaimable_mb',
    'rss_mb',
    'swap_mb',
    'vms_mb',
    'uptime_hours',
  ])
  t.same(Object.keys(seen.thresholds as object), [
    'unreclaimable_mb',
    'rss_mb',
    'swap_mb',
    'max_uptime_hours',
  ])
  t.equal((await anna.request('/api/debug/memory/cleanup', { method: 'POST' })).status, 403)
  t.equal((await fetch(`${origin}/api/debug/memory`)).status, 401)
})

t.test('an administrator does not see where the memory is', async t => {
  const { origin, user } = await startLive(t)
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2)
  const seen = (await (await user.request('/api/debug/memory')).json()) as {
    budget: { streams: object[]; held_bytes: number }
  }
  t.match(seen, {
    heap: { spaces: { old_space: { used_mb: Number } } },
    page_faults: { minor: Number },
    event_loop: { utilization: Number },
    viewers: { websocket: 1 },
    database: { open: Number },
    ledger: {
      viewers: { open: 1 },
      WebSockets: { open: 1, total: 1 },
      'live subscribers': { open: 1 },
      'live upstream connections': { open: 1 },
    },
  })
  t.match(seen.budget.streams, [{ stream: 'Garage', viewers: 1, state: 'live' }])
  t.ok(seen.budget.held_bytes > 0)
  player.ws.close()
})

t.test('cleanup takes the picture from somebody, or keeps a stream that nobody watches', async t => {
  const { app, origin, user } = await startLive(t, { env: { LIVE_LINGER_SECONDS: '3600' } })
  const player = await new TestPlayer(`${origin}/api/ws?src=Garage&token=${user.token}`).opened()
  player.say('mse', 'avc1.640029,mp4a.40.2')
  const gone = await new TestPlayer(`${origin}/api/ws?src=Driveway&token=${user.token}`).opened()
  gone.say('mse', 'avc1.640029,mp4a.40.2')
  await until(() => player.media.length > 2 && gone.media.length > 2)
  gone.ws.close()
  await until(() => app.live.viewers === 1)

  const cleaned = (await (await user.request('/api/debug/memory/cleanup', { method: 'POST' })).json()) as {
    objects_cleaned: number
  }
  t.match(cleaned, {
    cleanup_triggered: true,
    memory_before: { unreclaimable_mb: Number, rss_mb: Number, vms_mb: Number, swap_mb: Number },
    memory_after: { unreclaimable_mb: Number, rss_mb: Number },
    memory_saved: { unreclaimable_mb: Number, rss_mb: Number, swap_mb: Number },
  })
  t.ok(cleaned.objects_cleaned >= 1)
  t.same(
    [...app.live.hubs()].map(hub => hub.stream),
    ['Garage'],
  )
  const before = player.media.length
  await until(() => player.media.length > before + 2)
  player.ws.close()
})

t.test('the history is empty, open to everybody, or no CSV', async t => {
  const { app, origin, user } = await startLive(t)
  app.history.sample()
  app.history.mark('tried')
  const reply = await user.request('/api/debug/memory/history?range=1h')
  t.equal(reply.status, 200)
  const columns = (await reply.json()) as { time: number[]; series: Record<string, { max: number[] }> }
  t.match(columns, { range: '1h', interval_seconds: 15, marks: [{ what: 'start' }, { what: 'tried' }] })
  t.equal(columns.series.rss_mb!.max.length, columns.time.length)
  t.ok(columns.series.rss_mb!.max[0]! > 20)
  const csv = await user.request('/api/debug/memory/history?range=30d&format=csv')
  t.match(csv.headers.get('content-type'), /^text\/csv/)
  t.match(await csv.text(), /^time,unreclaimable_mb_min/)
  t.equal((await user.request('/api/debug/memory/history?range=2y')).status, 400)
  t.equal((await fetch(`${origin}/api/debug/memory/history`)).status, 401)
})
