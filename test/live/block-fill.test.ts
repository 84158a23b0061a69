import t from 'tap'
import { BlockFill } from '../../src/live/viewers/block-fill.ts'

const BLOCK = 32 * 1024

/** What is sent of a stream with `bytes` every `everyMs` for ten seconds. */
function play(bytes: number, everyMs: number, fill = new BlockFill()) {
  const result = { own: 0, filling: 0, longestMs: 0, ragged: 0 }
  let waitingSince: number | undefined
  let sent = 0
  for (let now = 1000; now < 11_000; now += everyMs) {
    const before = Math.floor(sent / BLOCK)
    fill.sent(bytes, now)
    result.own += bytes
    sent += bytes
    waitingSince ??= now
    const due = fill.due(now)
    if (due) {
      const [header, content] = due
      const box = Buffer.concat([header, content])
      if (box.readUInt32BE() !== box.length || box.toString('latin1', 4, 8) !== 'free') result.ragged++
      sent += box.length
      result.filling += box.length
      if (sent % BLOCK !== 0) result.ragged++
    }
    if (Math.floor(sent / BLOCK) > before) {
      result.longestMs = Math.max(result.longestMs, now - waitingSince)
      waitingSince = sent % BLOCK === 0 ? undefined : now
    }
  }
  return result
}

t.test('pictures of few bits wait in a block that is not full', async t => {
  for (const bytes of [16, 250, 1250, 4999]) {
    const { longestMs, ragged } = play(bytes, 40)
    t.ok(longestMs > 0 && longestMs <= 120, `${bytes} bytes a picture wait ${longestMs} ms`)
    t.equal(ragged, 0, 'each filling is one free box that ends with the block')
  }
})

t.test('filling costs more than 2.8 Mbit/s, or anything where the stream fills its blocks', async t => {
  for (const everyMs of [10, 23, 33, 40, 67, 100, 200])
    for (const bytes of [16, 1000, 4000]) {
      const { own, filling } = play(bytes, everyMs)
      const most = Math.max(own, (10_000 / 95) * BLOCK) + 2 * BLOCK
      t.ok(own + filling <= most, `${bytes} bytes every ${everyMs} ms: ${own} + ${filling}`)
    }
  t.ok(play(BLOCK / 2, 40).filling <= BLOCK, '3.3 Mbit/s and more')
})

t.test('a box header does not fit into what is left of a block', async t => {
  for (let left = 1; left <= 9; left++) {
    const fill = new BlockFill()
    fill.sent(BLOCK - left, 1000)
    const [header, content] = fill.due(2000)!
    t.equal(header.readUInt32BE(), header.length + content.length)
    t.equal(header.length + content.length, left < 8 ? left + BLOCK : left)
    t.equal(fill.due(9000), undefined, 'a full block')
  }
})

t.test('while a player starts it waits as long for a block as later', async t => {
  const starting = new BlockFill()
  starting.start(1000)
  const usual = new BlockFill()
  for (let now = 1000, starts = 0, later = 0; now < 1500; now += 40) {
    starting.sent(100, now)
    usual.sent(100, now)
    if (starting.due(now)) starts++
    if (usual.due(now)) later++
    if (now === 1480) t.ok(starts > 2 * later, `${starts} blocks, ${later} otherwise`)
  }
})
