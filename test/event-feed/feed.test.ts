import t from 'tap'
import { type Change, readChange } from '../../src/event-feed/change.ts'
import { EventFeed, type FeedEntry } from '../../src/event-feed/feed.ts'
import type { Source, SourceListener } from '../../src/event-feed/source.ts'

class Script implements Source {
  listener: SourceListener | undefined
  starts = 0
  start(listener: SourceListener): void {
    this.starts++
    this.listener = listener
    listener.connected(true)
  }
  stop(): void {
    this.listener = undefined
  }
}

const event = (id: string, more: object = {}) => ({
  id,
  camera: 'Driveway',
  label: 'person',
  sub_label: null,
  zones: [],
  start_time: 1,
  end_time: null,
  has_clip: false,
  has_snapshot: false,
  top_score: 0.5,
  ...more,
})
const change = (type: Change['type'], id: string, more: object = {}): Change => ({
  type,
  event: event(id, more),
})

function start(kept = 500) {
  const source = new Script()
  const fallback = new Script()
  const feed = new EventFeed({ source, fallback, kept })
  const told: FeedEntry[] = []
  const tell = (...changes: Change[]) => {
    for (const one of changes) source.listener?.change(one)
  }
  return {
    source,
    fallback,
    feed,
    told,
    tell,
    listen: (after?: string) => feed.listen(e => told.push(e), after),
  }
}
const types = (entries: readonly FeedEntry[]) => entries.map(({ type, event: { id } }) => `${type} ${id}`)

t.test('every listener would have a source of its own', async t => {
  const { source, feed, listen, tell, told } = start()
  for (let i = 0; i < 100; i++) listen()
  t.equal(source.starts, 1)
  tell(change('new', 'a'))
  t.equal(told.length, 100)
  feed.stop()
  t.equal(source.listener, undefined)
})

t.test('what happened while a client was away would be lost', async t => {
  const { listen, tell, told } = start()
  listen()
  tell(change('new', 'a'), change('new', 'b'), change('end', 'a', { end_time: 2 }))
  t.same(types(listen(told[0]?.id).missed ?? []), ['new b', 'end a'])
  t.same(listen(told[2]?.id).missed, [])
  t.same(listen().missed, [], 'a new client starts now')
})

t.test(
  'EventsKept: the ring would grow; who was away for longer would not know that something is missing',
  async t => {
    const { listen, tell, told } = start(3)
    listen()
    tell(...['a', 'b', 'c', 'd', 'e'].map(id => change('new', id)))
    t.same(types(listen(told[1]?.id).missed ?? []), ['new c', 'new d', 'new e'])
    for (const id of [told[0]?.id, 'other-run.4', 'nonsense', `${told[4]?.id.split('.')[0]}.99`, '.', ''])
      t.equal(listen(id).missed, undefined, String(id))
  },
)

t.test('every frame of an event would be told', async t => {
  const { listen, tell, told } = start()
  listen()
  tell(
    change('new', 'a'),
    change('update', 'a', { top_score: 0.6 }),
    change('update', 'a', { has_snapshot: true }),
    change('update', 'a', { has_snapshot: true }),
    change('update', 'a', { has_snapshot: true, zones: ['Porch'] }),
    change('new', 'a', { has_snapshot: true, zones: ['Porch'] }),
    change('end', 'a', { end_time: 3 }),
    change('end', 'a', { end_time: 3 }),
    change('update', 'a'),
  )
  t.same(types(told), ['new a', 'update a', 'update a', 'end a'])
})

t.test('a message that is none would be told, or a large one kept', async t => {
  const after = { id: '1.5-a', camera: 'A', label: 'x'.repeat(5000), start_time: 1, end_time: null }
  t.equal(readChange({ type: 'new', before: {}, after })?.event.label.length, 100)
  t.match(
    readChange({ type: 'end', after: { ...after, sub_label: ['Bob', 0.9], entered_zones: ['P', 7] } }),
    {
      event: { sub_label: 'Bob', zones: ['P'] },
    },
  )
  const bad = [
    null,
    7,
    [],
    {},
    { type: 'new' },
    { type: 'new', after: null },
    { type: 'gone', after },
    { type: 'new', after: { ...after, id: 7 } },
    { type: 'new', after: { ...after, id: 'x'.repeat(65) } },
    { type: 'new', after: { ...after, start_time: '1' } },
  ]
  for (const message of bad) t.equal(readChange(message), undefined, JSON.stringify(message).slice(0, 40))
})
