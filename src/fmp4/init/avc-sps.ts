/** What players are told of a stream out of its sequence parameter set (ITU-T H.264, 7.3.2.1.1). */
export interface AvcSps {
  /** `profile_idc`, constraint flags and `level_idc`. */
  readonly profile: Uint8Array
  /** Of the picture that is shown, in samples. */
  readonly width: number
  readonly height: number
}

/** Profiles whose parameter sets tell the chroma format. */
const HIGH: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])
const MACROBLOCK = 16
const MOST_CYCLE = 255

/** Reads a sequence parameter set, NAL unit header included; undefined if it is none. */
export function readAvcSps(nal: Uint8Array): AvcSps | undefined {
  const bits = new Bits(unescaped(nal.subarray(1)))
  const profile = bits.bytes(3)
  bits.exponential()
  let chroma = 1
  if (HIGH.has(profile[0]!)) {
    chroma = bits.exponential()
    if (chroma === 3) bits.read(1)
    bits.exponential()
    bits.exponential()
    bits.read(1)
    const lists = bits.read(1) ? (chroma === 3 ? 12 : 8) : 0
    for (let i = 0; i < lists; i++) {
      const isPresent = bits.read(1)
      if (isPresent) skipScalingList(bits, i < 6 ? 16 : 64)
    }
  }
  bits.exponential()
  skipPictureOrder(bits)
  bits.exponential()
  bits.read(1)
  const columns = bits.exponential() + 1
  const rows = bits.exponential() + 1
  const framesOnly = bits.read(1)
  if (!framesOnly) bits.read(1)
  bits.read(1)
  const cropped = bits.read(1)
  const [left, right, top, bottom] = cropped
    ? [bits.exponential(), bits.exponential(), bits.exponential(), bits.exponential()]
    : [0, 0, 0, 0]
  const fields = 2 - framesOnly
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1
  const cropY = (chroma === 1 ? 2 : 1) * fields
  const width = columns * MACROBLOCK - (left + right) * cropX
  const height = rows * MACROBLOCK * fields - (top + bottom) * cropY
  return bits.exhausted || width <= 0 || height <= 0 ? undefined : { profile, width, height }
}

function skipScalingList(bits: Bits, size: number): void {
  let last = 8
  let next = 8
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256
    last = next === 0 ? last : next
  }
}

function skipPictureOrder(bits: Bits): void {
  const type = bits.exponential()
  if (type === 0) bits.exponential()
  if (type !== 1) return
  bits.read(1)
  bits.exponential()
  bits.exponential()
  const cycle = Math.min(bits.exponential(), MOST_CYCLE)
  for (let i = 0; i < cycle; i++) bits.exponential()
}

/** Without emulation prevention bytes (H.264, 7.4.1). */
function unescaped(bytes: Uint8Array): Uint8Array {
  const plain: number[] = []
  let zeros = 0
  for (const byte of bytes) {
    if (zeros < 2 || byte !== 3) plain.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return Uint8Array.from(plain)
}

/** Reads bits, most significant first. Beyond the end there are zeros. */
class Bits {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** More has been read than there is. */
  get exhausted(): boolean {
    return this.#at > this.#bytes.length * 8
  }

  read(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, this.#at++)
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1)
    return value
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.read(8))
  }

  /** ue(v) (H.264, 9.1). */
  exponential(): number {
    let zeros = 0
    while (zeros < 32 && !this.exhausted && this.read(1) === 0) zeros++
    return 2 ** zeros - 1 + this.read(zeros)
  }

  /** se(v) (H.264, 9.1.1). */
  signed(): number {
    const code = this.exponential()
    return code % 2 ? (code + 1) / 2 : -code / 2
  }
}
