import { parseJson } from '../json/parse.ts'
import { isRecord } from '../json/record.ts'

/** What is told of an event while it happens. */
export interface LiveEvent {
  readonly id: string
  readonly camera: string
  readonly label: string
  readonly sub_label: string | null
  readonly zones: readonly string[]
  /** Epoch seconds. */
  readonly start_time: number
  /** `null` while it goes on. */
  readonly end_time: number | null
  readonly has_clip: boolean
  readonly has_snapshot: boolean
  readonly top_score: number | null
}

export interface Change {
  readonly type: 'new' | 'update' | 'end'
  readonly event: LiveEvent
}

/** A message of Frigate's topic `events` (`{type, before, after}`), or one like it; `undefined` if it is none. */
export function readChange(text: string): Change | undefined {
  const message = text.length > LONGEST_MESSAGE ? undefined : readJson(text)
  if (!isRecord(message)) return undefined
  const { type, after } = message
  if (type !== 'new' && type !== 'update' && type !== 'end') return undefined
  const event = isRecord(after) ? readEvent(after) : undefined
  return event && { type, event }
}

/** JSON that somebody sends unasked; `undefined` if it is none, or more than anybody would send. */
export function readJson(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** An event of a message (`entered_zones`) or of a list (`zones`). */
export function readEvent(value: Readonly<Record<string, unknown>>): LiveEvent | undefined {
  const { id, camera, label, sub_label, start_time, end_time, top_score } = value
  if (typeof id !== 'string' || id.length > 64 || typeof camera !== 'string' || typeof label !== 'string')
    return undefined
  if (typeof start_time !== 'number' || camera.length > MOST_CHARACTERS) return undefined
  const named = Array.isArray(sub_label) ? sub_label[0] : sub_label
  return {
    id,
    camera,
    label: cut(label),
    sub_label: typeof named === 'string' ? cut(named) : null,
    zones: names(value.entered_zones ?? value.zones),
    start_time,
    end_time: typeof end_time === 'number' ? end_time : null,
    has_clip: value.has_clip === true,
    has_snapshot: value.has_snapshot === true,
    top_score: typeof top_score === 'number' ? top_score : scoreOf(value.data),
  }
}

/** Whether somebody who looks at a list would see a difference: Frigate tells of every frame. */
export function differs(a: LiveEvent, b: LiveEvent): boolean {
  return VISIBLE.some(member => a[member] !== b[member]) || a.zones.join() !== b.zones.join()
}

/** In characters: an event is some kilobytes. */
const LONGEST_MESSAGE = 256 * 1024
const VISIBLE = ['label', 'sub_label', 'end_time', 'has_clip', 'has_snapshot'] as const
const MOST_CHARACTERS = 100
const MOST_ZONES = 50

function names(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value
    .filter(name => typeof name === 'string')
    .slice(0, MOST_ZONES)
    .map(cut)
}

/** A copy: V8 keeps all of a text for as long as a slice of it is kept. */
function cut(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text
  return Buffer.from(text.slice(0, MOST_CHARACTERS), 'utf16le').toString('utf16le')
}

function scoreOf(data: unknown): number | null {
  return isRecord(data) && typeof data.top_score === 'number' ? data.top_score : null
}

/** A change as the feed keeps and tells it. */
export interface FeedEntry extends Change {
  /** Resumes the feed behind this entry. It is random: whoever sees some entries cannot count the others by it. */
  readonly id: string
  /** Counts the entries of all cameras; not for clients. */
  readonly order: number
}
