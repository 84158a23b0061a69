import type { Generated } from 'kysely'

/** SQLite has no booleans: 0 or 1. */
export type Flag = 0 | 1

/** UTC as `YYYY-MM-DD HH:MM:SS`, the form that the files of the old backend hold; it sorts as text. */
export type Timestamp = string

export interface UsersTable {
  id: Generated<number>
  username: string
  password_hash: string
  email: string | null
  full_name: string | null
  is_admin: Flag
  is_active: Flag
  created_at: Generated<Timestamp>
  last_login: Timestamp | null
}

export interface SessionsTable {
  /** The `jti` of its token. */
  id: string
  user_id: number
  created_at: Timestamp
  expires_at: Timestamp
  last_seen: Timestamp
  ip_address: string
  user_agent: string
}

export interface CameraAccessTable {
  user_id: number
  mode: 'all' | 'custom'
}

export interface UserCamerasTable {
  user_id: number
  /** Frigate camera name. */
  camera: string
}

export interface AuditLogTable {
  id: Generated<number>
  at: Timestamp
  action: string
  actor_id: number | null
  actor: string
  target: string | null
  ip_address: string
  detail: string | null
}

export interface LoginAttemptsTable {
  id: Generated<number>
  ip_address: string
  username: string | null
  success: Flag
  attempt_time: Timestamp
  user_agent: string | null
}

export interface LoginFailuresTable {
  id: Generated<number>
  /** What the failure counts against: an address, an IPv6 network, a name behind an unlisted proxy, an account. */
  subject: string
  /** Milliseconds since the epoch. */
  failed_at: number
}

export interface KnownNetworksTable {
  /** Counts up: the network that was last logged in from has the greatest. */
  id: Generated<number>
  user_id: number
  /** An IPv4 address or an IPv6 /64. */
  network: string
}

export interface BlockedIpsTable {
  id: Generated<number>
  ip_address: string
  blocked_at: Timestamp
  /** Files of the old backend may have a fraction of a second here. */
  blocked_until: Timestamp
  failed_attempts: number
  reason: string | null
}

export interface GeoCacheTable {
  ip_address: string
  country: string | null
  region: string | null
  city: string | null
  lat: number | null
  lon: number | null
  isp: string | null
  updated_at: Timestamp
}

export interface PlayerTokensTable {
  id: string
  user_id: number
  name: string
  /** SHA-256 of the token, base64url. */
  token_hash: string
  /** Frigate camera names as a JSON array. */
  cameras: string
  created_at: Timestamp
  last_used: Timestamp | null
}

export interface MemoryHoursTable {
  /** The first sample of the hour, in milliseconds since the epoch. */
  at: number
  /** Numbers as a JSON array: `min`, `mean`, `max` of each field. */
  spread: string
  /** What happened in the hour, as JSON. */
  marks: string
}

export interface PathHandlesTable {
  /** Counts up: the oldest has the smallest. */
  id: Generated<number>
  /** SHA-256 of the handle, base64url. */
  handle_hash: string
  /** What it stands on: a session or a player token. */
  session_id: string | null
  player_token_id: string | null
  kind: 'live' | 'clip' | 'recording'
  /** Tells subjects of one kind apart. */
  subject: string
  /** Frigate camera name. */
  camera: string | null
  /** Of a media token's handle, in milliseconds since the epoch; `null` for one that goes with its session. */
  issued_at: number | null
  expires_at: number | null
}

export interface HlsPositionsTable {
  /** go2rtc stream name. */
  stream: string
  number: number
  seconds: number
  discontinuity: number
  kept_at: number
}

export interface Schema {
  users: UsersTable
  sessions: SessionsTable
  camera_access: CameraAccessTable
  user_cameras: UserCamerasTable
  audit_log: AuditLogTable
  login_attempts: LoginAttemptsTable
  login_failures: LoginFailuresTable
  known_networks: KnownNetworksTable
  blocked_ips: BlockedIpsTable
  ip_geo_cache: GeoCacheTable
  player_tokens: PlayerTokensTable
  memory_hours: MemoryHoursTable
  path_handles: PathHandlesTable
  hls_positions: HlsPositionsTable
}
