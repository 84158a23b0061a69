import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Owner, Share } from '../../src/shares/share.ts'
import { startLive } from '../support/live-server.ts'

/** Takes what one owner gets, in pieces of a hundredth, and counts it. */
function greedy(share: Share, owner: Owner): number {
  const piece = Math.max(1, Math.floor(share.total / 100))
  const before = share.usedBy(owner.user)
  try {
    for (;;) share.take(owner, piece)
  } catch {
    return share.usedBy(owner.user) - before
  }
}

t.test('a bound that users share is missing from the table, or one user has all of it', async t => {
  const { app } = await startLive(t)
  const page = await readFile(join(import.meta.dirname, '../../docs/security.md'), 'utf8')
  const shares = [...app.shares.entries()]
  for (const [name] of shares) t.match(page, `\n| ${name} |`, name)
  const rows = [...page.matchAll(/^\| ([^|]+) \| [\d,]+[^|]* \| shared by \w+ \|/gm)].map(row => row[1])
  t.same(rows.sort(), shares.map(([name]) => name).sort())
  for (const [name, share] of shares) {
    const alone = greedy(share, { user: -1, token: 'a' })
    t.ok(alone >= 0.8 * share.total, `one user of ${name} has nearly everything`)
    t.ok(alone < share.total, `but not all ${share.total}`)
    t.ok(greedy(share, { user: -2, token: 'a' }) > 0, 'and another finds some of it')
  }
})
