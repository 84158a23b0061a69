import { type TProperties, Type } from 'typebox'

/**
 * Ids of Frigate's events, review items and exports: names joined by dots, so that nothing in one is a path. They
 * are made of a time and six random characters; what is longer than 64 is none.
 */
const ID = '^[A-Za-z0-9][A-Za-z0-9_-]*(?:\\.[A-Za-z0-9_-]+)*$'

export const Id = Type.String({ pattern: ID, maxLength: 64 })

export const EventParams = Type.Object({ id: Id })

const Names = Type.Optional(Type.String({ maxLength: 1000 }))
const Flag = Type.Optional(Type.Union([Type.Literal(0), Type.Literal(1)]))
/** Epoch seconds. */
const Time = Type.Optional(Type.Number({ minimum: 0, maximum: 1e11 }))
const Score = Type.Optional(Type.Number({ minimum: 0, maximum: 1 }))

export const TimeRange = { before: Time, after: Time }

/**
 * A query of which nothing but the named parameters goes further: clients add cache busters, and players their token.
 */
export function Query<T extends TProperties>(parameters: T) {
  return Type.Object(parameters, { additionalProperties: false })
}

/** Filters of a list: names are comma-separated, `all` is everything. The singular names are those of old clients. */
export const EventFilters = Query({
  camera: Names,
  cameras: Names,
  label: Names,
  labels: Names,
  zone: Names,
  zones: Names,
  sub_label: Names,
  sub_labels: Names,
  ...TimeRange,
  limit: Type.Integer({ minimum: 1, maximum: 2000, default: 100 }),
  has_clip: Flag,
  has_snapshot: Flag,
  in_progress: Flag,
  favorites: Flag,
  min_score: Score,
  max_score: Score,
  sort: Type.Optional(
    Type.Union(
      ['date_asc', 'date_desc', 'score_asc', 'score_desc', 'speed_asc', 'speed_desc'].map(sort =>
        Type.Literal(sort),
      ),
    ),
  ),
})

/** Passed through as Frigate tells it: members come and go with its versions. */
export const EventReply = Type.Object(
  { id: Type.String(), camera: Type.String(), label: Type.String() },
  { additionalProperties: true },
)
