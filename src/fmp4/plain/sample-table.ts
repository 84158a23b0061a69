import { bigEndian, box, fullBox } from '../boxes/box-writer.ts'
import { NON_SYNC, type Sample } from '../fragments/fragment.ts'
import { Column, RunLengths } from './column.ts'

const MAX_UINT32 = 0xffff_ffff

/** The samples of one track, gathered from its fragments: what a plain MP4 says of them in its `stbl` (ISO/IEC 14496-12, 8.6 and 8.7). */
export class SampleTable {
  /** Decode time of the first sample, in units of the track's timescale. */
  start = 0
  readonly #sizes = new Column()
  readonly #durations = new RunLengths()
  readonly #compositionOffsets = new RunLengths()
  /** Numbers of the sync samples, from 1. */
  readonly #syncs = new Column()
  /** Of each chunk: where it begins, how many samples it has, how they are described. */
  readonly #positions: number[] = []
  readonly #chunkSamples = new RunLengths()
  readonly #descriptions = new RunLengths()
  /** Of the last sample, which lasts until the next one. */
  #lastDuration = 0
  #nextTime = 0
  #shownUntil = 0
  #reorders = false
  #negativeOffsets = false

  get samples(): number {
    return this.#sizes.length
  }

  /** In units of the track's timescale. */
  get duration(): number {
    return this.#nextTime - this.start
  }

  /** When the last picture is over, by composition times, in the same units from the first decode time on. */
  get shown(): number {
    return Math.max(this.#shownUntil, this.#nextTime) - this.start
  }

  /** A run of samples that lie from `position` on. Whatever time it leaves open the sample before fills. */
  add(
    decodeTime: number | undefined,
    description: number,
    position: number,
    samples: readonly Sample[],
  ): void {
    if (samples.length === 0) return
    if (this.samples === 0) {
      this.start = decodeTime ?? 0
      this.#nextTime = this.start
    } else if (decodeTime !== undefined) this.#stretchLast(decodeTime - this.#nextTime)
    for (const { duration, size, flags, compositionOffset } of samples) {
      if (this.samples > 0) this.#durations.push(this.#lastDuration)
      this.#lastDuration = duration
      this.#nextTime += duration
      this.#shownUntil = Math.max(this.#shownUntil, this.#nextTime + compositionOffset)
      this.#sizes.push(size)
      this.#compositionOffsets.push(compositionOffset >>> 0)
      this.#reorders ||= compositionOffset !== 0
      this.#negativeOffsets ||= compositionOffset < 0
      if ((flags & NON_SYNC) === 0) this.#syncs.push(this.samples)
    }
    this.#positions.push(position)
    this.#chunkSamples.push(samples.length)
    this.#descriptions.push(description)
  }

  /** The boxes that belong into `stbl` behind `stsd`. Nothing may be added afterwards. */
  boxes(): Uint8Array[] {
    if (this.samples > 0) this.#durations.push(this.#lastDuration)
    return [
      ...runLengthBox('stts', 0, this.#durations),
      ...(this.#reorders
        ? runLengthBox('ctts', this.#negativeOffsets ? 1 : 0, this.#compositionOffsets)
        : []),
      ...(this.#syncs.length === this.samples ? [] : columnBox('stss', [], this.#syncs)),
      ...this.#sampleToChunk(),
      ...columnBox('stsz', [0], this.#sizes),
      ...this.#chunkOffsets(),
    ]
  }

  #stretchLast(by: number): void {
    const stretched = Math.min(Math.max(this.#lastDuration + by, 0), MAX_UINT32)
    this.#nextTime += stretched - this.#lastDuration
    this.#lastDuration = stretched
  }

  /** An entry for each chunk that is not like the one before. */
  #sampleToChunk(): Uint8Array[] {
    const words: number[] = []
    const described = values(this.#descriptions)
    let before = ''
    let chunk = 0
    for (const samples of values(this.#chunkSamples)) {
      const description: number = described.next().value ?? 1
      chunk++
      const like = `${samples} ${description}`
      if (like !== before) words.push(chunk, samples, description)
      before = like
    }
    return fullBox('stsc', 0, words.length / 3, ...words)
  }

  #chunkOffsets(): Uint8Array[] {
    const far = this.#positions.some(position => position > MAX_UINT32)
    const bytes = Buffer.alloc(8 + this.#positions.length * (far ? 8 : 4))
    bytes.writeUInt32BE(this.#positions.length, 4)
    this.#positions.forEach((position, i) => {
      if (far) bytes.writeBigUInt64BE(BigInt(position), 8 + i * 8)
      else bytes.writeUInt32BE(position, 8 + i * 4)
    })
    return box(far ? 'co64' : 'stco', bytes)
  }
}

function* values(runs: RunLengths): Generator<number> {
  runs.flush()
  for (let i = 0; i < runs.counts.length; i++)
    for (let n = runs.counts.at(i); n > 0; n--) yield runs.values.at(i)
}

function runLengthBox(type: string, version: number, runs: RunLengths): Uint8Array[] {
  runs.flush()
  const { counts, values } = runs
  const bytes = Buffer.alloc(8 + counts.length * 8)
  bytes[0] = version
  bytes.writeUInt32BE(counts.length, 4)
  for (let i = 0; i < counts.length; i++) {
    bytes.writeUInt32BE(counts.at(i), 8 + i * 8)
    bytes.writeUInt32BE(values.at(i), 12 + i * 8)
  }
  return box(type, bytes)
}

/** Version and flags, `words`, the number of entries, and these. */
function columnBox(type: string, words: readonly number[], column: Column): Uint8Array[] {
  const head = bigEndian([0, ...words, column.length])
  const bytes = Buffer.alloc(head.length + column.length * 4)
  head.copy(bytes)
  for (let i = 0; i < column.length; i++) bytes.writeUInt32BE(column.at(i), head.length + i * 4)
  return box(type, bytes)
}
