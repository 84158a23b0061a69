import t from 'tap'
import { PageKeeper } from '../../src/memory/page-keeper.ts'

const MIB = 1024 * 1024
const SECOND = 1000

function keeper() {
  let releases = 0
  const pages = new PageKeeper(() => {
    releases++
  })
  let now = 0
  return (megabytes: number) => {
    now += SECOND
    pages.look(megabytes * MIB, now)
    return releases
  }
}

t.test('pages are given back again and again although nothing grows', async t => {
  const look = keeper()
  for (let second = 0; second < 60; second++) t.equal(look(60 + (second % 3)), 0)
})

t.test('pages that a moment needed stay for ever', async t => {
  const look = keeper()
  look(60)
  t.equal(look(64), 1)
  t.equal(look(58), 1, 'what is in use comes back')
  t.equal(look(60), 1)
  for (let second = 0; second < 3; second++) look(60)
  t.equal(look(62), 2, 'it grew again, from 58')
})

t.test('what is in use is given back each second', async t => {
  const look = keeper()
  look(60)
  t.equal(look(64), 1)
  for (const growth of [60, 64, 68, 72]) t.equal(look(growth), 1)
  t.equal(look(76), 2)
})
