import t from 'tap'
import { countedSource } from '../../src/ledger/counted-source.ts'
import { Ledger } from '../../src/ledger/ledger.ts'
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
