import { Type } from 'typebox'

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** UTC, `YYYY-MM-DD HH:MM:SS`. */
export const Timestamp = Type.String({ examples: ['2026-05-01 18:30:00'] })
export const MaybeText = Nullable(Type.String())
export const MaybeTimestamp = Nullable(Timestamp)

export const UserId = Type.Object({ id: Type.Integer({ minimum: 1 }) })

export const Profile = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  email: MaybeText,
  full_name: MaybeText,
  is_admin: Type.Boolean(),
  is_active: Type.Boolean(),
  created_at: Timestamp,
  last_login: MaybeTimestamp,
})

export const ListedUser = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  is_admin: Type.Boolean(),
  is_active: Type.Boolean(),
  created_at: Timestamp,
  last_login: MaybeTimestamp,
})

export const CameraAccess = Type.Object(
  {
    mode: Type.Union([Type.Literal('all'), Type.Literal('custom')]),
    cameras: Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 500 }),
  },
  { examples: [{ mode: 'custom', cameras: ['Front_Door', 'Driveway'] }] },
)
