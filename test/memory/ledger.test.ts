import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Ledger } from '../../src/ledger/ledger.ts'
import { later } from '../../src/ledger/timers.ts'
import { countedSource } from '../../src/live/camera/counted-source.ts'
import { ManualSource } from '../support/live.ts'
import { until } from '../support/until.ts'

t.test('what is released twice counts as two releases and hides a leak', async t => {
  const ledger = new Ledger()
  const release = ledger.acquire('file')
  ledger.acquire('file')
  release()
  release()
  t.same(ledger.describe(), { file: { open: 1, total: 2 } })
  t.same(ledger.unreleased(), { file: 1 })
})

t.test('what an owner counts itself is left out', async t => {
  const ledger = new Ledger()
  let open = 3
  ledger.watch('handles', () => open)
  t.same(ledger.unreleased(), { handles: 3 })
  open = 0
  t.same(ledger.unreleased(), {})
  t.same(ledger.describe(), { handles: { open: 0 } })
})

t.test('a connection that ends from both sides is counted wrong', async t => {
  const ledger = new Ledger()
  const source = new ManualSource()
  const open = () => countedSource(source, ledger).open('Door', 'aac', { data: () => {}, end: () => {} })
  const first = open()
  const second = open()
  t.same(ledger.unreleased(), { 'live upstream connections': 2 })
  source.opened[0]!.receiver.end()
  first.close()
  t.same(ledger.unreleased(), { 'live upstream connections': 1 })
  second.close()
  t.same(ledger.unreleased(), {})
})

t.test('a periodic task that throws or rejects ends the process, or does not run again', async t => {
  const told: unknown[] = []
  const ledger = new Ledger(error => told.push(error))
  let thrown = 0
  let rejected = 0
  let pending = 0
  const stops = [
    ledger.every(1, () => {
      thrown++
      throw new Error('EMFILE: too many open files, uv_resident_set_memory')
    }),
    ledger.always(1, async () => {
      rejected++
      throw new Error('no more descriptors')
    }),
    ledger.every(1, () => {
      pending++
      return new Promise(() => {})
    }),
  ]
  await until(() => thrown > 2 && rejected > 2)
  for (const stop of stops) stop()
  t.equal(pending, 1, 'a round that is under way keeps the next one from beginning')
  t.ok(ledger.failures >= 6 && told.length === ledger.failures)
  const warned: string[] = []
  process.on('warning', ({ message }) => warned.push(message))
  later(1, () => {
    throw new Error('of one that runs once')
  })
  await until(() => warned.includes('of one that runs once'))
})

t.test('work that is done again and again goes past the place where failures are caught', async t => {
  const past: string[] = []
  for (const folder of ['src', 'plugins', 'routes'])
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.ts') && readFileSync(join(folder, name), 'utf8').includes('setInterval('))
        past.push(join(folder, name))
  t.same(past, ['src/ledger/timers.ts'])
})

t.test("a timer that nobody stops is not counted, or the server's own ones are taken for leaks", async t => {
  const ledger = new Ledger()
  let ran = 0
  const stop = ledger.every(1, () => ran++)
  const end = ledger.always(60_000, () => {})
  await until(() => ran > 2)
  t.same(ledger.describe(), { timers: { open: 1, total: 2, lasting: 1 } })
  t.same(ledger.unreleased(), { timers: 1 })
  stop()
  stop()
  t.same(ledger.unreleased(), {})
  t.same(ledger.left(), { timers: 1 }, 'unless the server has ended')
  end()
  t.same(ledger.left(), {})
  const before = ran
  await new Promise(resolve => setTimeout(resolve, 20))
  t.equal(ran, before)
})
