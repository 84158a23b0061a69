const SECONDS = 10
const MEGABYTES = 0.17

/** `GET /api/<camera>/recordings?after&before`: ten-second segments without a gap, at most a day of them. */
export function demoRecordings(camera: string, after: number, before: number) {
  const first = Math.floor(Math.max(after, before - 86_400) / SECONDS)
  const last = Math.ceil(before / SECONDS)
  return Array.from({ length: Math.max(0, last - first) }, (_, index) => {
    const start = (first + index) * SECONDS
    return {
      id: `${start}.0-${camera}`,
      start_time: start,
      end_time: start + SECONDS,
      segment_size: MEGABYTES,
      motion: index % 12,
      objects: 0,
      duration: SECONDS,
    }
  })
}
