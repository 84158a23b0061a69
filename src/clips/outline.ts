/** ISO/IEC 14496-12, 8.8.9: the index at the end of a fragmented file. */
const INDEX = 'mfra'
const HEADER = 8
const LARGE_HEADER = 16

/**
 * Follows the top-level boxes of an MP4 as it arrives, to tell a whole file from one that broke off: Frigate ends
 * its reply in good order also when the ffmpeg behind it dies.
 */
export class Mp4Outline {
  readonly #header = Buffer.alloc(LARGE_HEADER)
  #headerBytes = 0
  /** Of the current box, still to come. */
  #left = 0
  #type = ''
  #fragmented = false
  #media = false
  #broken = false

  /** All boxes are whole, and the index that closes a fragmented file is there. */
  get whole(): boolean {
    if (this.#left > 0 || this.#headerBytes > 0 || this.#broken || !this.#media) return false
    return !this.#fragmented || this.#type === INDEX
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#broken; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
      } else {
        at += this.#readHeader(chunk, at)
      }
    }
  }

  /** Returns how many bytes it took. */
  #readHeader(chunk: Buffer, at: number): number {
    const wanted = this.#headerBytes >= HEADER && this.#is64Bit() ? LARGE_HEADER : HEADER
    const taken = chunk.copy(this.#header, this.#headerBytes, at, at + wanted - this.#headerBytes)
    this.#headerBytes += taken
    if (this.#headerBytes < HEADER || (this.#is64Bit() && this.#headerBytes < LARGE_HEADER)) return taken
    const size = this.#is64Bit() ? Number(this.#header.readBigUInt64BE(8)) : this.#header.readUInt32BE(0)
    if (size < this.#headerBytes) this.#broken = true
    this.#left = size - this.#headerBytes
    this.#type = this.#header.toString('latin1', 4, 8)
    this.#fragmented ||= this.#type === 'moof'
    this.#media ||= this.#type === 'mdat'
    this.#headerBytes = 0
    return taken
  }

  #is64Bit(): boolean {
    return this.#header.readUInt32BE(0) === 1
  }
}
