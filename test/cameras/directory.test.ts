import t from 'tap'
import type { CameraAccess, Identity } from '../../src/access/identity.ts'
import { CameraDirectory, type CameraSource } from '../../src/cameras/directory.ts'
import { FOR_EVER } from '../../src/validity.ts'

const somebody = (access: CameraAccess, onlyCamera?: string): Identity => ({
  userId: 1,
  username: 'somebody',
  isAdmin: false,
  isActive: true,
  sessionId: 's',
  ...FOR_EVER,
  access,
  ...(onlyCamera === undefined ? {} : { onlyCamera }),
})
const EVERYTHING = somebody({ mode: 'all' })
const only = (...cameras: string[]) => somebody({ mode: 'custom', cameras: new Set(cameras) })

const go2rtc = (...names: string[]) => ({
  streams: async () => new Map(names.map(name => [name, {}])),
})
const down = { streams: () => Promise.reject(new Error('go2rtc is down')) }
const frigate = (cameras: Record<string, string[]>, stale = false): CameraSource => ({
  cameras: async () => ({
    cameras: Object.entries(cameras).map(([id, streams]) => ({ id, streams })),
    stale,
  }),
})

t.test('a camera without a stream of its own name plays its configured, _live or own stream', async t => {
  const directory = new CameraDirectory(
    frigate({ A: ['A_sub', 'A'], B: ['B'], C: ['C'], D: ['gone'] }),
    go2rtc('A_sub', 'A', 'B_live', 'C', 'C_live'),
  )
  const { cameras, stale } = await directory.list()
  t.equal(stale, false)
  t.same(
    cameras.map(({ id, stream }) => [id, stream]),
    [
      ['A', 'A_sub'],
      ['B', 'B_live'],
      ['C', 'C'],
      ['D', 'D'],
    ],
  )
})

t.test('go2rtc down: cameras stay, with the streams that Frigate names', async t => {
  const directory = new CameraDirectory(frigate({ A: ['A_sub'], B: ['B'] }), down)
  const { cameras } = await directory.list()
  t.same(
    cameras.map(({ stream }) => stream),
    ['A_sub', 'B'],
  )
})

t.test('Frigate down from the start: the cameras are go2rtc streams and marked stale', async t => {
  const dead = { cameras: () => Promise.reject(new Error('Frigate is down')) }
  const { cameras, stale } = await new CameraDirectory(dead, go2rtc('A', 'B')).list()
  t.equal(stale, true)
  t.same(
    cameras.map(({ id }) => id),
    ['A', 'B'],
  )
  await t.rejects(new CameraDirectory(dead, down).list(), { message: 'Frigate is down' })
})

t.test('no Frigate: the cameras are go2rtc streams and not stale', async t => {
  const directory = new CameraDirectory(undefined, go2rtc('front_door'))
  t.match(await directory.list(), { stale: false, cameras: [{ id: 'front_door', name: 'Front Door' }] })
  await t.rejects(new CameraDirectory(undefined, down).list(), { message: 'go2rtc is down' })
})

t.test('a user with chosen cameras would see the others or their streams', async t => {
  const directory = new CameraDirectory(
    frigate({ Front: ['Front_sub'], Nursery: ['Nursery_live'], Yard: [], Yard_live: [] }),
    go2rtc('Front', 'Front_sub', 'Nursery', 'Nursery_live', 'Nursery_main', 'birdseye', 'Yard', 'Yard_live'),
  )
  const front = only('Front')
  const { cameras } = await directory.visibleTo(front)
  t.same(
    cameras.map(({ id }) => id),
    ['Front'],
  )
  const sees = async (identity: Identity, stream: string) =>
    t.ok(await directory.streamVisibleTo(identity, stream), stream)
  const blind = async (identity: Identity, stream: string) =>
    t.notOk(await directory.streamVisibleTo(identity, stream), stream)
  for (const stream of ['Front', 'Front_sub']) await sees(front, stream)
  for (const stream of ['Nursery', 'Nursery_live', 'Nursery_main', 'birdseye', 'nothing'])
    await blind(front, stream)
  await sees(only('Nursery'), 'Nursery_live')
  await blind(only('Yard'), 'Yard_live')
  await sees(EVERYTHING, 'birdseye')
  await blind(EVERYTHING, 'nothing')
  await blind(somebody({ mode: 'all' }, 'Front'), 'Nursery')
  await t.rejects(directory.require(front, 'Nursery'), { code: 'CAMERA_NOT_FOUND', statusCode: 404 })
  await t.rejects(directory.require(front, 'nothing'), { code: 'CAMERA_NOT_FOUND', statusCode: 404 })
  await t.rejects(directory.require(front, '__proto__'), { code: 'CAMERA_NOT_FOUND' })
  t.match(await directory.require(front, 'Front'), { id: 'Front', stream: 'Front_sub' })
})
