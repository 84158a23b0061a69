import t from 'tap'
import type { FeedEntry } from '../../src/event-feed/change.ts'
import { type Change, readChange } from '../../src/event-feed/change.ts'
import { EventFeed } from '../../src/event-feed/feed.ts'
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
    listen: (after?: string, sees: (camera: string) => boolean = () => true) =>
      feed.listen(e => told.push(e), sees, after),
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

t.test('what happens at one camera must not displace what is kept of another', async t => {
  const { listen, tell, told } = start(3)
  listen()
  const quiet = (camera: string) => camera === 'Garden'
  tell(change('new', 'a', { camera: 'Garden' }), change('new', 'b', { camera: 'Garden' }))
  const { newest } = listen(undefined, quiet)
  for (let i = 0; i < 600; i++) tell(change('new', `busy${i}`))
  t.same(types(listen(told[0]?.id, quiet).missed ?? []), ['new b'])
  t.equal(listen(undefined, quiet).newest, newest, 'nor move where it has got to')
  t.equal(listen(told[0]?.id).missed, undefined, 'who sees both has missed something')
  t.not(listen().newest, newest)
  t.equal(listen(told.at(-1)?.id, quiet).missed, undefined, 'an entry that one may not see is no place')
})

t.test('a message of a hostile size, or a thousand cameras, must not be kept', async t => {
  const { listen, tell, told } = start()
  listen()
  const zones = Array.from({ length: 50 }, () => 'z'.repeat(100))
  for (let i = 0; i < 20; i++) tell(change('new', `large${i}`, { zones }))
  t.equal(listen(told[0]?.id).missed, undefined)
  t.equal(listen(told[14]?.id).missed?.length, 5)
  tell(change('new', 'last', { camera: 'Garden' }))
  for (let i = 0; i < 1000; i++) tell(change('new', `many${i}`, { camera: `Camera_${i}` }))
  const garden = told.find(({ event: { id } }) => id === 'last')?.id
  t.equal(listen(garden, camera => camera === 'Garden').missed, undefined, 'which is said')
})

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
  const read = (message: unknown) => readChange(JSON.stringify(message))
  t.equal(read({ type: 'new', before: {}, after })?.event.label.length, 100)
  t.match(read({ type: 'end', after: { ...after, sub_label: ['Bob', 0.9], entered_zones: ['P', 7] } }), {
    event: { sub_label: 'Bob', zones: ['P'] },
  })
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
  for (const message of bad) t.equal(read(message), undefined, JSON.stringify(message).slice(0, 40))
  for (const text of ['', '{', 'null', '{"type":"new"']) t.equal(readChange(text), undefined, text)
})

t.test('a message that becomes far more than its bytes must not be parsed', t => {
  const after = { id: '1.5-a', camera: 'A', label: 'person', start_time: 1, end_time: null }
  const withData = (data: string) =>
    `{"type":"new","after":${JSON.stringify(after).slice(0, -1)},"data":${data}}}`
  t.equal(readChange(withData(`[${'{},'.repeat(5000)}{}]`))?.event.id, '1.5-a', 'an ordinary one is')
  t.equal(readChange(withData(`[${'{},'.repeat(50_000)}{}]`)), undefined, '50,000 objects')
  t.equal(readChange(withData('['.repeat(50_000) + ']'.repeat(50_000))), undefined, '50,000 levels')
  t.equal(readChange(withData(`"${'x'.repeat(300_000)}"`)), undefined, '300 kB')
  t.end()
})
