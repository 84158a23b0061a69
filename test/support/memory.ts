import type { Memory } from '../../src/fmp4/fragments/reader.ts'

/** Memory that only counts, for tests of what is taken and given back. */
export class CountedMemory implements Memory {
  used = 0
  peak = 0

  take(bytes: number): void {
    this.used += bytes
    this.peak = Math.max(this.peak, this.used)
  }

  give(bytes: number): void {
    this.used -= bytes
  }
}
