import { Type } from 'typebox'
import { Timestamp } from './users.ts'

export const ListedSession = Type.Object({
  id: Type.String(),
  created_at: Timestamp,
  expires_at: Timestamp,
  last_seen: Timestamp,
  ip_address: Type.String(),
  user_agent: Type.String(),
  current: Type.Boolean({ description: 'The one that asks' }),
})
