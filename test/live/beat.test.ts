import t from 'tap'
import { Beat, type BeatMember } from '../../src/live/camera/beat.ts'
import { ManualClock } from '../support/live.ts'

const MS = 40

/** A camera that has sent `backlog` reads' worth of data, and what is done with it. */
class Member implements BeatMember {
  watched = true
  backlog = 0
  reads = 0
  flushes = 0
  /** Milliseconds that a flush takes. */
  takesMs = 0
  readonly #name: string
  readonly #clock: ManualClock
  readonly #log: string[]

  constructor(name: string, clock: ManualClock, log: string[]) {
    this.#name = name
    this.#clock = clock
    this.#log = log
  }

  read(): void {
    this.reads++
    this.#log.push(`read ${this.#name}`)
  }

  readAll(): boolean {
    if (this.backlog > 0) this.backlog--
    return this.backlog === 0
  }

  flush(): void {
    this.flushes++
    this.#clock.time += this.takesMs
    this.#log.push(`flush ${this.#name}`)
  }
}

function started(names: readonly string[] = ['a', 'b', 'c']) {
  const clock = new ManualClock()
  const log: string[] = []
  const beat = new Beat(MS, clock)
  const members = names.map(name => new Member(name, clock, log))
  for (const member of members) beat.add(member)
  return { clock, log, beat, members }
}

t.test('cameras are read one by one, or sent before all have been read', async t => {
  const { clock, log } = started()
  clock.tick()
  t.same(log, ['read a', 'read b', 'read c'])
  clock.poll()
  t.same(log.splice(0), ['read a', 'read b', 'read c', 'flush a', 'flush b', 'flush c'])
  t.notOk(clock.waits, 'nothing more is done in this beat')
})

t.test('a timer runs although there is no camera', async t => {
  const { clock, beat, members } = started()
  t.ok(clock.runs)
  for (const member of members) beat.delete(member)
  t.notOk(clock.runs)
  beat.add(members[0]!)
  t.ok(clock.runs)
  clock.beat()
  t.equal(members[0]!.reads, 1)
})

t.test('a camera that nobody watches is read on each beat, or never', async t => {
  const { clock, members } = started()
  members[1]!.watched = false
  for (let i = 0; i < 30; i++) clock.beat()
  t.same(
    members.map(member => member.reads),
    [30, 10, 30],
  )
})

t.test('a camera that floods keeps the others from their beat', async t => {
  const { clock, members, log } = started()
  const [flood, ...others] = members
  flood!.backlog = Number.POSITIVE_INFINITY
  for (let i = 0; i < 10; i++) {
    clock.tick()
    for (let turn = 0; turn < 3; turn++) clock.poll()
  }
  t.ok(others.every(member => member.flushes === 10))
  t.equal(flood!.reads, 1, 'it is being read all the time')
  t.equal(flood!.flushes, 30, 'and what it sends does not pile up')
  flood!.backlog = 0
  clock.poll()
  t.notOk(clock.waits)
  log.length = 0
  clock.beat()
  t.match(log, ['read a'])
})

t.test('a camera that floods is the only one that is served, as sending takes long', async t => {
  const { clock, members } = started()
  const [flood, ...others] = members
  flood!.backlog = Number.POSITIVE_INFINITY
  for (const member of members) member.takesMs = 20
  clock.tick()
  for (let turn = 0; turn < 3; turn++) clock.poll()
  t.same(
    others.map(member => member.flushes),
    [1, 1],
  )
})

t.test('sending to many holds up the event loop', async t => {
  const { clock, members } = started(['a', 'b', 'c', 'd'])
  for (const member of members) member.takesMs = 3
  clock.tick()
  const servedIn: number[] = []
  for (let served = 0; clock.waits; ) {
    clock.poll()
    const now = members.reduce((sum, member) => sum + member.flushes, 0)
    servedIn.push(now - served)
    served = now
  }
  t.same(servedIn, [2, 2], 'no turn is longer than what takes 4 ms and one camera more')
})

t.test('a beat that comes while the last one is not over serves anybody twice', async t => {
  const { clock, members } = started()
  for (const member of members) member.takesMs = 50
  clock.tick()
  clock.poll()
  clock.tick()
  while (clock.waits) clock.poll()
  t.same(
    members.map(member => member.reads),
    [2, 1, 1],
  )
})

t.test('beats are made up for after the process slept, or stop when the clock goes back', async t => {
  const { clock, members } = started()
  clock.beat()
  clock.time += 3_600_000
  clock.beat()
  clock.time -= 7_200_000
  clock.beat()
  t.same(
    members.map(member => member.flushes),
    [3, 3, 3],
  )
})

t.test('a camera that is read now waits for the beat, or is read again at once', async t => {
  const { clock, beat, members } = started()
  members[1]!.watched = false
  beat.readNow(members[1]!)
  beat.readNow(members[1]!)
  t.equal(members[1]!.reads, 1)
  clock.poll()
  t.equal(members[1]!.flushes, 1)
  t.equal(members[0]!.reads, 0, 'the others keep their beat')
})

t.test('a camera that goes in the middle of a beat is served, or holds up the others', async t => {
  const { clock, beat, members } = started()
  clock.tick()
  beat.delete(members[1]!)
  beat.readNow(members[1]!)
  members[0]!.flush = () => beat.delete(members[2]!)
  clock.poll()
  t.same(
    members.map(member => member.flushes),
    [0, 0, 0],
  )
  t.notOk(clock.waits)
})
