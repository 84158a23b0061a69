import { isRecord } from '../../json/record.ts'
import type { FrigateClient } from '../connection/client.ts'
import { listAsJson, rowsOf } from '../connection/lists.ts'
import { RangeBackwards, RangeTooLong } from '../errors.ts'
import { SAID_TO_ALL } from './version.ts'

const HOUR = 3600
/** A day, from midnight to midnight, has an hour more when the clocks are set back. */
const MAX_PLAYED_HOURS = 25
/** Two of them: that many ten-second segments a list may hold. */
const MAX_HOURS = 49
const MIB = 1024 * 1024
/** 0.18 tells up to 256 cells of motion with each segment, which are left where they are. */
const MAX_BYTES = 64 * MIB

/** What is recorded of a camera. */
export class Recordings {
  readonly #client: FrigateClient

  constructor(client: FrigateClient) {
    this.#client = client
  }

  /** A JSON array of segments between two epoch seconds, by default the last hour; `file_size` is in bytes, `duration` in seconds. */
  async list(
    camera: string,
    range: { after?: number | undefined; before?: number | undefined },
    signal?: AbortSignal,
  ): Promise<Buffer> {
    const { after, before } = SAID_TO_ALL.recordings(range)
    if (before - after > MAX_HOURS * HOUR) throw new RangeTooLong(MAX_HOURS)
    const path = `/api/${encodeURIComponent(camera)}/recordings`
    const request = { what: 'a list of recordings', query: { after, before }, signal, bytes: MAX_BYTES }
    return listAsJson(rowsOf(this.#client, path, request, isSegment), segment => {
      const { id, start_time, end_time, segment_size, motion, objects } = segment
      const told = { duration: duration(segment), file_size: fileSize(segment) }
      return { id, start_time, end_time, segment_size, motion, objects, ...told }
    })
  }

  /** Whether all of a span is recorded, in the last hour of it at least, without a hole of more than a second. */
  async cover(camera: string, start: number, end: number, signal: AbortSignal): Promise<boolean> {
    let covered = Math.max(start, end - HOUR)
    const path = `/api/${encodeURIComponent(camera)}/recordings`
    const request = {
      what: 'a list of recordings',
      query: { after: covered, before: end },
      signal,
      bytes: MAX_BYTES,
    }
    const rows: Segment[] = []
    for await (const some of rowsOf(this.#client, path, request, isSegment)) rows.push(...some)
    for (const { start_time, end_time } of rows.sort((a, b) => a.start_time - b.start_time)) {
      if (start_time > covered + 1) return false
      covered = Math.max(covered, end_time)
    }
    return covered >= end
  }

  /** A span of time that can be played: a day at most, however many hours it has. Throws `RANGE_TOO_LONG` and `RANGE_BACKWARDS`. */
  span({ after, before }: { after: number; before: number }): { after: number; before: number } {
    if (before - after > MAX_PLAYED_HOURS * HOUR) throw new RangeTooLong(MAX_PLAYED_HOURS)
    if (before <= after) throw new RangeBackwards()
    return { after, before }
  }

  /** A JSON array of the hours of each day that something is recorded of; `timezone` is a name such as `Europe/Vienna`. */
  async summary(camera: string, timezone: string | undefined, signal?: AbortSignal): Promise<Buffer> {
    const path = `/api/${encodeURIComponent(camera)}/recordings/summary`
    const request = { what: 'a summary of recordings', query: { timezone }, signal }
    return listAsJson(rowsOf(this.#client, path, request, isRecord), day => day)
  }
}

interface Segment {
  /** Epoch seconds. */
  readonly start_time: number
  readonly end_time: number
  readonly [member: string]: unknown
}

function isSegment(value: Readonly<Record<string, unknown>>): value is Segment {
  return typeof value.start_time === 'number' && typeof value.end_time === 'number'
}

function duration({ duration, start_time, end_time }: Segment): number {
  return typeof duration === 'number' ? duration : end_time - start_time
}

/** `segment_size` is in MiB, with two decimals. */
function fileSize({ segment_size }: Segment): number {
  return typeof segment_size === 'number' ? Math.round(segment_size * MIB) : 0
}
