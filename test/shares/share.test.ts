import t from 'tap'
import { type Owner, Share, type ShareOptions } from '../../src/shares/share.ts'

const owner = (user: number, token = 'phone'): Owner => ({ user, token })

const refusal = new Error('full')
const shareOf = (options: Omit<ShareOptions, 'refusal'>) => new Share({ refusal: () => refusal, ...options })

/** Takes until nothing more is given; returns how to give each back. */
function takeAll(share: Share, who: Owner, evict?: () => void): (() => void)[] {
  const releases: (() => void)[] = []
  for (let i = 0; i <= share.total; i++) {
    try {
      releases.push(share.take(who, 1, evict))
    } catch (error) {
      if (error !== refusal) throw error
      break
    }
  }
  return releases
}

t.test('one user alone takes all, and whoever comes next finds nothing', async t => {
  const share = shareOf({ total: 24 })
  t.equal(takeAll(share, owner(1)).length, 21, 'all but the reserve')
  t.equal(takeAll(share, owner(2)).length, 3)
  t.equal(share.used, 24)
})

t.test('what a greedy user gives back goes to the greedy user again', async t => {
  const share = shareOf({ total: 16, reserve: 2 })
  const [first, second] = takeAll(share, owner(1)) as [() => void, () => void]
  t.equal(takeAll(share, owner(2)).length, 2)
  first()
  t.throws(() => share.take(owner(1)), refusal)
  t.ok(share.take(owner(2)))
  second()
  t.ok(share.take(owner(3)), 'the parts are smaller now')
  t.throws(() => share.take(owner(1)), refusal)
})

t.test('what can be evicted stays with whoever came first', async t => {
  const share = shareOf({ total: 12 })
  let evicted = 0
  const releases = takeAll(share, owner(1), () => evicted++)
  t.equal(releases.length, 10)
  t.equal(takeAll(share, owner(2)).length, 6, 'half of it')
  t.equal(share.usedBy(1), 6)
  t.equal(evicted, 4)
  for (const release of releases) release()
  t.equal(share.usedBy(1), 0, 'what was evicted is not given back twice')
  t.equal(share.used, 6)
})

t.test('a user who has less than others is evicted for one who has more', async t => {
  const share = shareOf({ total: 8, reserve: 0 })
  const evicted: number[] = []
  const taking = (user: number) => share.take(owner(user), 1, () => evicted.push(user))
  taking(2)
  for (let i = 0; i < 7; i++) taking(1)
  t.throws(() => taking(1), refusal)
  t.throws(() => share.admit(owner(1)), refusal)
  share.admit(owner(3))
  t.same(evicted, [], 'nobody for the one who has most')
  t.ok(taking(3))
  t.same(evicted, [1])
})

t.test('one token of a user takes what another of theirs needs', async t => {
  const share = shareOf({ total: 10, reserve: 0 })
  let evicted = 0
  t.equal(takeAll(share, owner(1, 'tablet'), () => evicted++).length, 10)
  t.ok(share.take(owner(1, 'phone')))
  t.equal(evicted, 1)
  t.equal(takeAll(share, owner(1, 'phone'), () => evicted++).length, 4, 'half of them in all')
})

t.test('bytes are counted as one place each', async t => {
  const share = shareOf({ total: 1000, reserve: 100 })
  const release = share.take(owner(1), 900)
  t.throws(() => share.take(owner(1), 1), refusal)
  t.ok(share.take(owner(2), 100))
  t.throws(() => share.take(owner(3), 1), refusal)
  release()
  release()
  t.equal(share.used, 100)
  t.throws(() => share.take(owner(1), 1001), refusal, 'more than there is')
  t.equal(share.used, 100)
})

t.test('whoever holds nothing is remembered', async t => {
  const share = shareOf({ total: 4, reserve: 1 })
  for (let user = 0; user < 100; user++) share.take(owner(user))()
  t.equal(share.used, 0)
  t.equal(takeAll(share, owner(1)).length, 3, 'nobody else has a part')
})
